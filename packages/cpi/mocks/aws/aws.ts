import { definePlugin } from '@slipway/plugin';
import type { CpiContext, CpiServices } from '../../plugin.ts';
import { AwsInstances } from './instances.ts';
import { AwsLoadBalancer } from './load-balancer.ts';
import { AwsRoutes } from './routes.ts';

/** cloud-provider-aws over the cloud that the cluster stands in. */
export const aws = definePlugin({
  interface: 'cpi',
  name: 'aws',
  description: 'EC2 machines, classic and network load balancers, VPC routes',
  create: (context) => awsProvider(context),
});

/** The provider's services, for those who have a cloud and no plugin context. */
export function awsProvider({ cloud, cloudChanged }: CpiContext): CpiServices {
  return {
    providerName: () => ({ providerName: 'aws' }),
    hasClusterId: () => ({ hasClusterId: true }),
    instancesV2: new AwsInstances(cloud),
    loadBalancer: new AwsLoadBalancer(cloud),
    routes: new AwsRoutes(cloud),
    ...(cloudChanged && { changed: cloudChanged }),
  };
}
