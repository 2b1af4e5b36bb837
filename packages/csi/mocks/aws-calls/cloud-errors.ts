import { codeOf, messageOf } from '@slipway/kernel';
import type { CsiCode } from '../../errors.ts';

/** An error of the cloud as Amazon's SDK prints it. */
export const apiError = (error: unknown): string => `api error ${codeOf(error)}: ${messageOf(error)}`;

/** A text as Go's %q writes it. */
export const quoted = (text: string): string => JSON.stringify(text);

/**
 * What CSI calls a failure that no table of a driver names: trouble of the way to the cloud keeps its name, since side-cars take it for
 * "perhaps done"; all else is INTERNAL.
 */
export function troubleOf(error: unknown): CsiCode {
  const code = codeOf(error);
  if (code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED') return code;
  return code === 'RequestLimitExceeded' ? 'UNAVAILABLE' : 'INTERNAL';
}
