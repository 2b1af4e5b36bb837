import { type CallError, codeOf, messageOf, type Micros, type Process, timeout } from '@slipway/kernel';

/** gRPC's codes as Go prints them, and their numbers. Source: grpc/grpc-go `codes/codes.go`, `codes/code_string.go`. */
const CODES: Readonly<Record<string, readonly [text: string, number: number]>> = {
  CANCELLED: ['Canceled', 1],
  UNKNOWN: ['Unknown', 2],
  INVALID_ARGUMENT: ['InvalidArgument', 3],
  DEADLINE_EXCEEDED: ['DeadlineExceeded', 4],
  NOT_FOUND: ['NotFound', 5],
  ALREADY_EXISTS: ['AlreadyExists', 6],
  PERMISSION_DENIED: ['PermissionDenied', 7],
  RESOURCE_EXHAUSTED: ['ResourceExhausted', 8],
  FAILED_PRECONDITION: ['FailedPrecondition', 9],
  ABORTED: ['Aborted', 10],
  OUT_OF_RANGE: ['OutOfRange', 11],
  UNIMPLEMENTED: ['Unimplemented', 12],
  INTERNAL: ['Internal', 13],
  UNAVAILABLE: ['Unavailable', 14],
  DATA_LOSS: ['DataLoss', 15],
  UNAUTHENTICATED: ['Unauthenticated', 16],
};

/** The answer of a driver that is none, as people find it in events and conditions. */
export class DriverError extends Error {
  /** A gRPC code. */
  readonly code: string;
  /** What the driver said, without the code. */
  readonly description: string;

  constructor(code: string, description: string) {
    super(`rpc error: code = ${codeText(code)} desc = ${description}`);
    this.code = code;
    this.description = description;
  }
}

/** `DeadlineExceeded`. */
export const codeText = (code: string): string => CODES[code]?.[0] ?? 'Unknown';
export const codeNumber = (code: string): number => CODES[code]?.[1] ?? 2;

/**
 * One call to a driver, for at most `limit`. After a time-out the work may be done, or still be going on.
 *
 * @throws DriverError
 */
export function* callDriver<R>(call: Process<R>, limit: Micros): Process<R> {
  try {
    return yield* timeout(call, limit);
  } catch (error) {
    const code = (error as Partial<CallError>).code;
    // A defect, which is for nobody to answer.
    if (code === undefined) throw error;
    throw new DriverError(codeOf(error), code === 'DEADLINE_EXCEEDED' ? 'context deadline exceeded' : messageOf(error));
  }
}

/** Whether an error is an answer, by a driver or the API server, and no defect. */
export const isAnswer = (error: unknown): boolean => error instanceof DriverError || codeOf(error) !== 'UNKNOWN';

/** Whether a driver's error says that nothing goes on any more. Source: external-resizer `pkg/util/util.go`, IsFinalError. */
export function isFinal(error: unknown): boolean {
  if (!(error instanceof DriverError)) return false;
  return !['CANCELLED', 'DEADLINE_EXCEEDED', 'UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'ABORTED'].includes(error.code);
}
