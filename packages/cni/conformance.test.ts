import { Host } from '@slipway/host';
import { type Implementation, Kernel, link, messageOf, type Process } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { capacityOf, cniCases, type CniSubject } from './conformance.ts';
import type { AddRequest, Cni, DelRequest, Result } from './contract.ts';
import { pluginError } from './errors.ts';
import { referencePlugins } from './mocks/index.ts';
import { cniPlugin } from './service.ts';

function connect(make: (host: Host) => Implementation<Cni>): CniSubject {
  const kernel = new Kernel();
  const runtime = kernel.owner('runtime');
  const host = new Host({
    name: 'node-1',
    kernel,
    programs: {
      resolve: () => ({
        name: 'none',
        *run() {
          return 0;
        },
      }),
    },
    addresses: ['10.0.0.11/24'],
  });
  let namespaces = 0;
  return {
    cni: link(make(host), { service: cniPlugin, from: runtime, to: host.owner }),
    host,
    config: { cniVersion: '1.1.0', name: 'net', type: 'bridge', isGateway: true, ipam: { type: 'host-local', subnet: '10.1.0.0/29' } },
    capacity: 5,
    random: kernel.random('orders'),
    makeNamespace: () => host.network.create(`/var/run/netns/${(namespaces += 1)}`).path,
    settle: <T>(process: Process<T>) => kernel.completeAsync(runtime, 'case', process),
  };
}

async function failures(make: (host: Host) => Implementation<Cni>): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { id, run } of cniCases) {
    try {
      await run(() => connect(make));
    } catch (error) {
      expect(messageOf(error)).not.toBe('');
      failed.push(id);
    }
  }
  return failed;
}

/** The shortest plugin that someone may write: no clock, no `async`, two methods. */
class Plain {
  readonly host: Host;
  readonly pool = ['10.1.0.2', '10.1.0.3', '10.1.0.4', '10.1.0.5', '10.1.0.6'];
  readonly taken = new Map<string, string>();
  constructor(host: Host) {
    this.host = host;
  }
  add({ containerId, netns, ifname, config }: AddRequest): Result {
    const namespace = this.host.network.get(netns);
    if (!namespace) throw pluginError(`no namespace ${netns}`);
    if (namespace.interfaces.has(ifname)) throw pluginError(`${ifname} exists`);
    const ip = this.pool.find((free) => ![...this.taken.values()].includes(free));
    if (ip === undefined) throw pluginError('no address left');
    this.taken.set(`${containerId} ${ifname}`, ip);
    namespace.addInterface({ name: ifname, kind: 'dummy', addresses: [`${ip}/24`] });
    return { cniVersion: config.cniVersion, interfaces: [{ name: ifname, sandbox: netns }], ips: [{ address: `${ip}/24`, interface: 0 }] };
  }
  del({ containerId, netns, ifname }: DelRequest): void {
    const namespace = netns ? this.host.network.get(netns) : undefined;
    if (namespace?.interfaces.has(ifname)) namespace.removeInterface(ifname);
    this.taken.delete(`${containerId} ${ifname}`);
  }
}

describe('conformance', () => {
  it('a plain class of two methods passes', async () => {
    expect(await failures((host) => new Plain(host))).toEqual([]);
  });

  it('a plugin with async methods passes', async () => {
    const promised = (plain: Plain): Implementation<Cni> => ({
      add: async (request) => plain.add(request),
      del: async (request) => plain.del(request),
    });
    expect(await failures((host) => promised(new Plain(host)))).toEqual([]);
  });

  const faults: Readonly<Record<string, readonly [breaks: (good: Cni, host: Host) => Partial<Cni>, expected: string]>> = {
    'DEL that frees nothing': [() => ({ del: () => undefined }), 'cni.del.frees-address'],
    'DEL that fails the second time': [
      (good) => {
        const seen = new Set<string>();
        return {
          del(request) {
            if (seen.has(request.containerId)) throw pluginError('not found');
            seen.add(request.containerId);
            good.del(request);
          },
        };
      },
      'cni.del.idempotent',
    ],
    'DEL that needs the namespace': [
      (good, host) => ({
        del(request) {
          if (!request.netns || !host.network.get(request.netns)) return;
          good.del(request);
        },
      }),
      'cni.del.namespace-gone',
    ],
    'DEL that needs prevResult': [
      (good) => ({
        del(request) {
          if (!request.config.prevResult) throw pluginError('prevResult missing');
          good.del(request);
        },
      }),
      'cni.del.without-prev-result',
    ],
    'ADD that gives everyone one address': [
      (good) => ({ add: (request) => ({ ...good.add(request), ips: [{ address: '10.1.0.2/29', interface: 2 }] }) }),
      'cni.add.unique-address',
    ],
    'ADD in a version of its own': [
      (good) => ({ add: (request) => ({ ...good.add(request), cniVersion: '0.4.0' }) }),
      'cni.add.result-valid',
    ],
    'CHECK that is always content': [() => ({ check: () => undefined }), 'cni.check.interface-removed'],
    'CHECK that is never content': [
      () => ({
        check() {
          throw pluginError('no');
        },
      }),
      'cni.check.after-add',
    ],
    'GC that frees nothing': [() => ({ gc: () => undefined }), 'cni.gc.frees-stale'],
    'GC that frees everything': [
      (good) => ({ gc: (request) => good.gc?.({ ...request, config: { ...request.config, 'cni.dev/valid-attachments': [] } }) }),
      'cni.gc.keeps-valid',
    ],
    'STATUS with a code of its own': [
      () => ({
        status() {
          throw pluginError('no');
        },
      }),
      'cni.status.code',
    ],
    'errors without a code': [
      () => ({
        add() {
          throw new Error('oops');
        },
      }),
      'cni.add.error-shape',
    ],
  };

  it('says that it was DEL that kept the addresses', async () => {
    const forgetful = (host: Host): Implementation<Cni> => {
      const plain = new Plain(host);
      return { add: (request) => plain.add(request), del: () => undefined };
    };
    const frees = cniCases.find(({ id }) => id === 'cni.del.frees-address');
    await expect(frees?.run(() => connect(forgetful))).rejects.toThrow(
      'DEL did not give the address back: after 5 ADDs and 5 DELs the next ADD fails: no address left',
    );
  });

  it('a pool is as large as ADDs work', async () => {
    expect(await capacityOf(connect((host) => new Plain(host)))).toBe(5);
    const without = (): never => {
      throw pluginError('no address left');
    };
    expect(await capacityOf(connect(() => ({ add: without, del: () => undefined })))).toBeUndefined();
  });

  it.each(Object.keys(faults))('%s is found out', async (name) => {
    const [breaks, expected] = faults[name] as (typeof faults)[string];
    const make = (host: Host): Implementation<Cni> => {
      const good = referencePlugins(host);
      const whole: Implementation<Cni> = {
        add: (request) => good.add(request),
        del: (request) => good.del(request),
        check: (request) => good.check?.(request),
        gc: (request) => good.gc?.(request),
        status: (request) => good.status?.(request),
      };
      return { ...whole, ...breaks(good, host) };
    };
    expect(await failures(make)).toContain(expected);
  });
});
