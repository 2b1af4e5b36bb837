import { codeOf, must } from '@slipway/kernel';

/** Codes that a link answers with for want of an answer: no proof that the implementation refused anything. */
const SILENCE: readonly string[] = ['DEADLINE_EXCEEDED', 'UNAVAILABLE', 'UNIMPLEMENTED'];

/** Holds when the call is refused. */
export async function mustRefuse(call: Promise<unknown>, what: string): Promise<void> {
  const code = await failureOf(call);
  must(code !== undefined && !SILENCE.includes(code), `${what} is refused, not answered with ${code ?? 'success'}`);
}

/** Runs a method that a plugin may leave out. @returns false when it did */
export async function ranIfThere(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (codeOf(error) === 'UNIMPLEMENTED') return false;
    throw error;
  }
}

/** The code of what a call failed with; undefined when it did not. */
export async function failureOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}
