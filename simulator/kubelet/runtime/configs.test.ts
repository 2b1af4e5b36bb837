import type { ConfigMap, Container, Secret, Service } from '@slipway/kube';
import { decodeUtf8 } from '@slipway/host';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerOf, podOf } from '../testing/observations.ts';
import { volumeFiles } from '../volumes/kinds/volume-files.ts';
import { decodeBase64 } from '@slipway/host';
import { containerConfig } from './container-config.ts';
import { containerResources, cpuQuota, cpuShares, oomScoreAdjust } from './container-resources.ts';
import { dnsConfig } from './dns-config.ts';
import { environment, type EnvironmentSources } from './environment.ts';
import { expand } from './expansion.ts';
import { hostsFileContent, podSandboxConfig } from './pod-sandbox-config.ts';
import { containerSecurityContext } from './security-context.ts';
import { serviceVariables } from './service-environment.ts';

const dns = { servers: ['10.96.0.10'], domain: 'cluster.local', host: { servers: ['1.1.1.1'], searches: ['example.org'] } };
const gibibyte = 1024 ** 3;

const settings: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { A: '1', B: '2' } };
const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'secret' }, data: { S: 'aMOkaMOk' } };

const sources = (more: Partial<EnvironmentSources> = {}): EnvironmentSources => ({
  pod: podOf({ nodeName: 'node-1' }, { labels: { app: 'web', tier: 'front' } }),
  podIPs: ['10.244.0.5'],
  hostIPs: ['192.168.0.1'],
  node: undefined,
  configMaps: new Map([['settings', settings]]),
  secrets: new Map([['secret', secret]]),
  services: new Map([['WEB_SERVICE_HOST', '10.96.0.1']]),
  ...more,
});

const environmentOf = (container: Partial<Container>, more: Partial<EnvironmentSources> = {}) =>
  Object.fromEntries(environment(containerOf('app', container), sources(more)).map(({ name, value }) => [name, value]));

describe('expand', () => {
  it.each([
    ['$(A)', '1'],
    ['x$(A)y$(B)', 'x1y2'],
    ['$$(A)', '$(A)'],
    ['$(MISSING)', '$(MISSING)'],
    ['$A ${A} $(', '$A ${A} $('],
    ['plain', 'plain'],
  ])('%s becomes %s', (text, expected) => {
    expect(expand(text, (name) => ({ A: '1', B: '2' })[name])).toBe(expected);
  });
});

describe('environment', () => {
  it('whole objects, then own variables, then services; the later one wins', () => {
    const env = [
      { name: 'B', value: 'own' },
      { name: 'C', value: '$(A)-$(B)-$(WEB_SERVICE_HOST)' },
    ];
    expect(
      environmentOf({
        envFrom: [
          { prefix: '', configMapRef: { name: 'settings' } },
          { prefix: 'X_', secretRef: { name: 'secret' } },
        ],
        env,
      }),
    ).toEqual({
      A: '1',
      X_S: 'hähä',
      B: 'own',
      C: '1-own-10.96.0.1',
      WEB_SERVICE_HOST: '10.96.0.1',
    });
  });

  it('fields of the pod', () => {
    const paths = [
      'metadata.name',
      'metadata.namespace',
      'spec.nodeName',
      'status.podIP',
      'status.hostIP',
      "metadata.labels['app']",
      'metadata.labels',
    ];
    const env = paths.map((fieldPath, index) => ({ name: `F${index}`, valueFrom: { fieldRef: { fieldPath } } }));
    expect(Object.values(environmentOf({ env }, { services: new Map() }))).toEqual([
      'web',
      'default',
      'node-1',
      '10.244.0.5',
      '192.168.0.1',
      'web',
      'app="web"\ntier="front"',
    ]);
  });

  it('resources of the container, rounded up to their divisor', () => {
    const resources = { limits: { cpu: '1500m', memory: '100Mi' } };
    const ref = (resource: string, divisor?: string) => ({
      name: resource,
      valueFrom: { resourceFieldRef: { resource, ...(divisor ? { divisor } : {}) } },
    });
    expect(environmentOf({ resources, env: [ref('limits.cpu'), ref('limits.memory', '1Mi'), ref('requests.cpu')] })).toMatchObject({
      'limits.cpu': '2',
      'limits.memory': '100',
      'requests.cpu': '0',
    });
  });

  it('what is missing is an error unless it is optional', () => {
    const key = (name: string, optional: boolean) => ({
      env: [{ name: 'V', valueFrom: { configMapKeyRef: { name, key: 'nope', optional } } }],
    });
    expect(() => environmentOf(key('settings', false))).toThrow("couldn't find key nope in ConfigMap default/settings");
    expect(() => environmentOf(key('other', false))).toThrow('configmap "other" not found');
    expect(environmentOf(key('other', true))).not.toHaveProperty('V');
  });
});

