import type { Host, NetworkNamespace } from '@slipway/host';
import type { AddRequest, CheckRequest, Cni, DelRequest, Result } from '../contract.ts';
import { pluginError } from '../errors.ts';

/** Brings `lo` up, whatever interface is asked for. Source: containernetworking/plugins plugins/main/loopback. */
export class Loopback implements Cni {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  add({ netns, config }: AddRequest): Result {
    const namespace = this.#required(netns);
    namespace.setUp('lo', true);
    const link = namespace.interfaces.get('lo');
    return (
      config.prevResult ?? {
        cniVersion: config.cniVersion,
        interfaces: [{ name: 'lo', mac: '00:00:00:00:00:00', sandbox: netns }],
        ips: (link?.addresses ?? []).map((address) => ({ address, interface: 0 })),
      }
    );
  }

  del({ netns }: DelRequest): void {
    if (netns) this.#host.network.get(netns)?.setUp('lo', false);
  }

  check({ netns }: CheckRequest): void {
    if (!this.#required(netns).interfaces.get('lo')?.up) throw pluginError('loopback interface is down');
  }

  #required(netns: string): NetworkNamespace {
    const namespace = this.#host.network.get(netns);
    if (!namespace) throw pluginError(`failed to open netns "${netns}": failed to Statfs "${netns}": no such file or directory`);
    return namespace;
  }
}
