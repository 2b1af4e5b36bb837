import { definePlugin } from '@slipway/plugin';
import * as z from 'zod';
import '../../plugin.ts';
import type { NetworkConfigList } from '../../network-config.ts';
import { placeOf } from '../node-of.ts';
import { referencePlugins } from '../reference-plugins.ts';
import { bridgeAgent } from './agent.ts';

const options = z.strictObject({
  /** CIDR of the node's pods. `auto`: the node's podCIDR. */
  subnet: z.union([z.literal('auto'), z.cidrv4(), z.cidrv6()]).default('auto'),
  /** Interface of the bridge, as on the host. */
  bridge: z.string().min(1).max(15).default('cni0'),
  /** Bytes. */
  mtu: z.int().min(1280).max(65535).default(1500),
  cniVersion: z.enum(['0.3.1', '0.4.0', '1.0.0', '1.1.0']).default('1.1.0'),
});

type Options = z.infer<typeof options>;

/** Each node a bridge of its own with `host-local` and `portmap`. Pods reach pods of other nodes only where something else adds routes. */
export const bridge = definePlugin({
  interface: 'cni',
  name: 'bridge',
  description: 'Reference plugins bridge, host-local and portmap: one bridge per node, no way to other nodes',
  options,
  latency: { add: '8ms..20ms', del: '4ms..10ms', '*': '1ms' },
  agent(context) {
    const { node, host } = placeOf(context);
    const { subnet } = context.options;
    return bridgeAgent(node, host, (range) => networkFor(context.options, range), subnet === 'auto' ? undefined : subnet);
  },
  create: (context) => referencePlugins(placeOf(context).host),
});

function networkFor({ bridge: name, mtu, cniVersion }: Options, subnet: string): NetworkConfigList {
  return {
    cniVersion,
    name: 'bridge',
    plugins: [
      {
        type: 'bridge',
        bridge: name,
        mtu,
        isDefaultGateway: true,
        // The node may get another podCIDR; its bridge then follows.
        forceAddress: true,
        hairpinMode: true,
        ipMasq: true,
        ipam: { type: 'host-local', ranges: [[{ subnet }]] },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
