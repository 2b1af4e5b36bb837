import { type Micros, parseDuration } from '@slipway/kernel';
import * as z from 'zod';
import { INSTANCE_TYPES } from './instance-types.ts';
import { RATES } from './rates.ts';
import type { Rate } from './throttle.ts';

/** A duration as people write it, in virtual microseconds afterwards. */
const duration = (text: string, description: string) =>
  z
    .string()
    .default(text)
    .transform((given, context): Micros => {
      try {
        return parseDuration(given);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .meta({ description });

const rate = ({ burst, perSecond }: Rate, description: string) =>
  z
    .strictObject({ burst: z.int().positive().default(burst), perSecond: z.number().positive().default(perSecond) })
    .prefault({})
    .meta({ description });

/**
 * What `with:` of a scenario may set. Delays are coarse: what one sees on a good day, from reports of users and from the constants with
 * which aws-ebs-csi-driver (pkg/cloud/cloud.go, vwp) and the in-tree provider wait.
 */
export const options = z.strictObject({
  region: z.string().default('us-east-1').meta({ description: 'where the cluster stands' }),
  zones: z.array(z.string()).default([]).meta({ description: 'zones beside those that machines are in; the first is the default' }),
  instanceType: z
    .enum([...INSTANCE_TYPES.keys()])
    .default('m5.xlarge')
    .meta({ description: 'of machines that name none' }),
  publicIps: z.boolean().default(false).meta({ description: 'machines have a public address beside the private one' }),
  instancesPerZone: z.int().positive().default(10_000).meta({ description: 'beyond it: InsufficientInstanceCapacity' }),
  volumeStorageGiB: z.int().positive().default(51_200).meta({ description: 'all disks together; beyond it: VolumeLimitExceeded' }),
  accessPointsPerFileSystem: z.int().positive().default(10_000).meta({ description: 'beyond it: AccessPointLimitExceeded' }),
  classicBalancers: z.int().positive().default(20).meta({ description: 'beyond it: TooManyLoadBalancers' }),
  networkBalancers: z.int().positive().default(50).meta({ description: 'beyond it: TooManyLoadBalancers' }),
  routes: z.int().positive().default(50).meta({ description: 'entries of the route table; beyond it: RouteLimitExceeded' }),

  boot: duration('30s', 'from the order of a machine until it has power'),
  stop: duration('20s', 'from the order until the power goes'),
  terminate: duration('30s', 'from the order until a machine is gone'),
  createDisk: duration('2s', 'a blank disk'),
  restoreDisk: duration('3s', 'a disk from a snapshot'),
  attach: duration('3s', 'from the order until the machine has the disk'),
  detach: duration('4s', 'from the order until the machine has it no more'),
  modify: duration('4s', 'until a disk has what was ordered'),
  optimize: duration('10m', 'after that, until a disk takes the next order'),
  modifyAgain: duration('6h', 'between two orders to modify one disk: VolumeModificationRateExceeded before'),
  snapshot: duration('30s', 'until a snapshot is completed'),
  createFileSystem: duration('8s', 'until a file system can be mounted'),
  createAccessPoint: duration('2s', 'until a door opens'),
  classicBalancer: duration('15s', 'until a balancer has addresses'),
  networkBalancer: duration('2m', 'until a network balancer has addresses'),

  healthInterval: duration('10s', 'between two checks of a target'),
  healthyChecks: z.int().positive().default(2).meta({ description: 'in a row until a target is in service' }),
  unhealthyChecks: z.int().positive().default(6).meta({ description: 'failed in a row until a target is out of service' }),

  throttle: z.boolean().default(true).meta({ description: 'whether too many calls of one action are refused: RequestLimitExceeded' }),
  reads: rate(RATES.reads, 'of each action that describes what it names'),
  listings: rate(RATES.listings, 'of each action that describes all there is'),
  writes: rate(RATES.writes, 'of each action that orders or changes'),
  metadata: rate(RATES.metadata, 'of questions about one machine by its name, for each machine'),
});

export type AwsOptions = z.output<typeof options>;
