/** What a machine has. */
export interface InstanceType {
  readonly vcpus: number;
  readonly memoryGiB: number;
  /** Disks beside the root disk, with one network interface. */
  readonly attachLimit: number;
}

/**
 * Nitro machines share 28 slots between interfaces, root disk and disks; Xen ones (`t2`) take 39 disks besides; the seventh generation has 32
 * slots for disks alone. Sources: Amazon EC2 User Guide, "Amazon EBS volume limits for Amazon EC2 instances"; aws-ebs-csi-driver
 * pkg/cloud/limits.
 */
const NITRO = 26;
const XEN = 38;
const DEDICATED = 31;

const SIZES: Readonly<Record<string, readonly [vcpus: number, memoryGiB: number]>> = {
  large: [2, 8],
  xlarge: [4, 16],
  '2xlarge': [8, 32],
  '4xlarge': [16, 64],
  '8xlarge': [32, 128],
  '12xlarge': [48, 192],
};

const family = (name: string, memory: readonly [numerator: number, denominator: number], attachLimit: number): [string, InstanceType][] =>
  Object.entries(SIZES).map(([size, [vcpus, memoryGiB]]) => [
    `${name}.${size}`,
    { vcpus, memoryGiB: (memoryGiB * memory[0]) / memory[1], attachLimit },
  ]);

/** The types one meets most. Source: Amazon EC2 Instance Types. */
export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = new Map([
  ['t2.medium', { vcpus: 2, memoryGiB: 4, attachLimit: XEN }],
  ['t2.large', { vcpus: 2, memoryGiB: 8, attachLimit: XEN }],
  ['t3.small', { vcpus: 2, memoryGiB: 2, attachLimit: NITRO }],
  ['t3.medium', { vcpus: 2, memoryGiB: 4, attachLimit: NITRO }],
  ['t3.large', { vcpus: 2, memoryGiB: 8, attachLimit: NITRO }],
  ['t3.xlarge', { vcpus: 4, memoryGiB: 16, attachLimit: NITRO }],
  ...family('m5', [1, 1], NITRO),
  ...family('m6i', [1, 1], NITRO),
  ...family('m7i', [1, 1], DEDICATED),
  ...family('c5', [1, 2], NITRO),
  ...family('c6i', [1, 2], NITRO),
  ...family('r5', [2, 1], NITRO),
  ...family('r6i', [2, 1], NITRO),
]);
