/**
 * What a failed try says of the volume: `finished` (nothing is under way, and what was perhaps there is not), `uncertain` (the work may
 * be done, or still be going on), `transient` (it was not even begun).
 *
 * Source: `pkg/volume/util/types/types.go` IsOperationFinishedError, UncertainProgressError, TransientOperationFailure.
 */
export type Progress = 'finished' | 'uncertain' | 'transient';

/** A volume that cannot be set up, or taken away, as things are. */
export class VolumeError extends Error {
  readonly code = 'VolumeError';
  readonly progress: Progress;

  constructor(message: string, progress: Progress = 'finished') {
    super(message);
    this.progress = progress;
  }
}

/** What a failure says of the volume. */
export function progressOf(error: unknown): Progress {
  return error instanceof VolumeError ? error.progress : 'finished';
}

/** Raised when a pod's volumes are not there, or not gone, in time; nothing is reported, since each failure was. */
export class VolumeTimeout extends Error {
  readonly code = 'VolumeTimeout';
}

/** Raised when a volume cannot grow while it is in use, or as asked, so that trying again is of no use. */
export class ExpansionRefused extends Error {
  readonly code = 'ExpansionRefused';
  readonly reason: 'inUse' | 'infeasible';

  constructor(message: string, reason: 'inUse' | 'infeasible') {
    super(message);
    this.reason = reason;
  }
}
