import { codeOf, messageOf, type Process } from '@slipway/kernel';
import { CsiError, type CsiCode } from '../../errors.ts';

/** What the cloud's refusals are in CSI's words. Source: aws-ebs-csi-driver pkg/driver/controller.go. */
const CODES: Readonly<Record<string, CsiCode>> = {
  'InvalidVolume.NotFound': 'NOT_FOUND',
  'InvalidInstanceID.NotFound': 'NOT_FOUND',
  'InvalidSnapshot.NotFound': 'NOT_FOUND',
  VolumeInUse: 'FAILED_PRECONDITION',
  'InvalidVolume.ZoneMismatch': 'FAILED_PRECONDITION',
  AttachmentLimitExceeded: 'RESOURCE_EXHAUSTED',
  VolumeLimitExceeded: 'RESOURCE_EXHAUSTED',
  InvalidParameterValue: 'INVALID_ARGUMENT',
  InvalidParameterCombination: 'INVALID_ARGUMENT',
  IdempotentParameterMismatch: 'ALREADY_EXISTS',
  RequestLimitExceeded: 'UNAVAILABLE',
  UNAVAILABLE: 'UNAVAILABLE',
  DEADLINE_EXCEEDED: 'DEADLINE_EXCEEDED',
};

/** Runs a call of the cloud; its errors come out in CSI's words, with `what` before them. @throws CsiError */
export function* ask<T>(what: string, call: Process<T>): Process<T> {
  try {
    return yield* call;
  } catch (error) {
    throw new CsiError(CODES[codeOf(error)] ?? 'INTERNAL', `${what}: ${codeOf(error)}: ${messageOf(error)}`);
  }
}
