import { definePlugin } from '@slipway/plugin';
import * as z from 'zod';
import '../../plugin.ts';
import type { NetworkConfigList } from '../../network-config.ts';
import { placeOf } from '../node-of.ts';
import { referencePlugins } from '../reference-plugins.ts';
import { flannelAgent } from './agent.ts';

const options = z.strictObject({
  /** All pods of the cluster, CIDR. */
  network: z.union([z.cidrv4(), z.cidrv6()]).default('10.244.0.0/16'),
  /** vxlan: packets between nodes travel in UDP, 50 bytes less for pods. host-gw: plain routes; nodes must be neighbours. */
  backend: z.enum(['vxlan', 'host-gw']).default('vxlan'),
  /** Identifier of the VXLAN. */
  vni: z.int().min(1).max(16_777_215).default(1),
  /** How a node finds the others: a route for each (as flannel does), or one look-up for each packet (for thousands of nodes). */
  peers: z.enum(['watch', 'lookup']).default('watch'),
  /**
   * Upstream's manifest says 0.3.1: the runtime then never asks for CHECK, GC or STATUS, so a node counts as ready before it has a
   * subnet, and an ADD that a power loss cut short keeps its address for ever.
   */
  cniVersion: z.enum(['0.3.1', '0.4.0', '1.0.0', '1.1.0']).default('1.1.0'),
});

/** flannel with its kube subnet manager. No NetworkPolicy, as in life. */
export const flannel = definePlugin({
  interface: 'cni',
  name: 'flannel',
  description: 'Flannel: an overlay (vxlan) or plain routes (host-gw) between nodes, bridge and host-local on each',
  options,
  latency: { add: '10ms..25ms', del: '5ms..12ms', '*': '1ms' },
  agent(context) {
    const { node, host } = placeOf(context);
    const { cniVersion, ...settings } = context.options;
    return flannelAgent(node, host, { ...settings, conflist: conflist(cniVersion) });
  },
  create: (context) => referencePlugins(placeOf(context).host),
});

/** Source: flannel-io/flannel Documentation/kube-flannel.yml, cni-conf.json. */
function conflist(cniVersion: string): NetworkConfigList {
  return {
    name: 'cbr0',
    cniVersion,
    plugins: [
      { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
