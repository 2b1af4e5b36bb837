import type { AddRequest, Cni, DelRequest, Result } from '@slipway/cni';
import { CniError } from '@slipway/cni';
import type { CriServices, RuntimeService } from '@slipway/cri';
import { CriError } from '@slipway/cri';
import { containerd } from '@slipway/cri/mocks';
import { type Client, minutes, type Process, seconds } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';
import { describe, expect, test } from 'vitest';
import type { World } from '../../simulator/wiring/world.ts';
import { ids, makePods, makeWorld, pass, podOf, shell, user } from './run-world.ts';

/** A network plugin as a visitor writes it: an address from a list for each sandbox. `change` plants its bug. */
function myNetwork(change: (good: Cni, context: { readonly given: Map<string, string> }) => Partial<Cni>) {
  return definePlugin({
    interface: 'cni',
    name: 'my-network',
    create({ host }) {
      if (!host) throw new Error('my-network runs on nodes');
      const given = new Map<string, string>();
      const good: Cni = {
        add({ containerId, netns, ifname, config }: AddRequest): Result {
          const range = (config as { readonly subnet?: string }).subnet ?? '10.9.0.0/24';
          const taken = new Set(given.values());
          const prefix = range.slice(0, range.lastIndexOf('.'));
          let last = 10;
          while (taken.has(`${prefix}.${last}/24`)) last += 1;
          const address = `${prefix}.${last}/24`;
          given.set(containerId, address);
          host.network.get(netns)?.addInterface({ name: ifname, kind: 'dummy', addresses: [address] });
          return { cniVersion: config.cniVersion, interfaces: [{ name: ifname, sandbox: netns }], ips: [{ address, interface: 0 }] };
        },
        del({ containerId, netns = '', ifname }: DelRequest): void {
          given.delete(containerId);
          const namespace = host.network.get(netns);
          if (namespace?.interfaces.has(ifname)) namespace.removeInterface(ifname);
        },
      };
      return { ...good, ...change(good, { given }) };
    },
  });
}

/** Two pods that live, then go. */
async function live(world: World): Promise<World> {
  user(world, () => makePods(world, podOf('a'), podOf('b')));
  await pass(world, seconds(30));
  const running = [...world.server.objects('pods')].filter((pod) => (pod as Pod).status?.phase === 'Running').length;
  for (const name of ['a', 'b']) user(world, () => world.api.pods.delete({ namespace: 'default', name }));
  await pass(world, minutes(10));
  world.invariants.atRest();
  expect({ running, crashes: world.crashes }).toMatchObject({ crashes: [] });
  return world;
}

describe("a visitor's network plugin", () => {
  test('without a bug: nothing is reported', async () => {
    const world = await live(makeWorld(1, { cni: { use: myNetwork(() => ({})) } }));
    expect(world.invariants.violations).toEqual([]);
  });

  test('one that gives everybody the same address: NET-01 names it and the call', async () => {
    const use = myNetwork((good, { given }) => ({
      add: (request) => {
        given.clear();
        return good.add(request);
      },
    }));
    const world = await live(makeWorld(1, { cni: { use } }));
    expect(ids(world)).toContain('NET-01');
    const { message } = world.invariants.violations.find(({ id }) => id === 'NET-01') ?? {};
    expect(message).toMatch(
      /^my-network\/node-1 answered cni\.Plugin\/Add for default\/[ab] on node-1 with 10\.244\.0\.10, which default\/[ab] on node-1 has already$/,
    );
  });

  test('one that gives the same range to each node: NET-01 across nodes', async () => {
    const use = myNetwork((good) => ({ add: (request) => good.add({ ...request, config: { ...request.config, subnet: '10.9.0.0/24' } }) }));
    const world = makeWorld(2, { cni: { use } });
    user(world, () =>
      makePods(
        world,
        podOf('a', { nodeSelector: { 'kubernetes.io/hostname': 'node-1' } }),
        podOf('b', { nodeSelector: { 'kubernetes.io/hostname': 'node-2' } }),
      ),
    );
    await pass(world, seconds(30));
    expect(ids(world)).toEqual(['NET-01']);
  });

  test('one that gives out the address of its network: NET-02', async () => {
    const use = myNetwork((good) => ({
      add: (request) => {
        const result = good.add(request);
        return { ...result, ips: [{ address: '10.244.0.0/24', interface: 0 }] };
      },
    }));
    expect(ids(await live(makeWorld(1, { cni: { use } })))).toContain('NET-02');
  });

  test('one that fails after it has made the interface: NET-03', async () => {
    let failures = 0;
    const use = myNetwork((good) => ({
      add: (request) => {
        const result = good.add(request);
        failures += 1;
        if (failures === 1) throw new CniError(100, 'no room');
        return result;
      },
    }));
    expect(ids(await live(makeWorld(1, { cni: { use } })))).toEqual(['NET-03']);
  });

  test('one whose second DEL fails: NET-05 names it', async () => {
    const use = myNetwork((good, { given }) => ({
      del: (request) => {
        if (!given.has(request.containerId)) throw new CniError(100, 'no such attachment');
        good.del(request);
      },
    }));
    const world = await live(makeWorld(1, { cni: { use } }));
    expect(ids(world)).toEqual(['NET-05']);
    expect(world.invariants.violations[0]?.message).toMatch(/^my-network\/node-1 failed cni\.Plugin\/Del for Pod default\/[ab] with 100/);
  });
});

