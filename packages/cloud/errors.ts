import { CallError, type LinkCode } from '@slipway/kernel';

/**
 * Codes by which Amazon's APIs refuse. Sources: Amazon EC2 API Reference, "Error codes for the Amazon EC2 API"; Amazon EFS API Reference,
 * "Errors" of each action; Elastic Load Balancing API Reference, "Errors" of each action.
 */
export const CLOUD_CODES = [
  'AccessPointLimitExceeded',
  'AccessPointNotFound',
  'AttachmentLimitExceeded',
  'BadRequest',
  'DuplicateLoadBalancerName',
  'FileSystemInUse',
  'FileSystemNotFound',
  'IdempotentParameterMismatch',
  'IncorrectFileSystemLifeCycleState',
  'IncorrectInstanceState',
  'IncorrectModificationState',
  'IncorrectState',
  'InsufficientInstanceCapacity',
  'InvalidAttachment.NotFound',
  'InvalidConfigurationRequest',
  'InvalidInstance',
  'InvalidInstanceID.NotFound',
  'InvalidParameterCombination',
  'InvalidParameterValue',
  'InvalidRoute.NotFound',
  'InvalidSnapshot.InUse',
  'InvalidSnapshot.NotFound',
  'InvalidVolume.NotFound',
  'InvalidVolume.ZoneMismatch',
  'LoadBalancerNotFound',
  'RequestLimitExceeded',
  'RouteAlreadyExists',
  'RouteLimitExceeded',
  'TooManyLoadBalancers',
  'VolumeInUse',
  'VolumeLimitExceeded',
  'VolumeModificationRateExceeded',
] as const;

export type CloudCode = (typeof CLOUD_CODES)[number];

/** A refusal of the cloud. Callers branch on `code`. What the link itself has to say keeps gRPC's words (UNAVAILABLE, DEADLINE_EXCEEDED). */
export class CloudError extends CallError {
  override readonly name: string = 'CloudError';

  constructor(code: CloudCode | LinkCode, message: string) {
    super(code, message);
  }
}
