import { CallError, type GrpcCode } from '@slipway/kernel';

/** CRI has no codes of its own. */
export type CriCode = GrpcCode;

/** A failed CRI call. Callers branch on `code`; a plain Go error of a runtime is UNKNOWN. */
export class CriError extends CallError {
  override readonly name: string = 'CriError';

  constructor(code: CriCode, message: string) {
    super(code, message);
  }
}
