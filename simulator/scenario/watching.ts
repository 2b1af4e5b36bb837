import { type Micros, type Process, seconds, sleep, sleepUntil } from '@slipway/kernel';
import type { Judge, JudgeContext, Verdict } from './expectations/judge.ts';
import type { ScenarioExpectation } from './scenario.ts';
import type { Place } from '../manifests/input-error.ts';
import { UnknownVariable } from './variables.ts';

/** What became of an expectation. */
export interface ExpectationResult {
  readonly text: string;
  /** Null: the run ended before it could be judged. */
  readonly held: boolean | null;
  /** When that was known, in virtual microseconds; null where it is not known. */
  readonly at: Micros | null;
  readonly message: string;
  /** What the scenario says that it shows; empty if it says nothing. */
  readonly because: string;
  readonly place: Place;
}

/** How often a request is sent again where it has to come true, or always has to. */
const PROBE_PERIOD: Micros = seconds(1);

interface Watched {
  readonly expectation: ScenarioExpectation;
  decided: { readonly verdict: Verdict; readonly at: Micros } | undefined;
  /** The last thing that was found, for one that never comes true. */
  latest: Verdict | undefined;
}

type Context = Omit<JudgeContext, 'since'>;

/** Watches the expectations of one run: those about state when it changes and at their times, those that probe as processes of the user. */
export class Watching {
  readonly #context: Context;
  readonly #watched: readonly Watched[];
  readonly #onDecided: ((result: ExpectationResult) => void) | undefined;
  /** Whose window is open, by the kinds that they read. */
  readonly #open = new Map<string, Set<Watched>>();

  constructor(expectations: readonly ScenarioExpectation[], context: Context, onDecided?: (result: ExpectationResult) => void) {
    this.#context = context;
    this.#onDecided = onDecided;
    this.#watched = expectations.map((expectation) => ({ expectation, decided: undefined, latest: undefined }));
  }

  /** Times at which `judge` has to be called, ascending. */
  get times(): readonly Micros[] {
    const times = this.#watched.flatMap(({ expectation: { when } }) =>
      when.sort === 'at' ? [when.at] : when.sort === 'end' ? [] : [when.from, when.end],
    );
    return [...new Set(times)].filter(Number.isFinite).sort((a, b) => a - b);
  }

  start(): void {
    const { cluster } = this.#context;
    cluster.server.observe(({ resource }) => {
      for (const watched of this.#open.get(resource) ?? []) this.#look(watched);
    });
    for (const watched of this.#watched) {
      const { judge, when } = watched.expectation;
      if (judge.sort === 'probe' && when.sort !== 'end')
        cluster.user.spawn(`expectation: ${watched.expectation.text}`, this.#probe(watched, judge));
    }
  }

  /** The clock shows this time, and everything of this moment has happened. */
  judge(time: Micros): void {
    for (const watched of this.#watched) {
      const { when, judge } = watched.expectation;
      if (judge.sort === 'probe') continue;
      if (when.sort === 'at') {
        if (when.at === time) this.#decide(watched, this.#verdict(watched, judge));
        continue;
      }
      if (when.sort === 'end') continue;
      if (when.from === time) {
        this.#setOpen(watched, judge, true);
        this.#look(watched);
      }
      if (when.end === time) this.#close(watched, judge);
    }
  }

  /** Judges what is due at the end of the run, and closes what was open until then. */
  async atEnd(complete: (name: string, process: Process<Verdict>) => Promise<Verdict>): Promise<void> {
    for (const watched of this.#watched) {
      const { when, judge, text } = watched.expectation;
      if (watched.decided) continue;
      if (when.sort === 'always' && judge.sort === 'state') this.#close(watched, judge);
      else if (when.sort === 'always' && watched.latest) this.#decide(watched, watched.latest);
      // What probes is asked once more where its last answer had not come.
      else
        this.#decide(
          watched,
          judge.sort === 'state' ? this.#verdict(watched, judge) : await complete(`expectation: ${text}`, this.#asked(watched, judge)),
        );
    }
  }

  results(): readonly ExpectationResult[] {
    return this.#watched.map(resultOf);
  }

  #look(watched: Watched): void {
    const { judge, when } = watched.expectation;
    if (watched.decided || judge.sort === 'probe') return;
    const verdict = this.#verdict(watched, judge);
    watched.latest = verdict;
    if (verdict.held !== (when.sort === 'within')) return;
    this.#decide(watched, verdict);
    this.#setOpen(watched, judge, false);
  }

  #close(watched: Watched, judge: Judge & { readonly sort: 'state' }): void {
    this.#setOpen(watched, judge, false);
    if (watched.decided) return;
    this.#decide(watched, watched.expectation.when.sort === 'always' ? { held: true, message: '' } : this.#verdict(watched, judge));
  }

  #setOpen(watched: Watched, { kinds }: Judge & { readonly sort: 'state' }, isOpen: boolean): void {
    for (const kind of kinds) {
      const open = this.#open.get(kind) ?? new Set();
      this.#open.set(kind, open);
      if (isOpen) open.add(watched);
      else open.delete(watched);
    }
  }

  #verdict(watched: Watched, judge: Judge & { readonly sort: 'state' }): Verdict {
    return understood(() => judge.judge(this.#contextOf(watched)));
  }

  #contextOf({ expectation: { when } }: Watched): JudgeContext {
    return { ...this.#context, since: when.sort === 'within' || when.sort === 'always' ? when.from : 0 };
  }

  #decide(watched: Watched, verdict: Verdict): void {
    if (watched.decided) return;
    watched.decided = { verdict, at: this.#context.cluster.kernel.now };
    this.#onDecided?.(resultOf(watched));
  }

  *#probe(watched: Watched, judge: Judge & { readonly sort: 'probe' }): Process {
    const { when } = watched.expectation;
    const { kernel } = this.#context.cluster;
    if (when.sort === 'end') return;
    yield* sleepUntil(when.sort === 'at' ? when.at : when.from);
    for (;;) {
      const verdict = yield* this.#asked(watched, judge);
      watched.latest = verdict;
      const isLast = when.sort === 'at' || kernel.now + PROBE_PERIOD > when.end;
      if (isLast || verdict.held === (when.sort === 'within')) return this.#decide(watched, verdict);
      yield* sleep(PROBE_PERIOD);
    }
  }

  *#asked(watched: Watched, judge: Judge & { readonly sort: 'probe' }): Process<Verdict> {
    try {
      return yield* judge.probe(this.#contextOf(watched));
    } catch (error) {
      return notUnderstood(error);
    }
  }
}

function resultOf({ expectation: { text, place, document }, decided }: Watched): ExpectationResult {
  return {
    text,
    held: decided?.verdict.held ?? null,
    at: decided?.at ?? null,
    message: decided?.verdict.message ?? 'the run ended before it could be judged',
    because: document.because ?? '',
    place,
  };
}

function understood(look: () => Verdict): Verdict {
  try {
    return look();
  } catch (error) {
    return notUnderstood(error);
  }
}

/** A reference that names nothing (yet) is an answer; anything else is a defect. */
function notUnderstood(error: unknown): Verdict {
  const { name, message } = error as Error;
  if (error instanceof UnknownVariable || name === 'BadReference') return { held: false, message };
  throw error;
}
