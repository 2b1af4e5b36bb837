import { CniError } from '@slipway/cni';
import { cidr, formatIp, lastIp, nextIp } from '@slipway/host';
import { definePlugin, type Plugin } from '@slipway/plugin';
import { describe, expect, test } from 'vitest';
import { runConformance } from './conformance.ts';

/** Hands out the addresses of its node's range, one after another. */
function network(name: string, { forgets }: { readonly forgets: boolean }): Plugin {
  return definePlugin({
    interface: 'cni',
    name,
    create({ host }) {
      const taken = new Map<string, string>();
      return {
        add({ containerId, ifname, netns, config }) {
          const namespace = host?.network.get(netns);
          if (!namespace || namespace.interfaces.has(ifname)) throw new CniError(3, `no place for ${ifname} in ${netns}`);
          const range = cidr(String(config.subnet));
          const held = new Set(taken.values());
          let ip = nextIp(range.network, 2);
          while (ip && ip.value < lastIp(range).value && held.has(formatIp(ip))) ip = nextIp(ip);
          if (!ip || ip.value >= lastIp(range).value) throw new CniError(11, `${String(config.subnet)} is used up`);
          taken.set(`${containerId}/${ifname}`, formatIp(ip));
          const address = `${formatIp(ip)}/${range.prefix}`;
          namespace.addInterface({ name: ifname, kind: 'veth', addresses: [address] });
          return { cniVersion: config.cniVersion, interfaces: [{ name: ifname, sandbox: netns }], ips: [{ address, interface: 0 }] };
        },
        del({ containerId, ifname, netns }) {
          const namespace = host?.network.get(netns ?? '');
          if (namespace?.interfaces.has(ifname)) namespace.removeInterface(ifname);
          if (!forgets) taken.delete(`${containerId}/${ifname}`);
        },
      };
    },
  }) as unknown as Plugin;
}

describe('conformance of a network plugin', () => {
  test('cni: its pool is used up, without a word of how large it is', async () => {
    const results = await runConformance('cni', { cni: { use: network('careful', { forgets: false }) } });
    expect(results.filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    const passed = results.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id);
    expect(passed).toEqual(expect.arrayContaining(['cni.add.exhausted', 'cni.add.failure-clean', 'cni.del.frees-address']));
  });

  test('cni: whoever gives no address back is told so', async () => {
    const results = await runConformance('cni', { cni: { use: network('forgetful', { forgets: true }) } });
    expect(results.find(({ id }) => id === 'cni.del.frees-address')).toMatchObject({
      outcome: 'failed',
      message: 'DEL did not give the address back: after 5 ADDs and 5 DELs the next ADD fails: 10.244.0.0/29 is used up',
    });
  });
});