/** containerd with one method that is different. */
function brokenRuntime(change: (good: RuntimeService) => Partial<RuntimeService>) {
  return definePlugin({
    ...containerd,
    name: 'my-runtime',
    create(context) {
      const services = containerd.create(context as never) as CriServices;
      const { runtime } = services;
      const broken = Object.assign(Object.create(runtime) as object, bound(runtime), change(bound(runtime) as RuntimeService));
      return { ...services, runtime: broken as CriServices['runtime'] };
    },
  } as typeof containerd);
}

/** The methods of an implementation, each of which knows its object. */
function bound(runtime: CriServices['runtime']): object {
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(runtime)).filter((name) => name !== 'constructor');
  return Object.fromEntries(
    names.map((name) => [
      name,
      (request: unknown) => (runtime as unknown as Record<string, (request: unknown) => unknown>)[name]?.(request),
    ]),
  );
}

describe("a visitor's runtime", () => {
  test('as it is: nothing is reported', async () => {
    expect((await live(makeWorld(1, { cri: { use: brokenRuntime(() => ({})) } }))).invariants.violations).toEqual([]);
  });

  test('one whose second stop fails: CRI-01', async () => {
    const stopped = new Set<string>();
    const use = brokenRuntime((good) => ({
      stopPodSandbox: (request) => {
        if (stopped.has(request.podSandboxId)) throw new CriError('NOT_FOUND', 'it is gone');
        stopped.add(request.podSandboxId);
        return good.stopPodSandbox(request);
      },
    }));
    const world = await live(makeWorld(1, { cri: { use } }));
    expect(ids(world)).toContain('CRI-01');
    expect(world.invariants.violations.find(({ id }) => id === 'CRI-01')?.message).toContain(
      'my-runtime/node-1 answered cri.RuntimeService/StopPodSandbox with NOT_FOUND',
    );
  });

  test('one that keeps what it was told to remove: CRI-03', async () => {
    const use = brokenRuntime(() => ({ removePodSandbox: () => ({}) }));
    expect(ids(await live(makeWorld(1, { cri: { use } })))).toContain('CRI-03');
  });
});

describe('a kubelet that does what it should not', () => {
  const runtimeOf = (world: World): Client<RuntimeService> => {
    const link = world.nodes.get('node-1')?.links.get('cri.RuntimeService');
    if (!link) throw new Error('node-1 has no runtime');
    return link.client() as unknown as Client<RuntimeService>;
  };

  /** What the kubelet's calls made for the only container of the only pod. */
  function* made(world: World): Process<{ readonly podSandboxId: string; readonly pod: Pod }> {
    const { items } = yield* runtimeOf(world).listPodSandbox({});
    const [pod] = [...world.server.objects('pods')] as Pod[];
    const podSandboxId = items[0]?.id;
    if (!pod || podSandboxId === undefined) throw new Error('nothing runs');
    return { podSandboxId, pod };
  }

  function* startAgain(world: World, name: string): Process {
    const { podSandboxId, pod } = yield* made(world);
    const { name: podName, namespace = '', uid = '' } = pod.metadata;
    const sandboxConfig = { metadata: { name: podName, namespace, uid } };
    const { containers } = yield* runtimeOf(world).listContainers({});
    const image = containers[0]?.image ?? { image: 'busybox' };
    const labels = containers[0]?.labels ?? {};
    const config = { metadata: { name, attempt: 7 }, image, labels: { ...labels, 'io.kubernetes.container.name': name } };
    const { containerId } = yield* runtimeOf(world).createContainer({ podSandboxId, config, sandboxConfig });
    yield* runtimeOf(world).startContainer({ containerId });
  }

  test('one that starts the container of a Never pod again: KUB-06', async () => {
    const world = makeWorld(1);
    user(world, () => makePods(world, podOf('once', { restartPolicy: 'Never' })));
    await pass(world, seconds(20));
    expect(world.invariants.violations).toEqual([]);
    user(world, () => startAgain(world, 'main'));
    await pass(world, seconds(5));
    expect(world.invariants.violations[0]).toMatchObject({
      id: 'KUB-06',
      message: 'kubelet/node-1 starts container main of Pod default/once again, though its restart policy is Never',
    });
  });

  test('one that starts the app while an init container runs: KUB-04', async () => {
    const world = makeWorld(1);
    user(world, () => makePods(world, podOf('early', { initContainers: [shell('init', 'sleep 1000')] })));
    await pass(world, seconds(20));
    expect(world.invariants.violations).toEqual([]);
    user(world, () => startAgain(world, 'main'));
    await pass(world, seconds(5));
    expect(world.invariants.violations[0]).toMatchObject({
      id: 'KUB-04',
      message: 'kubelet/node-1 starts container main of Pod default/early, but init container init still runs',
    });
  });
});
