import { formatDuration, type Micros, messageOf, type Process, seconds, sleepUntil, spawn } from '@slipway/kernel';
import type { InputWarning } from '../manifests/load-manifests.ts';
import { nodesReady } from '../manifests/nodes-ready.ts';
import { SettleWatch } from '../manifests/settle.ts';
import type { ScenarioCluster } from './cluster.ts';
import { EventLog } from './expectations/event-log.ts';
import { type ExpectationResult, Watching } from './watching.ts';
import type { Calm, Scenario, ScenarioStep } from './scenario.ts';
import { performStep } from './steps/index.ts';
import { Variables } from './variables.ts';

/** A step that did not do what it should. */
export interface StepFailure {
  readonly text: string;
  /** Virtual microseconds. */
  readonly at: Micros;
  readonly message: string;
  readonly place: ScenarioStep['place'];
}

/** What became of a scenario. */
export interface ScenarioOutcome {
  /** No step failed and every expectation that was judged held. Invariants are not in it. */
  readonly held: boolean;
  readonly expectations: readonly ExpectationResult[];
  readonly failures: readonly StepFailure[];
  /** Steps that the run did not get to. */
  readonly unreached: number;
  /** What steps did beside what was asked: a namespace was made. */
  readonly warnings: readonly InputWarning[];
}

export interface RunOptions {
  /** Ends the run here, whatever the scenario says. What was not judged by then stays open. */
  readonly until?: Micros | undefined;
  /** Lets the world run up to a time; left out: `kernel.runAsync`. Must return only when that time has come. */
  readonly drive?: (until: Micros) => Promise<void>;
  /** Is told of each expectation when it is decided. Only looks. */
  readonly onDecided?: (result: ExpectationResult) => void;
}

/** Performs a scenario in a world that was made for it. The caller looks at the world's invariants. */
export async function runScenario(scenario: Scenario, cluster: ScenarioCluster, options: RunOptions = {}): Promise<ScenarioOutcome> {
  return await new Run(scenario, cluster, options).finish();
}

class Run {
  readonly #scenario: Scenario;
  readonly #cluster: ScenarioCluster;
  readonly #variables = new Variables();
  readonly #watching: Watching;
  readonly #settle: SettleWatch;
  readonly #failures: StepFailure[] = [];
  readonly #warnings: InputWarning[] = [];
  readonly #limit: Micros;
  readonly #drive: (until: Micros) => Promise<void>;
  readonly #begun = new Set<ScenarioStep>();
  readonly #ended = new Set<ScenarioStep>();

