import { formatDuration } from '@slipway/kernel';
import { type Finding, HANG, type Trial } from './trial.ts';

/** What a case came to that was given up. @param limitMs real time that it had */
export function hung(seed: number, limitMs: number): Trial {
  const finding: Finding = {
    invariant: HANG,
    at: 0,
    message: `seed ${seed}: the case has not come back for ${formatDuration(limitMs * 1_000)} of real time: something in it never waits`,
    objects: [],
    seq: 0,
  };
  const none: ReadonlyMap<string, number> = new Map();
  return {
    findings: [finding],
    fingerprint: '',
    events: 0,
    end: 0,
    preconditions: none,
    fired: none,
    situations: none,
    outcomes: none,
  };
}
