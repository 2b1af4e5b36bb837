import { codeOf, messageOf, type Process } from '@slipway/kernel';
import { CpiError } from '../../errors.ts';

/**
 * Makes a call to the cloud. Its failures are plain errors to whoever called the provider, with the cloud's code in front as the SDK
 * prints it: `RequestLimitExceeded: …`. Callers retry them all.
 */
export function* fromCloud<T>(call: Process<T>, what?: string): Process<T> {
  try {
    return yield* call;
  } catch (error) {
    const text = `${codeOf(error)}: ${messageOf(error)}`;
    throw new CpiError('UNKNOWN', what === undefined ? text : `${what}: "${text}"`);
  }
}

/** The same, for what may be gone: undefined when the cloud does not know it. */
export function* ifKnown<T>(call: Process<T>, unknown: string): Process<T | undefined> {
  try {
    return yield* call;
  } catch (error) {
    if (codeOf(error) === unknown) return undefined;
    throw new CpiError('UNKNOWN', `${codeOf(error)}: ${messageOf(error)}`);
  }
}
