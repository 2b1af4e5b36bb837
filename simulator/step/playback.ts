import { messageOf, type TraceRecord } from '@slipway/kernel';
import type { ScenarioOutcome } from '../scenario/run-scenario.ts';
import type { StepDocument } from '../scenario/schema.ts';
import { describeStep } from '../scenario/steps/index.ts';
import type { Attempt } from './attempt.ts';
import { CallLedger } from './call-ledger.ts';
import type { CallStop, Outcome, StepStop, Stop } from './stop.ts';

/** How the run stands: at a stop, or at its end. */
export type Standing = { readonly stop: Stop } | { readonly stop: undefined; readonly outcome: ScenarioOutcome };

/**
 * One run that can stand still. It halts the kernel at a stop and holds the scenario until it is asked to go on; what it meets between two
 * halts is noted, so that several stops within one event are still stood at one by one.
 */
export class Playback<A extends Attempt> {
  readonly attempt: A;
  readonly ledger: CallLedger;
  /** Texts of the added steps that have not been performed yet: they are no stops. */
  readonly #added: string[];
  readonly #stops: Stop[] = [];
  /** Trace events by which the added faults were set, and the names that they got. */
  readonly #set: { readonly seq: number; readonly name: string }[] = [];
  readonly #outcomes = new Map<number, { readonly of: CallStop | StepStop; readonly outcomes: Outcome[] }>();
  #isSetting = false;
  /** How many of the stops it has passed or stands at. */
  #stood = 0;
  readonly #ids = new Set<string>();
  #wanted: (stop: Stop) => boolean = () => true;
  #isDriving = false;
  #goOn: (() => void) | undefined;
  #onStand: { readonly resolve: (standing: Standing) => void; readonly reject: (error: unknown) => void } | undefined;
  #end: ScenarioOutcome | undefined;
  #isStarted = false;

  /** @param added steps that are no part of the scenario. */
  constructor(attempt: A, added: readonly StepDocument[]) {
    this.attempt = attempt;
    this.#added = added.map(describeStep);
    this.ledger = new CallLedger(attempt.kernel);
    attempt.kernel.events.on('trace', (record) => this.#note(record));
  }

  /** How many stops it has passed, the one where it stands included. */
  get index(): number {
    return this.#stood;
  }

  /** The stops that it has passed, the one where it stands included. */
  get passed(): readonly Stop[] {
    return this.#stops.slice(0, this.#stood);
  }

  /** Whether it has passed the stop, or stands at it. */
  hasPassed(id: string): boolean {
    return this.passed.some((stop) => stop.id === id);
  }

  /** What has come of the call or step so far, in order. */
  outcomesOf({ seq }: CallStop | StepStop): readonly Outcome[] {
    return this.#outcomes.get(seq)?.outcomes ?? [];
  }

  /** How many calls like this one the nth added fault has counted. Undefined: it was not set yet when the call was sent. */
  countedBy(fault: number, stop: CallStop): number | undefined {
    const set = this.#set[fault];
    if (!set || set.seq > stop.seq) return undefined;
    const earlier = this.#set.slice(0, fault).map(({ name }) => name);
    return this.ledger.before(stop, set.seq, earlier);
  }

  /** Runs on to the next stop that is wanted, or to the end. */
  async goOn(wanted: (stop: Stop) => boolean): Promise<Standing> {
    this.#wanted = wanted;
    if (this.#end) return { stop: undefined, outcome: this.#end };
    const standing = new Promise<Standing>((resolve, reject) => {
      this.#onStand = { resolve, reject };
    });
    if (!this.#isStarted) {
      this.#isStarted = true;
      void this.#perform();
    } else this.#goOn?.();
    return await standing;
  }

  async #perform(): Promise<void> {
    try {
      const outcome = await this.attempt.perform({
        drive: (until) => this.#drive(until),
        onDecided: (result) =>
          this.#meet({ sort: 'expectation', id: this.#idOf(`expectation ${result.text}`), at: this.attempt.kernel.now, result }),
      });
      await this.#stand();
      this.#end = outcome;
      this.#onStand?.resolve({ stop: undefined, outcome });
    } catch (error) {
      this.#onStand?.reject(error);
    }
  }

  async #drive(until: number): Promise<void> {
    const { kernel } = this.attempt;
    let state: 'idle' | 'until' | 'halted';
    do {
      await this.#stand();
      this.#isDriving = true;
      state = await kernel.runAsync({ until });
      this.#isDriving = false;
      // Others may halt the kernel too: that ends no wait.
    } while (state === 'halted');
    await this.#stand();
  }

  /** Stands at each stop that has been met and is wanted. */
  async #stand(): Promise<void> {
    while (this.#stood < this.#stops.length) {
      const stop = this.#stops[this.#stood] as Stop;
      this.#stood += 1;
      if (!this.#wanted(stop)) continue;
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
        this.#onStand?.resolve({ stop });
      });
    }
  }

  #meet(stop: Stop): void {
    this.#stops.push(stop);
    if (stop.sort !== 'expectation') this.#outcomes.set(stop.seq, { of: stop, outcomes: [] });
    // Outside of a drive somebody else runs the kernel, who takes a halt for the end.
    if (this.#isDriving && this.#wanted(stop)) this.attempt.kernel.halt();
  }

  /** Two steps may say the same. */
  #idOf(text: string): string {
    let id = text;
    for (let count = 1; this.#ids.has(id); count += 1) id = `${text} ${count}`;
    this.#ids.add(id);
    return id;
  }

  #note(record: TraceRecord): void {
    const { kind, name, at, seq, actor, data, subject } = record;
    const call = this.ledger.note(record);
    if (call) {
      this.#meet(call);
    } else if (kind === 'log' && actor === 'scenario' && /^step\/\w+$/.test(name)) {
      const text = String(data[0]);
      const place = this.#added.indexOf(text);
      this.#isSetting = place >= 0;
      if (this.#isSetting) this.#added.splice(place, 1);
      else this.#meet({ sort: 'step', id: this.#idOf(`step ${text}`), at, seq, text });
    } else if (this.#isSetting && name === 'fault/set') {
      this.#isSetting = false;
      this.#set.push({ seq, name: subject ?? '' });
    } else if (kind === 'log' && actor === 'scenario' && name.endsWith('/failed'))
      this.#follow({ ...record, cause: this.ledger.originOf(record.cause) }, 'failure', String(data[0]));
    else if (kind === 'answer') this.#follow(record, kind, data[0] === 'OK' ? '' : messageOf(record.full));
    else if (kind === 'fault' && data[0] !== 'breach') this.#follow(record, kind, '');
  }

  /** Something has come of a call or step. */
  #follow({ cause, at, seq, actor, data }: TraceRecord, kind: Outcome['kind'], message: string): void {
    const followed = this.#outcomes.get(cause);
    if (followed) followed.outcomes.push({ of: followed.of, at, seq, actor, kind, data, message });
  }
}
