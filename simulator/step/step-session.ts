import type { ScenarioOutcome } from '../scenario/run-scenario.ts';
import type { StepDocument } from '../scenario/schema.ts';
import type { Attempt, MakeAttempt } from './attempt.ts';
import { checkInjection, faultStep, type Injection } from './injection.ts';
import { NotHere } from './not-here.ts';
import { Playback } from './playback.ts';
import type { Around, CallStop, Outcome, StepStop, Stop } from './stop.ts';

/** A call that goes wrong in this session. */
export interface Injected {
  readonly injection: Injection;
  readonly call: CallStop;
  /** The step that does it. */
  readonly step: StepDocument;
}

/** The first run tells how many calls the fault has to spare, the second performs it. */
const TRIES = 4;

/**
 * A scenario, stop by stop. Time cannot run backwards: to go back, the same run is performed again up to there, which the seed makes the
 * same run. A fault is set by a step at the beginning that names the call and how many calls like it are spared: what is performed here
 * is what `steps` says.
 */
export class StepSession<A extends Attempt> {
  readonly #make: MakeAttempt<A>;
  #playback: Playback<A>;
  #injected: readonly Injected[] = [];
  /** The stops at which it has stood, in order; the last is where it stands. */
  #path: string[] = [];
  #stop: Stop | undefined;
  #outcome: ScenarioOutcome | undefined;
  /** How many outcomes of each call and step of the path have been told. */
  readonly #told = new Map<string, { readonly of: CallStop | StepStop; count: number }>();

  constructor(make: MakeAttempt<A>) {
    this.#make = make;
    this.#playback = new Playback(make([]), []);
  }

  /** The world of the current run. */
  get attempt(): A {
    return this.#playback.attempt;
  }

  /** Of the trace so far. */
  get fingerprint(): string {
    return this.attempt.fingerprint;
  }

  /** Where it stands; undefined at the beginning and at the end. */
  get stop(): Stop | undefined {
    return this.#stop;
  }

  /** Counted from 1 over all stops, also those that were passed; 0 at the beginning. */
  get index(): number {
    return this.#playback.index;
  }

  /** All stops so far, also those at which it did not stand. */
  get passed(): readonly Stop[] {
    return this.#playback.passed;
  }

  /** What became of the scenario, at the end. */
  get outcome(): ScenarioOutcome | undefined {
    return this.#outcome;
  }

  /** What goes wrong, in the order of the calls. */
  get injected(): readonly Injected[] {
    return this.#injected;
  }

  /** The steps that make it go wrong: they go before those of the scenario's own file. */
  get steps(): readonly StepDocument[] {
    return this.#injected.map(({ step }) => step);
  }

  /** Who may answer the call: one, where its caller has one link for such calls. */
  calleesOf(call: CallStop): readonly string[] {
    return this.#playback.ledger.calleesOf(call);
  }

  /** The calls that are being answered while this one is made, outermost first. */
  around(call: CallStop): readonly Around[] {
    return this.#playback.ledger.around(call);
  }

  /** Runs on to the next stop that is wanted, or to the end. */
  async next(wanted: (stop: Stop) => boolean = () => true): Promise<Stop | undefined> {
    const standing = await this.#playback.goOn(wanted);
    this.#stop = standing.stop;
    if (standing.stop === undefined) this.#outcome = standing.outcome;
    else {
      const { stop } = standing;
      this.#path.push(stop.id);
      if (stop.sort !== 'expectation') this.#told.set(stop.id, { of: stop, count: 0 });
    }
    return this.#stop;
  }

  /** Runs to the end without standing still. */
  async finish(): Promise<ScenarioOutcome> {
    await this.next(() => false);
    return this.#outcome as ScenarioOutcome;
  }

  /** Goes back to where it stood before; to the beginning from the first stop. */
  async back(): Promise<Stop | undefined> {
    if (this.#outcome === undefined) {
      if (this.#path.length === 0) throw new NotHere('this is the beginning');
      this.#path.pop();
    }
    await this.#perform();
    return this.#stop;
  }

  /**
   * Makes the call that is on its way go wrong. What was made to go wrong here or at later calls is forgotten.
   *
   * @throws NotHere where no call is on its way, for a code that its interface does not have, and for a call that is made before a scenario
   *   can do anything.
   */
  async inject(injection: Injection): Promise<Injected> {
    const call = this.#stop;
    if (call?.sort !== 'call') throw new NotHere('no call is on its way here: go on to one');
    checkInjection(call, injection);
    const before = this.#injected;
    const kept = before.filter(({ call: { id } }) => id !== call.id && this.#playback.hasPassed(id));
    // Since the beginning of the run: never too few, so the fault strikes no call that comes earlier.
    let after = this.#playback.ledger.before(call, 0, []);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const injected = { injection, call, step: faultStep(call, injection, after) };
      this.#injected = [...kept, injected];
      await this.#perform();
      const counted = this.#playback.countedBy(kept.length, this.#stop as CallStop);
      if (counted === after) return injected;
      if (counted === undefined) {
        this.#injected = before;
        await this.#perform();
        throw new NotHere('this call is sent before the scenario can do anything: no step comes early enough to spoil it');
      }
      after = counted;
    }
    throw new Error(`no fault strikes exactly the call "${call.id}": the run is not repeatable`);
  }

  /** Takes the last injection back; stands where it was made, or earlier if it stood there already. */
  async undo(): Promise<Injected> {
    const last = this.#injected.at(-1);
    if (!last) throw new NotHere('nothing has been made to go wrong');
    this.#injected = this.#injected.slice(0, -1);
    const place = this.#path.indexOf(last.call.id);
    if (place >= 0) this.#path.length = place + 1;
    await this.#perform();
    return last;
  }

  /** What has come, since this was asked last, of the calls and steps at which it stood. In their order. */
  news(): readonly Outcome[] {
    const news: Outcome[] = [];
    for (const told of this.#told.values()) {
      const outcomes = this.#playback.outcomesOf(told.of);
      news.push(...outcomes.slice(told.count));
      told.count = outcomes.length;
    }
    return news.sort((a, b) => a.seq - b.seq);
  }

  /** Performs the run anew, up to the end of the path. */
  async #perform(): Promise<void> {
    const path = this.#path;
    const goal = path.at(-1);
    const stood = new Set(path);
    const { steps } = this;
    this.#playback = new Playback(this.#make(steps), steps);
    this.#outcome = undefined;
    this.#stop = undefined;
    this.#told.clear();
    if (goal === undefined) return;
    const standing = await this.#playback.goOn((stop) => {
      // The same as before, with the numbers that they have in this run.
      if (stop.sort !== 'expectation' && stood.has(stop.id) && !this.#told.has(stop.id)) this.#told.set(stop.id, { of: stop, count: 0 });
      return stop.id === goal;
    });
    if (standing.stop === undefined) throw new Error(`"${goal}" was there in one run and not in the next: the run is not repeatable`);
    this.#stop = standing.stop;
    this.news();
  }
}
