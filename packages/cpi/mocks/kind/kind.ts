import { parseCidr } from '@slipway/host';
import { definePlugin } from '@slipway/plugin';
import * as z from 'zod';
import type { CpiServices } from '../../plugin.ts';
import { KindLoadBalancer } from './balancers.ts';
import { KindInstances } from './instances.ts';

const DEFAULT_RANGE = '172.18.255.0/24';

const options = z.strictObject({
  /** Addresses for balancers. */
  addresses: z
    .string()
    .refine((text) => parseCidr(text) !== undefined, 'is no network: write for example 172.18.255.0/24')
    .default(DEFAULT_RANGE),
});

/** cloud-provider-kind: a cluster of containers on one machine, without a cloud. */
export const kind = definePlugin({
  interface: 'cpi',
  name: 'kind',
  description: 'containers on one machine: balancers with an address of their own, no zones, no routes',
  options,
  create: (context) => kindProvider(context.options.addresses),
});

/** The provider's services. */
export function kindProvider(addresses: string = DEFAULT_RANGE): CpiServices {
  const loadBalancer = new KindLoadBalancer(addresses);
  return {
    providerName: () => ({ providerName: 'kind' }),
    hasClusterId: () => ({ hasClusterId: true }),
    instancesV2: new KindInstances(),
    loadBalancer,
    network: loadBalancer,
  };
}
