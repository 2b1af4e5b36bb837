import { CloudError } from '../../errors.ts';

/** What a kind of disk can be. Source: Amazon EBS User Guide, "Amazon EBS volume types". */
interface VolumeType {
  readonly sizeGiB: readonly [min: number, max: number];
  /** Left out: it cannot be ordered. */
  readonly iops?: { readonly min: number; readonly max: number; readonly perGiB: number };
  /** MiB/s. Left out: it cannot be ordered. */
  readonly throughput?: { readonly min: number; readonly max: number };
  /** What one gets that was not ordered. */
  readonly defaults: (sizeGiB: number) => Performance;
}

/** How fast a disk is. */
export interface Performance {
  readonly iops?: number;
  /** MiB/s. */
  readonly throughput?: number;
}

const TYPES: Readonly<Record<string, VolumeType>> = {
  gp3: {
    sizeGiB: [1, 65_536],
    iops: { min: 3_000, max: 80_000, perGiB: 500 },
    throughput: { min: 125, max: 2_000 },
    defaults: () => ({ iops: 3_000, throughput: 125 }),
  },
  gp2: { sizeGiB: [1, 16_384], defaults: (sizeGiB) => ({ iops: Math.min(16_000, Math.max(100, 3 * sizeGiB)) }) },
  io1: { sizeGiB: [4, 16_384], iops: { min: 100, max: 64_000, perGiB: 50 }, defaults: () => ({}) },
  io2: { sizeGiB: [4, 65_536], iops: { min: 100, max: 256_000, perGiB: 1_000 }, defaults: () => ({}) },
  st1: { sizeGiB: [125, 16_384], defaults: () => ({}) },
  sc1: { sizeGiB: [125, 16_384], defaults: () => ({}) },
  standard: { sizeGiB: [1, 1_024], defaults: () => ({}) },
};

/** What a disk of this type and size does. @throws CloudError InvalidParameterValue (no such type, size), InvalidParameterCombination */
export function performanceOf(volumeType: string, sizeGiB: number, { iops, throughput }: Performance): Performance {
  const type = TYPES[volumeType];
  if (!type)
    throw new CloudError('InvalidParameterValue', `Value (${volumeType}) for parameter volumeType is invalid. Unknown volume type.`);
  const [min, max] = type.sizeGiB;
  if (sizeGiB < min || sizeGiB > max)
    throw new CloudError(
      'InvalidParameterValue',
      `Volume of ${sizeGiB}GiB is outside of ${min}GiB to ${max}GiB for volume type ${volumeType}.`,
    );
  const defaults = type.defaults(sizeGiB);
  if (iops === undefined && type.iops && defaults.iops === undefined)
    throw new CloudError('InvalidParameterCombination', `The parameter iops must be specified for ${volumeType} volumes.`);
  if (iops !== undefined) checkIops(volumeType, type, sizeGiB, iops);
  const given = { ...defaults, ...(iops === undefined ? {} : { iops }), ...(throughput === undefined ? {} : { throughput }) };
  if (throughput !== undefined) {
    if (!type.throughput)
      throw new CloudError('InvalidParameterCombination', `The parameter throughput is not supported for ${volumeType} volumes.`);
    if (throughput < type.throughput.min || throughput > type.throughput.max)
      throw new CloudError('InvalidParameterValue', `Throughput must be from ${type.throughput.min} to ${type.throughput.max} MiB/s.`);
    if (4 * throughput > (given.iops ?? 0))
      throw new CloudError('InvalidParameterCombination', 'Throughput to iops ratio of more than 0.25 MiB/s per iops is not supported.');
  }
  return given;
}

function checkIops(volumeType: string, { iops: limits }: VolumeType, sizeGiB: number, iops: number): void {
  if (!limits) throw new CloudError('InvalidParameterCombination', `The parameter iops is not supported for ${volumeType} volumes.`);
  if (iops < limits.min || iops > limits.max)
    throw new CloudError('InvalidParameterValue', `Volume iops of ${iops} is outside of ${limits.min} to ${limits.max} for ${volumeType}.`);
  // Every disk may have the least that its type offers, however small it is.
  if (iops > Math.max(limits.min, limits.perGiB * sizeGiB))
    throw new CloudError('InvalidParameterCombination', `Iops to volume size ratio of more than ${limits.perGiB}:1 is not supported.`);
}
