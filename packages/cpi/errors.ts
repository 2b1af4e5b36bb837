import { CallError, type Micros } from '@slipway/kernel';

/** The sentinel errors of cloud-provider, `RetryError`, and what any other Go error is to its callers. */
export type CpiCode = 'DiskNotFound' | 'ImplementedElsewhere' | 'InstanceNotFound' | 'NotImplemented' | 'RetryError' | 'UNKNOWN';

/** A failed call. Callers branch on `code`; `retryAfter` comes with RetryError and replaces their back-off. */
export class CpiError extends CallError {
  override readonly name: string = 'CpiError';
  readonly retryAfter?: Micros;

  constructor(code: CpiCode, message: string, retryAfter?: Micros) {
    super(code, message);
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}
