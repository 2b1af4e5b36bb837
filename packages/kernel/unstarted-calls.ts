import { formatDuration, type Micros } from './time.ts';

/** What of a call this needs: its name and where it was made. */
interface NamedCall {
  readonly title: string;
  readonly madeAt: { readonly stack?: string } | undefined;
}

/** Calls that were made and not started yet: between `client.method(…)` and its `yield*` there is nothing, or the `yield*` is missing. */
export class UnstartedCalls {
  #calls: NamedCall[] = [];

  get size(): number {
    return this.#calls.length;
  }

  add(call: NamedCall): void {
    this.#calls.push(call);
  }

  /** The call was started, or handed to someone who starts it. */
  claim(call: unknown): void {
    const calls = this.#calls;
    if (calls.length === 0) return;
    // Nearly always the newest.
    if (calls[calls.length - 1] === call) calls.pop();
    else {
      const at = calls.indexOf(call as NamedCall);
      if (at >= 0) calls.splice(at, 1);
    }
  }

  /** The error for calls that nobody started; forgets them. */
  forgotten(who: string, at: Micros): Error {
    const [call] = this.#calls;
    this.#calls = [];
    // The first frame is the client's own method.
    const places = call?.madeAt?.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')) ?? [];
    const place = places
      .slice(1, 3)
      .map((line) => line.trim())
      .join(' ');
    return new Error(`call ${call?.title}: yield* is missing (${who}, at ${formatDuration(at)}${place === '' ? '' : `, ${place}`})`);
  }
}
