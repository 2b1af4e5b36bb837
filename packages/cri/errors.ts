import { CallError } from '@slipway/kernel';

/** gRPC's status codes but OK; CRI has none of its own. Source: grpc/grpc "Status codes and their use in gRPC". */
export type CriCode =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

/** A failed CRI call. Callers branch on `code`; a plain Go error of a runtime is UNKNOWN. */
export class CriError extends CallError {
  override readonly name: string = 'CriError';

  constructor(code: CriCode, message: string) {
    super(code, message);
  }
}