  constructor(scenario: Scenario, cluster: ScenarioCluster, { until, drive, onDecided }: RunOptions) {
    const { kernel, server } = cluster;
    this.#scenario = scenario;
    this.#cluster = cluster;
    this.#limit = Math.min(until ?? Number.POSITIVE_INFINITY, scenario.duration ?? Number.POSITIVE_INFINITY);
    this.#drive =
      drive ??
      (async (time) => {
        // A listener may halt the kernel: that ends no wait.
        while ((await kernel.runAsync({ until: time })) === 'halted');
      });
    const context = { cluster, variables: this.#variables, events: new EventLog(kernel, server) };
    this.#watching = new Watching(scenario.expectations, context, onDecided);
    this.#settle = new SettleWatch(kernel, server);
  }

  async finish(): Promise<ScenarioOutcome> {
    const { kernel, user } = this.#cluster;
    const steps = user.spawn('scenario', this.#perform());
    const { calm } = this.#scenario;
    if (calm) kernel.after(calm.from, () => this.#cluster.calm());
    this.#watching.start();
    for (const time of this.#watching.times) {
      if (time > this.#limit) break;
      await this.#drive(time);
      this.#watching.judge(time);
    }
    let reachedEnd: boolean;
    if (calm) reachedEnd = await this.#awaitCalm(calm);
    else if (Number.isFinite(this.#limit)) {
      await this.#drive(this.#limit);
      reachedEnd = this.#scenario.duration !== undefined && kernel.now >= this.#scenario.duration;
    } else {
      // The last step may take its time; then the cluster is let to settle.
      while ((steps.state !== 'done' || this.#ended.size < this.#begun.size) && kernel.now < LONGEST)
        await this.#drive(kernel.now + seconds(10));
      await this.#settle.settle((time) => this.#drive(time));
      reachedEnd = true;
    }
    if (reachedEnd && calm) this.#cluster.afterCalm();
    if (reachedEnd) {
      this.#failUnfinished();
      this.#warnOfIdleFaults();
    }
    if (reachedEnd) await this.#watching.atEnd((name, process) => kernel.completeAsync(user, name, process));
    const expectations = this.#watching.results();
    return {
      held: this.#failures.length === 0 && expectations.every(({ held }) => held !== false),
      expectations,
      failures: this.#failures,
      unreached: this.#scenario.steps.length - this.#begun.size,
      warnings: this.#warnings,
    };
  }

  /** Lets the calm pass, up to where the cluster has been converged for long enough. Answers whether it is over. */
  async #awaitCalm({ from, within, stays }: Calm): Promise<boolean> {
    const { kernel } = this.#cluster;
    const end = from + within;
    let since: Micros | undefined;
    for (let time = Math.max(from, kernel.now) + LOOK; time < end && time <= this.#limit; time += LOOK) {
      await this.#drive(time);
      if (!this.#cluster.isConverged()) since = undefined;
      else if (time - (since ??= time) >= stays) return true;
    }
    await this.#drive(Math.min(end, this.#limit));
    return kernel.now >= end;
  }

  /** The scenario was too short for what it wants: a step took its time, or the first nodes never came up. */
  #failUnfinished(): void {
    const at = this.#cluster.kernel.now;
    for (const step of this.#scenario.steps) {
      const { text, place, action } = step;
      if (!this.#begun.has(step))
        this.#failures.push({
          text,
          at,
          place,
          message: 'the run ended before this step: make spec.duration longer, or see what the steps before wait for',
        });
      else if (!this.#ended.has(step) && HAS_OUTCOME.has(action))
        this.#failures.push({
          text,
          at,
          place,
          message: 'the run ended before this step did: make spec.duration longer, or give it a timeout',
        });
    }
  }

  /** A fault that met no call most likely names the wrong one; what has been healed is gone from the board. */
  #warnOfIdleFaults(): void {
    for (const { name, text, struck } of this.#cluster.faults.active)
      if (struck === 0 && !/ rate 0(,|$)/.test(text))
        this.#warnings.push({ object: `fault ${name}`, field: '', message: `${text}: has met no call` });
  }

  /** Steps of one time one after the other, those of another time whether or not the earlier ones are done. */
  *#perform(): Process {
    const groups = groupsOf(this.#scenario.steps);
    let isUp = false;
    for (const [index, { at, steps }] of groups.entries()) {
      yield* sleepUntil(at);
      // Faults that are set meanwhile, or not, move nothing.
      const next = groups.slice(index + 1).find(needsNodes)?.at ?? Number.POSITIVE_INFINITY;
      const waits = !isUp;
      isUp ||= needsNodes({ steps });
      yield* spawn(`steps at ${formatDuration(at)}`, this.#group(steps, waits ? Math.min(next, BOOT) : undefined));
    }
  }

  /** @param boot until when the first nodes may come up before a step needs them; undefined: nobody waits for them. */
  *#group(steps: readonly ScenarioStep[], boot: Micros | undefined): Process {
    let waits = boot !== undefined;
    for (const step of steps) {
      if (waits && !BEFORE_BOOT.has(step.action)) {
        waits = false;
        yield* nodesReady(this.#cluster, [...this.#cluster.nodes.keys()], boot ?? 0);
      }
      yield* this.#step(step);
    }
  }

  *#step(step: ScenarioStep): Process {
    const { kernel } = this.#cluster;
    const at = kernel.now;
    const { as, text, place } = step;
    const { fails } = step.document;
    const fail = (message: string): void => {
      this.#failures.push({ text, at, message, place });
    };
    this.#begun.add(step);
    try {
      const value = yield* performStep(step, {
        cluster: this.#cluster,
        variables: this.#variables,
        warn: (warning) => this.#warnings.push(warning),
      });
      if (as !== undefined && value !== undefined) this.#variables.set(as, value);
      if (fails !== undefined) fail('the step was to fail, and did not');
    } catch (error) {
      const { fix } = error as { readonly fix?: string };
      const message = fix === undefined ? messageOf(error) : `${messageOf(error)} (${fix})`;
      if (step.document.mayFail) {
        // Whatever comes of it: what it is about may be there or not.
      } else if (fails === undefined) fail(message);
      else if (fails !== true && !message.includes(fails)) fail(`the step was to fail with "${fails}", and failed otherwise: ${message}`);
    }
    // A step at the very moment at which the calm begins, or one that had to wait for those before it.
    const { calm } = this.#scenario;
    if (calm && kernel.now >= calm.from) this.#cluster.calm();
    this.#ended.add(step);
  }
}

/** How often one looks whether a cluster has converged. */
const LOOK: Micros = seconds(30);
/** Nodes that are not Ready by then are not waited for. */
const BOOT: Micros = seconds(60);
/** Steps of which one wants to know how they end; of a restart, the part may be away to the end of the run. */
const HAS_OUTCOME: ReadonlySet<ScenarioStep['action']> = new Set(['drain', 'exec', 'request']);
/** A step that never ends ends the run here: a day. */
const LONGEST: Micros = seconds(24 * 60 * 60);
/** What can be done, and has to be, before the first node is up. */
const BEFORE_BOOT: ReadonlySet<ScenarioStep['action']> = new Set([
  'fault',
  'heal',
  'partition',
  'nodeFault',
  'addNodes',
  'powerOff',
  'powerOn',
  'removeNode',
  'restart',
]);

/** Whether there is a step that has to wait for the first nodes. */
const needsNodes = ({ steps }: Pick<Group, 'steps'>): boolean => steps.some(({ action }) => !BEFORE_BOOT.has(action));

interface Group {
  readonly at: Micros;
  readonly steps: readonly ScenarioStep[];
}

function groupsOf(steps: readonly ScenarioStep[]): readonly Group[] {
  const groups: { at: Micros; steps: ScenarioStep[] }[] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last && (step.at === undefined || step.at === last.at)) last.steps.push(step);
    else groups.push({ at: step.at ?? 0, steps: [step] });
  }
  return groups;
}
