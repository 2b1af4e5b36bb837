import { DriverError } from '../driver-error.ts';

/**
 * How far the making of a volume may have got. Source: sig-storage-lib-external-provisioner `controller/volume.go`, ProvisioningState.
 *
 * - `finished`: nothing goes on; tried again while the claim still wants a volume.
 * - `no-change`: not tried at all; what was known before still holds.
 * - `in-background`: the driver may still be at it, so it is asked again even if the claim goes.
 * - `reschedule`: nothing goes on, and another node may do better.
 */
export type ProvisionState = 'finished' | 'no-change' | 'in-background' | 'reschedule';

/** A volume could not be made; the message is for the claim's events. */
export class ProvisionFailure extends Error {
  readonly code: string;
  readonly state: ProvisionState;
  /** The same request would fail again for ever. */
  readonly infeasible: boolean;

  constructor(message: string, state: ProvisionState, cause?: unknown) {
    super(message);
    this.state = state;
    this.code = cause instanceof DriverError ? cause.code : 'PROVISIONING_FAILED';
    this.infeasible = this.code === 'INVALID_ARGUMENT';
  }
}

/** Somebody else will make the volume. */
export class NotOurs extends Error {
  readonly code = 'NOT_OURS';
}

/** Source: external-provisioner `pkg/controller/controller.go`, checkError. */
export function stateAfter(error: unknown, mayReschedule: boolean): ProvisionState {
  if (!(error instanceof DriverError)) return 'in-background';
  switch (error.code) {
    case 'RESOURCE_EXHAUSTED':
      return mayReschedule ? 'reschedule' : 'finished';
    case 'CANCELLED':
    case 'DEADLINE_EXCEEDED':
    case 'UNAVAILABLE':
    case 'ABORTED':
      return 'in-background';
    default:
      return 'finished';
  }
}
