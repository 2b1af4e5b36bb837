import { type Cni, type DelRequest, type PluginConfig, pluginError } from '@slipway/cni';
import { flannel, referencePlugins, SUBNET_FILE, writeSubnetFile } from '@slipway/cni/mocks';
import type { CriServices, RuntimeService } from '@slipway/cri';
import { containerd, crio } from '@slipway/cri/mocks';
import type { Host } from '@slipway/host';
import type { Implementation } from '@slipway/kernel';
import { OciRegistry, Runc } from '@slipway/oci/mocks';
import { definePlugin, type Plugin } from '@slipway/plugin';
import { describe, expect, it } from 'vitest';
import { assertCniHistories, assertCriHistories, cniSubject, criSubject } from '../index.ts';

/** Without a default route: a simulated machine has one per destination, so two interfaces would share it. */
const config: PluginConfig = {
  cniVersion: '1.1.0',
  name: 'pods',
  type: 'bridge',
  isGateway: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: '10.9.0.0/29' }]] },
};
/** How host-local says that an address is still taken. */
const NO_ADDRESS = /no IP addresses available|duplicate allocation is not allowed/;
const fixed = { seed: 1, numRuns: 100 };

describe('CNI histories', () => {
  it('flannel: holds in any order', () =>
    assertCniHistories(
      () =>
        cniSubject(flannel, {
          config: { cniVersion: '1.1.0', name: 'cbr0', type: 'flannel', delegate: { isDefaultGateway: true } },
          capacity: 5,
          prepare: ({ host }) =>
            writeSubnetFile(host.files, SUBNET_FILE, { network: '10.244.0.0/16', subnet: '10.244.1.1/29', mtu: 1450, ipMasq: true }),
        }),
      // One interface, because a simulated machine has one route to a destination, which goes with the first interface that is deleted.
      { numRuns: 15, containers: 8, interfaces: ['eth0'] },
    ));

  /** The bridge with one mistake. */
  const broken = (breaks: (good: Cni, host: Host) => Partial<Cni>): Plugin<'cni'> =>
    definePlugin({
      interface: 'cni',
      name: 'broken',
      create(context) {
        const host = context.host as Host;
        const good: Cni = referencePlugins(host);
        return {
          add: (request) => good.add(request),
          del: (request) => good.del(request),
          check: (request) => good.check?.(request),
          gc: (request) => good.gc?.(request),
          ...breaks(good, host),
        };
      },
    }) as Plugin<'cni'>;

  const mistakes: Readonly<Record<string, readonly [breaks: (good: Cni, host: Host) => Partial<Cni>, truth: RegExp]>> = {
    'DEL that needs the namespace keeps the address': [
      (good, host) => ({
        del(request) {
          if (request.netns && host.network.get(request.netns)) good.del(request);
        },
      }),
      NO_ADDRESS,
    ],
    'DEL takes all interfaces of the container': [
      (good, host) => ({
        del(request: DelRequest) {
          const names = request.netns ? [...(host.network.get(request.netns)?.interfaces.keys() ?? [])] : [];
          for (const ifname of names.filter((name) => name !== 'lo')) good.del({ ...request, ifname });
          good.del(request);
        },
      }),
      /still has/,
    ],
    'DEL fails for what was never added': [
      (good) => {
        const seen = new Set<string>();
        return {
          add(request) {
            seen.add(`${request.containerId}/${request.ifname}`);
            return good.add(request);
          },
          del(request) {
            if (!seen.has(`${request.containerId}/${request.ifname}`)) throw pluginError('never heard of it');
            good.del(request);
          },
        };
      },
      /never heard of it/,
    ],
    'GC frees nothing': [() => ({ gc: () => undefined }), NO_ADDRESS],
    'CHECK is always content': [() => ({ check: () => undefined }), /which has left, fails/],
  };

  it.each(Object.keys(mistakes))('%s: is found', async (name) => {
    const [breaks, truth] = mistakes[name] as (typeof mistakes)[string];
    const run = assertCniHistories(() => cniSubject(broken(breaks), { config, capacity: 5 }), fixed);
    await expect(run).rejects.toMatchObject({ cause: { message: expect.stringMatching(truth) } });
  });

  it('failure: the shortest history is printed', async () => {
    const del = mistakes['DEL fails for what was never added']?.[0] as (good: Cni, host: Host) => Partial<Cni>;
    const run = assertCniHistories(() => cniSubject(broken(del), { config, capacity: 5 }), fixed);
    await expect(run).rejects.toThrow(/Counterexample: \[DEL sandbox-0\/eth0[^,]* \/\*replayPath="[^"]*"\*\/\]/);
  });
});

describe('CRI histories', () => {
  const below = { cni: referencePlugins, oci: (host: Host) => new Runc(host), registry: () => new OciRegistry() };

  it('CRI-O: holds in any order', () => assertCriHistories(() => criSubject(crio, below), { numRuns: 12 }));

  /** containerd with one mistake. */
  const broken = (breaks: (good: CriServices) => Partial<Implementation<RuntimeService>>): typeof containerd => ({
    ...containerd,
    create(context) {
      const good = containerd.create(context);
      const overrides = breaks(good);
      const runtime = new Proxy(good.runtime, {
        get(target, name) {
          const method: unknown = Reflect.get(overrides, name) ?? Reflect.get(target, name);
          return typeof method === 'function' ? method.bind(target) : method;
        },
      });
      return { ...good, runtime };
    },
  });

  it('a runtime whose removal of a sandbox does nothing is found', async () => {
    const run = assertCriHistories(
      () =>
        criSubject(
          broken(() => ({ removePodSandbox: () => ({}) })),
          below,
        ),
      fixed,
    );
    await expect(run).rejects.toMatchObject({ cause: { message: 'expected: 0 sandboxes are listed, not 1' } });
  });

  it('a runtime that refuses to stop twice is found', async () => {
    const once = broken((good) => {
      const stopped = new Set<string>();
      return {
        stopContainer(request) {
          if (stopped.has(request.containerId)) throw new Error('stopped already');
          stopped.add(request.containerId);
          return good.runtime.stopContainer(request);
        },
      };
    });
    const run = assertCriHistories(() => criSubject(once, below), fixed);
    await expect(run).rejects.toThrow(/stopContainer (pod-\d\/container-\d) within \d s,(.*,)?stopContainer \1/);
  });
});
