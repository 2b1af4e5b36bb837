import type { Verdict } from './judge.ts';

export const held: Verdict = { held: true, message: '' };

/** Not held. What was found is only put into words when somebody reads it: an expectation may be judged thousands of times. */
export function failed(say: () => string): Verdict {
  let message: string | undefined;
  return {
    held: false,
    get message() {
      message ??= say();
      return message;
    },
  };
}
