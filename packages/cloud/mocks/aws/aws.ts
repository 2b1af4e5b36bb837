import { definePlugin } from '@slipway/plugin';
import '../../plugin.ts';
import { AwsCloud } from './aws-cloud.ts';
import { options } from './options.ts';

/** One region of a simulated Amazon: EC2, EBS, EFS, ELB and the route table of a VPC. */
export const aws = definePlugin({
  interface: 'cloud',
  name: 'aws',
  description: 'Amazon: machines, zonal disks, shared file systems, load balancers, routes; limits and throttling as there',
  options,
  // What a call takes until its order is taken; what takes longer is in the options.
  latency: {
    describeZones: '30ms..90ms',
    describeInstances: '50ms..150ms',
    describeVolumes: '50ms..150ms',
    describeSnapshots: '50ms..150ms',
    describeFileSystems: '30ms..90ms',
    describeAccessPoints: '30ms..90ms',
    describeLoadBalancers: '50ms..150ms',
    describeRoutes: '40ms..120ms',
    runInstance: '800ms..2s',
    createVolume: '200ms..600ms',
    attachVolume: '300ms..900ms',
    detachVolume: '200ms..600ms',
    createLoadBalancer: '400ms..1200ms',
    '*': '150ms..450ms',
  },
  create: (context) =>
    new AwsCloud({ options: context.options, dataCentre: context.dataCentre, ids: context.ids, now: () => context.now() }),
});