describe('serviceVariables', () => {
  it('has both families of names, and none for headless services', () => {
    const service = (name: string, clusterIP: string): Service => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { clusterIP, ports: [{ name: 'http', port: 80 }] },
    });
    expect(Object.fromEntries(serviceVariables([service('my-web', '10.96.0.7'), service('db', 'None')]))).toEqual({
      MY_WEB_SERVICE_HOST: '10.96.0.7',
      MY_WEB_SERVICE_PORT: '80',
      MY_WEB_SERVICE_PORT_HTTP: '80',
      MY_WEB_PORT: 'tcp://10.96.0.7:80',
      MY_WEB_PORT_80_TCP: 'tcp://10.96.0.7:80',
      MY_WEB_PORT_80_TCP_PROTO: 'tcp',
      MY_WEB_PORT_80_TCP_PORT: '80',
      MY_WEB_PORT_80_TCP_ADDR: '10.96.0.7',
    });
  });
});

describe('dnsConfig', () => {
  it.each([
    [
      'ClusterFirst',
      {},
      {
        servers: ['10.96.0.10'],
        searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local', 'example.org'],
        options: ['ndots:5'],
      },
    ],
    ['ClusterFirst with the node’s network', { hostNetwork: true }, dns.host],
    ['Default', { dnsPolicy: 'Default' }, dns.host],
    ['None', { dnsPolicy: 'None' }, {}],
    [
      'None with settings',
      { dnsPolicy: 'None', dnsConfig: { nameservers: ['9.9.9.9'] } },
      { servers: ['9.9.9.9'], searches: [], options: [] },
    ],
  ] as const)('%s', (_title, spec, expected) => {
    expect(dnsConfig(podOf(spec), dns)).toEqual(expected);
  });
});

describe('podSandboxConfig', () => {
  it('names the pod, maps host ports, and places the cgroup by class', () => {
    const ports = [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }];
    const config = podSandboxConfig(podOf({ containers: [containerOf('a', { ports })] }, { labels: { app: 'web' } }), 2, dns);
    expect(config).toMatchObject({
      metadata: { name: 'web', namespace: 'default', uid: 'u1', attempt: 2 },
      hostname: 'web',
      logDirectory: '/var/log/pods/default_web_u1',
      portMappings: [{ protocol: 'TCP', containerPort: 80, hostPort: 8080 }],
      labels: { app: 'web', 'io.kubernetes.pod.name': 'web', 'io.kubernetes.pod.namespace': 'default', 'io.kubernetes.pod.uid': 'u1' },
      linux: {
        cgroupParent: '/kubepods/besteffort/podu1',
        securityContext: { namespaceOptions: { network: 'POD', pid: 'CONTAINER', ipc: 'POD' } },
      },
    });
    expect(podSandboxConfig(podOf({ hostNetwork: true }), 0, dns)).not.toHaveProperty('hostname');
  });

  it('the hosts file knows the pod by its names', () => {
    const pod = podOf({ hostname: 'db-0', subdomain: 'db', hostAliases: [{ ip: '1.2.3.4', hostnames: ['x', 'y'] }] });
    const content = hostsFileContent(pod, ['10.244.0.5'], 'cluster.local');
    expect(content).toContain('10.244.0.5\tdb-0.db.default.svc.cluster.local\tdb-0\n');
    expect(content).toContain('1.2.3.4\tx\ty\n');
  });
});

describe('containerConfig', () => {
  it('expands arguments and keeps what a later kubelet must know', () => {
    const container = containerOf('app', {
      command: ['run'],
      args: ['--host=$(HOST)'],
      ports: [{ containerPort: 80 }],
      lifecycle: { preStop: { sleep: { seconds: 1 } } },
    });
    const config = containerConfig({
      pod: podOf({ containers: [container], terminationGracePeriodSeconds: 9 }),
      container,
      restartCount: 3,
      imageRef: 'sha256:abc',
      imageUser: {},
      variables: [{ name: 'HOST', value: 'web' }],
      mounts: [],
      devices: [],
      nodeMemoryBytes: 16 * gibibyte,
    });
    expect(config).toMatchObject({
      metadata: { name: 'app', attempt: 3 },
      image: { image: 'sha256:abc', userSpecifiedImage: 'app:1' },
      args: ['--host=web'],
      logPath: 'app/3.log',
      labels: { 'io.kubernetes.container.name': 'app', 'io.kubernetes.pod.uid': 'u1' },
      annotations: {
        'io.kubernetes.container.restartCount': '3',
        'io.kubernetes.container.ports': '[{"containerPort":80}]',
        'io.kubernetes.container.preStopHandler': '{"sleep":{"seconds":1}}',
        'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
        'io.kubernetes.pod.terminationGracePeriod': '9',
        'io.kubernetes.container.type': 'container',
      },
    });
    expect(config.envs?.map(({ key, value }) => `${key}=${decodeUtf8(value)}`)).toEqual(['HOST=web']);
  });
});

