import type { CpiServices } from '@slipway/cpi';
import { aws, awsProvider } from '@slipway/cpi/mocks';
import { definePlugin } from '@slipway/plugin';
import { changed } from './changed.ts';

type Required = { readonly [K in 'instancesV2' | 'loadBalancer' | 'routes']: NonNullable<CpiServices[K]> };
/** What differs from the provider of the cloud. */
export type ProviderChange = { readonly [K in keyof Required]?: (good: Required[K]) => Partial<Required[K]> };

/** A provider over the cloud of the cluster, with some methods changed. */
export function providerWith({ instancesV2, loadBalancer, routes }: ProviderChange = {}) {
  return definePlugin({
    ...aws,
    name: 'my-cloud',
    create(context) {
      const services = awsProvider(context) as CpiServices & Required;
      return {
        ...services,
        providerName: () => ({ providerName: 'my-cloud' }),
        instancesV2: changed(services.instancesV2, instancesV2 ?? (() => ({}))),
        loadBalancer: changed(services.loadBalancer, loadBalancer ?? (() => ({}))),
        routes: changed(services.routes, routes ?? (() => ({}))),
      };
    },
  });
}

export default providerWith();
