import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerRequests, podLimits, podNonZeroRequests, podRequests } from './pod-resources.ts';
import {
  containerShouldRestart,
  hostPorts,
  hostPortsCollide,
  isPodActive,
  isPodAvailable,
  isPodReady,
  isTerminal,
  qosClass,
  runningContainers,
} from './pods.ts';
import type { Container, Pod, PodSpec, ResourceList, RestartPolicy } from './types/index.ts';

function container(name: string, requests: ResourceList | undefined, more: Partial<Container> = {}): Container {
  return { name, image: 'i', ...(requests === undefined ? {} : { resources: { requests } }), ...more };
}

function pod(spec: Partial<PodSpec>): Pick<Pod, 'spec'> {
  return { spec: { containers: [], ...spec } };
}

const sidecar = { restartPolicy: 'Always' } as const;

describe('pod requests', () => {
  it('containers add up; a resource nobody names is absent', () => {
    const two = pod({
      containers: [container('a', { cpu: '100m', memory: '1Gi' }), container('b', { cpu: '0.5', 'example.com/gpu': '1' })],
    });
    expect(podRequests(two)).toEqual({ cpu: 600, memory: 2 ** 30, 'example.com/gpu': 1 });
    expect(podRequests(pod({ containers: [container('a', undefined)] }))).toEqual({});
  });

  it('an init container counts with the sidecars before it, if that is more', () => {
    const spec = pod({
      containers: [container('main', { cpu: '1' })],
      initContainers: [container('first', { cpu: '3' }), container('side', { cpu: '500m' }, sidecar), container('last', { cpu: '2' })],
    });
    // main + side = 1.5; first alone = 3; last with side = 2.5.
    expect(podRequests(spec)).toEqual({ cpu: 3000 });
    const later = pod({ ...spec.spec, initContainers: [container('side', { cpu: '500m' }, sidecar), container('last', { cpu: '3' })] });
    expect(podRequests(later)).toEqual({ cpu: 3500 });
  });

  it('pod-level requests override, and overhead comes on top', () => {
    const spec = pod({
      containers: [container('a', { cpu: '1', memory: '1Gi', 'example.com/gpu': '2' })],
      resources: { requests: { cpu: '4', 'example.com/gpu': '9' } },
      overhead: { cpu: '250m', memory: '64Mi' },
    });
    expect(podRequests(spec)).toEqual({ cpu: 4250, memory: 2 ** 30 + 2 ** 26, 'example.com/gpu': 2 });
  });

  it('rounding: the sum is rounded up once, not each part', () => {
    expect(podRequests(pod({ containers: [container('a', { cpu: '1500u' }), container('b', { cpu: '1500u' })] }))).toEqual({ cpu: 3 });
    expect(podRequests(pod({ containers: [container('a', { cpu: '1500u' })] }))).toEqual({ cpu: 2 });
    expect(containerRequests(container('a', { memory: '0.1Ki' }))).toEqual({ memory: 103 });
  });

  it('for scoring: what a container does not name counts with a default, a zero does not', () => {
    const spec = pod({ containers: [container('a', undefined), container('b', { cpu: '0', memory: '1Mi' })] });
    expect(podNonZeroRequests(spec)).toEqual({ cpu: 100, memory: 200 * 2 ** 20 + 2 ** 20 });
  });

  it('limits: overhead raises only what is bounded', () => {
    const limited = { name: 'a', resources: { limits: { cpu: '1' } } };
    expect(podLimits(pod({ containers: [limited], overhead: { cpu: '100m', memory: '1Mi' } }))).toEqual({ cpu: 1100 });
  });

  it('property: more containers never ask for less, and order does not matter', () => {
    const one = fc.integer({ min: 0, max: 10_000 }).map((millis) => container('c', { cpu: `${millis}m` }));
    fc.assert(
      fc.property(fc.array(one), fc.array(one), one, (containers, initContainers, extra) => {
        const base = podRequests(pod({ containers, initContainers }))['cpu'] ?? 0;
        expect(podRequests(pod({ containers: [...containers, extra], initContainers }))['cpu']).toBeGreaterThanOrEqual(base);
        expect(podRequests(pod({ containers: containers.toReversed(), initContainers: initContainers.toReversed() }))['cpu'] ?? 0).toBe(
          base,
        );
      }),
    );
  });
});

