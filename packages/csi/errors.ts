import { CallError, type GrpcCode } from '@slipway/kernel';

/** What CSI speaks. Spec: "Error Scheme". */
export type CsiCode = GrpcCode;

/** A failed CSI call. Callers branch on `code`, never on the message, which is for people and not empty. */
export class CsiError extends CallError {
  override readonly name: string = 'CsiError';

  constructor(code: CsiCode, message: string) {
    super(code, message);
  }
}

/** What any call may answer. Spec: "Error Scheme". */
export const generalCodes: readonly CsiCode[] = ['INVALID_ARGUMENT', 'PERMISSION_DENIED', 'ABORTED', 'UNIMPLEMENTED', 'UNAUTHENTICATED'];

/**
 * What gRPC or a driver's own trouble makes of a call: outside the tables, yet every caller has to bear it, since the spec asks for "a
 * canonical code" and no more. They never stand in for a code that a table demands.
 */
export const troubleCodes: readonly CsiCode[] = ['CANCELLED', 'UNKNOWN', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNAVAILABLE'];

/**
 * Whether the work may still be going on after such an answer, so that the caller has to count the step as perhaps done until it is
 * confirmed. Source: kubernetes-csi/external-provisioner pkg/controller/controller.go, kubernetes pkg/volume/csi (isFinalError).
 */
export function isUncertain(code: string): boolean {
  return ['CANCELLED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'ABORTED'].includes(code);
}
