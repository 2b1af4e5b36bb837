import { definePlugin, type Plugin } from '@slipway/plugin';
import { minutes, type Process, seconds, sleep } from '@slipway/kernel';
import type { Deployment, Node, Pod } from '@slipway/kube';
import { applyManifests, loadManifests, type PluginChoices, SettleWatch, type World, worldFactory } from '@slipway/simulator';
import '@slipway/cni';
import { describe, expect, test } from 'vitest';

const web = (replicas: number, image = 'nginx:1.27'): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - { name: web, image: "${image}", ports: [{ containerPort: 80 }], readinessProbe: { httpGet: { path: /, port: 80 }, periodSeconds: 2 } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`;

async function cluster(yaml: string, choices: PluginChoices = {}, nodes = 3): Promise<{ world: World; ready: boolean; settled: boolean }> {
  const names = Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);
  const world = worldFactory(choices)({ nodes: names.map((name) => ({ name })), trace: { keep: true } });
  const watch = new SettleWatch(world.kernel, world.server);
  const { objects } = loadManifests([{ file: 'test.yaml', text: yaml }]);
  await world.kernel.completeAsync(world.user, 'apply', applyManifests(world, objects, names));
  const outcome = await watch.settle((until) => world.kernel.runAsync({ until }));
  world.invariants.atRest();
  return { world, ...outcome };
}

const pods = (world: World): Pod[] => [...world.server.objects('pods')] as Pod[];
const run = <T>(world: World, process: Process<T>): T => world.kernel.complete(world.user, 'test', process);
const eventReasons = (world: World): string[] =>
  [...world.server.objects('events')].map((event) => String((event as { reason?: string }).reason));

/** A network whose ADD is what the test says. */
const network = (name: string, add: (address: string) => unknown): Plugin =>
  definePlugin({
    interface: 'cni',
    name,
    create: ({ host }) => {
      let last = 1;
      return {
        add({ ifname, netns, config }) {
          last += 1;
          const address = `${String(config.subnet).split('.').slice(0, 3).join('.')}.${last}/24`;
          host?.network.get(netns)?.addInterface({ name: ifname, kind: 'veth', addresses: [address] });
          return add(address) as never;
        },
        del() {},
      };
    },
  }) as unknown as Plugin;

describe('a Deployment and its Service', () => {
  test.each([
    ['containerd', 'flannel', 'runc'],
    ['containerd', 'bridge', 'crun'],
    ['crio', 'flannel', 'crun'],
    ['crio', 'bridge', 'runc'],
  ])('go live under %s, %s and %s, and no invariant breaks', async (cri, cni, oci) => {
    const { world, ready } = await cluster(web(4), { cri: { use: cri }, cni: { use: cni }, oci: { use: oci } });
    expect(ready).toBe(true);
    expect(new Set(pods(world).map(({ status }) => status?.podIP)).size).toBe(4);
    const [slice] = [...world.server.objects('endpointslices')] as unknown as { endpoints: { conditions: { ready: boolean } }[] }[];
    expect(slice?.endpoints.filter(({ conditions }) => conditions.ready)).toHaveLength(4);
    expect([world.invariants.violations, world.breaches]).toEqual([[], []]);
  });

  test('are gone without a trace on the machines once the Deployment is deleted', async () => {
    const { world } = await cluster(web(3));
    run(world, world.api.deployments.delete({ namespace: 'default', name: 'web' }));
    run(world, sleep(minutes(4)));
    expect(pods(world)).toEqual([]);
    for (const { host } of world.nodes.values()) expect(host.network.list(), host.name).toEqual([]);
    world.invariants.atRest();
    expect(world.invariants.violations).toEqual([]);
  });

  test('roll to a new image without ever having fewer than three available', async () => {
    const { world } = await cluster(web(4));
    let least = 4;
    world.server.observe(({ resource, object }) => {
      if (resource === 'deployments') least = Math.min(least, (object as Deployment).status?.availableReplicas ?? 0);
    });
    const patch = { spec: { template: { spec: { containers: [{ name: 'web', image: 'nginx:1.28' }] } } } };
    run(world, world.api.deployments.patch({ namespace: 'default', name: 'web', type: 'strategic', patch }));
    run(world, sleep(minutes(2)));
    expect(new Set(pods(world).map(({ spec }) => spec.containers[0]?.image))).toEqual(new Set(['nginx:1.28']));
    expect(least).toBeGreaterThanOrEqual(3);
    expect(world.invariants.violations).toEqual([]);
  });
});

describe('power loss', () => {
  test('the node turns Unknown after 50 s, its pods go after 300 s more and run elsewhere; with power back it is Ready', {
    timeout: 60_000,
  }, async () => {
    const { world } = await cluster(web(3));
    const lost = world.nodes.get('node-1');
    const readyOf = (name: string): string | undefined =>
      ([...world.server.objects('nodes')] as Node[])
        .find(({ metadata }) => metadata.name === name)
        ?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    lost?.powerOff();
    run(world, sleep(seconds(49)));
    expect(readyOf('node-1')).toBe('True');
    run(world, sleep(seconds(17)));
    expect(readyOf('node-1')).toBe('Unknown');
    run(world, sleep(seconds(330)));
    const running = pods(world).filter(({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.nodeName !== 'node-1');
    expect(running).toHaveLength(3);
    lost?.powerOn();
    run(world, sleep(minutes(3)));
    expect(readyOf('node-1')).toBe('True');
    expect(pods(world)).toHaveLength(3);
    expect(world.invariants.violations).toEqual([]);
  });
});

describe('a plugin of somebody else', () => {
  test('written with async: pods run all the same', async () => {
    const plugin = network('async-network', async (address) => {
      await Promise.resolve();
      return { cniVersion: '1.1.0', interfaces: [{ name: 'eth0', sandbox: '/x' }], ips: [{ address, interface: 0 }] };
    });
    const { ready, world } = await cluster(web(2), { cni: { use: plugin } });
    expect([ready, world.breaches.filter(({ side }) => side === 'plugin')]).toEqual([true, []]);
  });

  test.each<[string, () => unknown, string]>([
    ['answers nothing', () => undefined, 'INTERNAL'],
    ['answers an address that is none', () => ({ cniVersion: '1.1.0', ips: [{ address: '999.1.1.1' }] }), 'answered outside its spec'],
    [
      'throws a TypeError',
      () => {
        throw new TypeError('x is not a function');
      },
      'x is not a function',
    ],
  ])('that %s: is named with the call, pods wait, the run goes on', async (_what, add) => {
    const { world, ready, settled } = await cluster(web(1), { cni: { use: network('broken-network', add) } });
    expect([ready, settled]).toEqual([false, true]);
    expect(world.breaches).toContainEqual(
      expect.objectContaining({ side: 'plugin', call: 'cni.Plugin/Add', culprit: expect.stringMatching(/^broken-network\/node-/) }),
    );
    expect(eventReasons(world)).toContain('FailedCreatePodSandBox');
  });

  test('that hangs: the kubelet meets its deadline and the run goes on', async () => {
    const hanging = network('hanging-network', function* (): Process {
      for (;;) yield* sleep(minutes(1));
    });
    const { world, ready } = await cluster(web(1), { cni: { use: hanging } });
    run(world, sleep(minutes(10)));
    expect(ready).toBe(false);
    expect(eventReasons(world)).toContain('FailedCreatePodSandBox');
  });

  test('that refuses with a plain error: an answer like any other, and the pod says so', async () => {
    const refusing = network('full-network', () => {
      throw new Error('no addresses left');
    });
    const { world } = await cluster(web(1), { cni: { use: refusing } });
    expect(world.breaches).toEqual([]);
    expect(
      [...world.server.objects('events')].some((event) => String((event as { message?: string }).message).includes('no addresses left')),
    ).toBe(true);
  });
});
