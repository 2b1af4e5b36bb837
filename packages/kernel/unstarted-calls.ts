import { codePlace } from './code-places.ts';
import { formatDuration, type Micros } from './time.ts';

/** Calls of one method that note where they are made, unless options say otherwise: a stack costs more than a call. */
const PLACES = 3;

/** Counts down. */
export interface Places {
  left: number;
}

/** What of a call this needs: its names, where it was made, and whether somebody has started it. */
export interface NamedCall {
  readonly title: string;
  readonly method: { readonly title: string; readonly places: Places };
  readonly madeAt: { readonly stack?: string } | undefined;
  readonly started: boolean;
}

/** A call that was made and that nobody started. */
export class MissingYield extends Error {
  override readonly name = 'MissingYield';
  /** File, line and column of the call, where they are known. */
  readonly place: string | undefined;

  /** @param cause where the call was made: has the stack */
  constructor(message: string, place: string | undefined, cause: unknown) {
    super(message, { cause });
    this.place = place;
  }
}

/** Calls that were made and not started yet: between `client.method(…)` and its `yield*` there is nothing, or the `yield*` is missing. */
export class UnstartedCalls {
  #calls: NamedCall[] = [];
  readonly #places = new Map<string, Places>();
  readonly #each: number;

  /** @param each how many calls of one method note where they are made */
  constructor(each = PLACES) {
    this.#each = each;
  }

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

  /** How many calls to a method may still note where they are made: one count for all callers of a sort, as all kubelets are one. */
  placesOf(title: string, caller: string): Places {
    const [sort] = caller.split('/', 1);
    const key = `${sort} ${title}`;
    let places = this.#places.get(key);
    if (!places) {
      places = { left: this.#each };
      this.#places.set(key, places);
    }
    return places;
  }

  /** Takes out all but the `kept` oldest. */
  takeAfter(kept: number): readonly NamedCall[] {
    return this.#calls.length > kept ? this.#calls.splice(kept) : NO_CALLS;
  }

  /** The error for calls of a process that nobody started; forgets them. */
  forgotten(who: string, at: Micros): MissingYield {
    const [call] = this.takeAfter(0);
    const place = codePlace(call?.madeAt?.stack);
    return new MissingYield(
      `call ${call?.title}: yield* is missing (${who}, at ${formatDuration(at)}${place === undefined ? '' : `, ${place}`})`,
      place,
      call?.madeAt,
    );
  }
}

const NO_CALLS: readonly NamedCall[] = [];

/** What is wrong with work that made the call and never started it. The next such calls note where they are made. */
export function missingYield({ method, madeAt }: NamedCall): string {
  method.places.left = PLACES;
  const place = codePlace(madeAt?.stack);
  return `call ${method.title}: yield* is missing${place === undefined ? '' : ` at ${place}`}`;
}
