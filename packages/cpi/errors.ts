import { CallError, codeOf, type Micros } from '@slipway/kernel';

/** The sentinel errors of cloud-provider, `RetryError`, and what any other Go error is to its callers. */
export type CpiCode = 'DiskNotFound' | 'ImplementedElsewhere' | 'InstanceNotFound' | 'NotImplemented' | 'RetryError' | 'UNKNOWN';

/** What the sentinel errors say. Source: cloud-provider `cloud.go`. */
export const sentinelErrors = {
  DiskNotFound: 'disk is not found',
  ImplementedElsewhere: 'implemented by alternate to cloud provider',
  InstanceNotFound: 'instance not found',
  NotImplemented: 'unimplemented',
} as const;

/** A failed call. Callers branch on `code`; `retryAfter` comes with RetryError and replaces their back-off. */
export class CpiError extends CallError {
  override readonly name: string = 'CpiError';
  /** Virtual microseconds. */
  readonly retryAfter?: Micros;

  constructor(code: CpiCode, message: string, retryAfter?: Micros) {
    super(code, message);
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}

/** One of the errors that callers know by name, in upstream's words. */
export function sentinel(code: keyof typeof sentinelErrors): CpiError {
  return new CpiError(code, sentinelErrors[code]);
}

/** A failure that shall be tried again after exactly `retryAfter`, whatever the back-off says. Source: cloud-provider `api/retry_error.go`. */
export function retryError(message: string, retryAfter: Micros): CpiError {
  return new CpiError('RetryError', message, retryAfter);
}

/** The delay that a RetryError asks for; undefined for any other error. Reads the shape: a visitor's plugin has its own class. */
export function retryAfterOf(error: unknown): Micros | undefined {
  if (codeOf(error) !== 'RetryError') return undefined;
  const { retryAfter } = error as { readonly retryAfter?: unknown };
  return typeof retryAfter === 'number' && retryAfter >= 0 ? retryAfter : undefined;
}
