import type { Host } from '@slipway/host';
import type { Cni } from '../contract.ts';
import { BridgePlugin } from './bridge/bridge-plugin.ts';
import { FlannelPlugin } from './flannel/flannel-plugin.ts';
import { HostLocal } from './host-local/host-local.ts';
import { Loopback } from './loopback.ts';
import { PluginDirectory } from './plugin-directory.ts';
import { Portmap } from './portmap/portmap.ts';

/** What `/opt/cni/bin` of a node holds: the reference plugins and flannel, each found by its type. */
export function referencePlugins(host: Host): Cni & { find(type: string): Cni | undefined } {
  const directory: PluginDirectory = new PluginDirectory({
    bridge: new BridgePlugin(host, (type) => directory.find(type)),
    flannel: new FlannelPlugin(host, (type) => directory.find(type)),
    'host-local': new HostLocal(host.files),
    loopback: new Loopback(host),
    portmap: new Portmap(host),
  });
  return directory;
}
