import { messageOf } from '@slipway/kernel';

/** A step that failed in the run: the API server refuses it, a drain does not end, a command fails, a reference finds nothing. */
export class StepError extends Error {
  override readonly name = 'StepError';
  /** What to write instead, where there is something to say. */
  readonly fix: string | undefined;

  constructor(message: string, fix?: string) {
    super(message);
    this.fix = fix;
  }
}

/** Errors of references and variables: what they say is the message of the step. */
const OWN_WORDS: ReadonlySet<string> = new Set(['BadReference', 'UnknownVariable', 'InputError']);

/**
 * The step's error for something that happens in the course of things: a refusal with a code, a reference that finds nothing. Anything
 * else is a defect, comes back as it is, and must stop the run.
 */
export function stepError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StepError) return error;
  if (OWN_WORDS.has(error.name)) return new StepError(error.message, (error as { readonly fix?: string }).fix);
  return typeof (error as { readonly code?: unknown }).code === 'string' ? new StepError(messageOf(error)) : error;
}