describe('containerResources', () => {
  it.each([
    [0, 2, 0],
    [1, 2, 1000],
    [100, 102, 10_000],
    [2000, 2048, 200_000],
  ])('%i millicores: %i shares, quota %i', (millis, shares, quota) => {
    expect([cpuShares(millis), cpuQuota(millis)]).toEqual([shares, quota]);
  });

  it('a limit without a request counts as request', () => {
    const container = containerOf('app', { resources: { limits: { cpu: '1', memory: '1Gi' } } });
    expect(containerResources(podOf({ containers: [container] }), container, 16 * gibibyte)).toMatchObject({
      cpuShares: 1024,
      cpuQuota: 100_000,
      memoryLimitInBytes: gibibyte,
    });
  });

  it('who asks for more memory is killed later; who asks for nothing first, who is guaranteed last', () => {
    const score = (qosClass: 'Guaranteed' | 'Burstable' | 'BestEffort', memory = '0') => {
      const container = containerOf('app', { resources: { requests: { memory } } });
      return oomScoreAdjust({ ...podOf({ containers: [container] }), status: { qosClass } }, container, 16 * gibibyte);
    };
    expect([score('Guaranteed'), score('BestEffort'), score('Burstable', '4Gi'), score('Burstable', '16Gi'), score('Burstable')]).toEqual([
      -997, 1000, 750, 3, 999,
    ]);
  });
});

describe('containerSecurityContext', () => {
  it('the container comes before the pod, the pod before the image', () => {
    const pod = podOf({ securityContext: { runAsUser: 1000, runAsGroup: 2000, fsGroup: 3000 } });
    expect(containerSecurityContext(pod, containerOf('a'), { uid: 5 })).toMatchObject({
      runAsUser: { value: 1000 },
      runAsGroup: { value: 2000 },
      supplementalGroups: [3000],
    });
    const own = containerOf('a', { securityContext: { runAsUser: 7, allowPrivilegeEscalation: false } });
    expect(containerSecurityContext(pod, own, {})).toMatchObject({ runAsUser: { value: 7 }, noNewPrivs: true });
    expect(containerSecurityContext(podOf(), containerOf('a'), { uid: 5 }).runAsUser).toEqual({ value: 5 });
  });

  it.each([
    [{ runAsUser: 0 }, {}, "container's runAsUser breaks non-root policy"],
    [{}, { uid: 0 }, 'container has runAsNonRoot and image will run as root'],
    [{}, { username: 'app' }, 'container has runAsNonRoot and image has non-numeric user (app)'],
  ] as const)('runAsNonRoot refuses %j with image %j', (securityContext, image, message) => {
    const container = containerOf('a', { securityContext: { runAsNonRoot: true, ...securityContext } });
    expect(() => containerSecurityContext(podOf({ containers: [container] }), container, image)).toThrow(message);
  });
});

describe('volumeFiles', () => {
  it('puts keys at their paths', () => {
    const files = volumeFiles({ name: 'v', configMap: { name: 'settings', items: [{ key: 'A', path: 'sub/a' }] } }, sources());
    expect(Object.fromEntries(files)).toEqual({ 'sub/a': '1' });
  });

  it('a projected volume joins its sources', () => {
    const projected = {
      sources: [
        { serviceAccountToken: { path: 'token' } },
        { configMap: { name: 'settings' } },
        { downwardAPI: { items: [{ path: 'ns', fieldRef: { fieldPath: 'metadata.namespace' } }] } },
      ],
    };
    expect([...volumeFiles({ name: 'v', projected }, sources()).keys()]).toEqual(['token', 'A', 'B', 'ns']);
  });

  it('what is missing is an error unless it is optional', () => {
    expect(() => volumeFiles({ name: 'v', secret: { secretName: 'nope' } }, sources())).toThrow('secret "nope" not found');
    expect(volumeFiles({ name: 'v', secret: { secretName: 'nope', optional: true } }, sources()).size).toBe(0);
  });
});

describe('decodeBase64', () => {
  it('reads what Node writes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect([...decodeBase64(Buffer.from(bytes).toString('base64'))]).toEqual([...bytes]);
      }),
    );
  });
});