describe('quality of service', () => {
  const both = (amounts: ResourceList): Container => ({ name: 'c', resources: { requests: amounts, limits: amounts } });
  it.each<[string, Partial<PodSpec>, string]>([
    ['nothing set', { containers: [container('a', undefined)] }, 'BestEffort'],
    ['only an extended resource', { containers: [container('a', { 'example.com/gpu': '1' })] }, 'BestEffort'],
    ['zero requests', { containers: [container('a', { cpu: '0' })] }, 'BestEffort'],
    ['requests only', { containers: [container('a', { cpu: '1' })] }, 'Burstable'],
    ['all equal', { containers: [both({ cpu: '1', memory: '1Gi' })] }, 'Guaranteed'],
    [
      'equal in other units',
      { containers: [{ name: 'a', resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { cpu: '1', memory: '1Gi' } } }] },
      'Guaranteed',
    ],
    ['one resource missing', { containers: [both({ cpu: '1' })] }, 'Burstable'],
    [
      'init container without',
      { containers: [both({ cpu: '1', memory: '1Gi' })], initContainers: [container('i', undefined)] },
      'Burstable',
    ],
    [
      'pod level decides',
      {
        containers: [container('a', undefined)],
        resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } },
      },
      'Guaranteed',
    ],
  ])('%s: %s', (_title, spec, expected) => {
    expect(qosClass(pod(spec))).toBe(expected);
  });
});

describe('pods', () => {
  it("restart: policy of the container wins over the pod's, exit rules over both", () => {
    const decide = (policy: RestartPolicy | undefined, podPolicy: RestartPolicy, exit: number): boolean =>
      containerShouldRestart(policy === undefined ? {} : { restartPolicy: policy }, podPolicy, exit);
    expect([
      decide(undefined, 'Always', 0),
      decide(undefined, 'OnFailure', 0),
      decide(undefined, 'OnFailure', 1),
      decide(undefined, 'Never', 1),
    ]).toEqual([true, false, true, false]);
    expect(decide('Always', 'Never', 0)).toBe(true);
    const rules = {
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    } as const;
    expect([containerShouldRestart(rules, 'Always', 42), containerShouldRestart(rules, 'Always', 1)]).toEqual([true, false]);
  });

  it('state: ready, active and terminal follow status and deletion', () => {
    const ready = {
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: '1970-01-01T00:00:10Z' }] },
    } as const;
    expect(isPodReady(ready)).toBe(true);
    expect([isPodAvailable(ready, 0, 0), isPodAvailable(ready, 5, 14_999_999), isPodAvailable(ready, 5, 15_000_000)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(isTerminal({ status: { phase: 'Succeeded' } })).toBe(true);
    expect(isPodActive({ metadata: { name: 'a' }, status: { phase: 'Running' } })).toBe(true);
    expect(isPodActive({ metadata: { name: 'a', deletionTimestamp: '1970-01-01T00:00:00Z' } })).toBe(false);
    expect(isPodActive({ metadata: { name: 'a' }, status: { phase: 'Failed' } })).toBe(false);
  });

  it('host ports: of sidecars and regular containers; a wildcard address collides with all', () => {
    const spec = pod({
      containers: [{ name: 'a', ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] }],
      initContainers: [
        { name: 's', restartPolicy: 'Always', ports: [{ containerPort: 53, hostPort: 53, hostIP: '10.0.0.1', protocol: 'UDP' }] },
        { name: 'i', ports: [{ containerPort: 9, hostPort: 9 }] },
      ],
    });
    expect(hostPorts(spec)).toEqual([
      { ip: '10.0.0.1', protocol: 'UDP', port: 53 },
      { ip: '0.0.0.0', protocol: 'TCP', port: 8080 },
    ]);
    expect(runningContainers(spec.spec).map(({ name }) => name)).toEqual(['s', 'a']);
    const at = (ip: string, protocol: 'TCP' | 'UDP' = 'TCP') => ({ ip, protocol, port: 80 }) as const;
    expect(hostPortsCollide(at('0.0.0.0'), at('10.0.0.1'))).toBe(true);
    expect(hostPortsCollide(at('10.0.0.2'), at('10.0.0.1'))).toBe(false);
    expect(hostPortsCollide(at('10.0.0.1'), at('10.0.0.1', 'UDP'))).toBe(false);
  });
});
