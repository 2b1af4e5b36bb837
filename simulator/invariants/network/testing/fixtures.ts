import { Host } from '@slipway/host';
import { Lab } from '../../testing/lab.ts';

export const NODE = 'node-1';

/** A lab with a machine, so that checkers have namespaces to look at. */
export function labWithHost(row: string): { readonly lab: Lab; readonly host: Host } {
  const lab = new Lab([row]);
  const host = new Host({ name: NODE, kernel: lab.kernel, programs: { resolve: () => undefined } as never, addresses: ['172.18.0.2/16'] });
  lab.nodes.set(NODE, { host, cri: undefined });
  return { lab, host };
}

/** A request for a pod's attachment, with what the plugin's configuration has besides. */
export const attachment = (pod: string, more: object = {}) => ({
  containerId: `sandbox-${pod}`,
  netns: `/var/run/netns/${pod}`,
  ifname: 'eth0',
  args: { K8S_POD_NAMESPACE: 'default', K8S_POD_NAME: pod },
  config: { cniVersion: '1.1.0', name: 'pods', type: 'my-network', ...more },
});
/** A result with these addresses. */
export const addresses = (...list: readonly string[]) => ({ cniVersion: '1.1.0', ips: list.map((address) => ({ address })) });

/** What a plugin does to the machine for an ADD. */
export function wire(host: Host, pod: string, address: string): void {
  const namespace = host.network.get(`/var/run/netns/${pod}`) ?? host.network.create(`/var/run/netns/${pod}`);
  namespace.addInterface({ name: 'eth0', kind: 'dummy', addresses: [address] });
}
