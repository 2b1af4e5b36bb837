/** A sync that has to be tried again. */
export class SyncError extends Error {
  readonly code = 'SyncError';
  /** It is likely to pass soon. */
  readonly transient: boolean;
  /** Unix time in microseconds before which another try is pointless. */
  readonly retryAt: number | undefined;

  constructor(message: string, options: { readonly transient?: boolean; readonly retryAt?: number | undefined } = {}) {
    super(message);
    this.transient = options.transient ?? false;
    this.retryAt = options.retryAt;
  }
}
