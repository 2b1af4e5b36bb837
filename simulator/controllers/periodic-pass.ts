import type { ControllerContext } from '@slipway/client';
import { codeOf, messageOf, type Process } from '@slipway/kernel';

/**
 * Runs one pass of periodic work. What the API server refuses or fails to answer ends the pass, not the controller: the next pass looks
 * again. False when that happened.
 */
export function* attempt(pass: Process, context: ControllerContext, what: string): Process<boolean> {
  try {
    yield* pass;
    return true;
  } catch (error) {
    // Without a code it is no answer but a defect.
    if (codeOf(error) === 'UNKNOWN') throw error;
    context.log(`${what} will be repeated: ${messageOf(error)}`);
    return false;
  }
}
