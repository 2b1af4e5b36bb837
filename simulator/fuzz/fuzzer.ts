import type { Kernel, TraceRecord } from '@slipway/kernel';
import type { ScenarioDocument, StepDocument } from '../scenario/schema.ts';
import { InputError } from '../manifests/input-error.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { FuzzBase } from './base.ts';
import { loadCase } from './case-loader.ts';
import { exploreOrders, type OrderedRun, type OrderSearchReport, type Picks } from './interleavings/explore-orders.ts';
import { LASTING } from './judged.ts';
import { type Profile, profileOf, Profiler } from './profile.ts';
import { shrink, alongPath } from './shrink/shrink.ts';
import { type StoryEvent, storyOf } from './story.ts';
import { drawCase, lastingCalm } from './swarm/draw-case.ts';
import type { SwarmMember } from './swarm/members.ts';
import { EXPECTATION, type Finding, type MakeWorld, type Trial } from './trial.ts';
import { tryCase } from './try-case.ts';
import { isRepeated, REPLAY, tryTwice } from './try-twice.ts';

export interface FuzzerOptions {
  readonly base: FuzzBase;
  readonly makeWorld: MakeWorld;
  /** The story of a seed, where each has its own. Left out: that of the base, which else only shows what there is to go wrong. */
  readonly storyOf?: (seed: number) => ScenarioDocument;
  /** Which of the swarm may be drawn. Left out: all. */
  readonly members?: readonly SwarmMember[];
  /** Ids of the only invariants whose breach counts. Left out: everything that is found counts. */
  readonly invariants?: readonly string[];
}

/** A failing case, as small as could be found. */
export interface Failure {
  readonly invariant: string;
  readonly seed: number;
  /** Leads from the seed's case to the small one. */
  readonly path: readonly number[];
  readonly finding: Finding;
  readonly document: ScenarioDocument;
  /** Cases tried to make it small. */
  readonly trials: number;
}

/** Stands for the story as it was written, with nothing wrong in it. */
export const PLAIN = 'plain';
export type CaseKey = number | typeof PLAIN;

/** Tries cases of one story. Whatever it is asked, the answer depends on the story and the seed alone. */
export class Fuzzer {
  readonly #options: FuzzerOptions;
  readonly #profile: Profile;
  /** What came of the story as it was written. */
  readonly plain: Trial;

  private constructor(options: FuzzerOptions, profile: Profile, plain: Trial) {
    this.#options = options;
    this.#profile = profile;
    this.plain = this.#counted(plain);
  }

  /** Runs the story as it was written first, to learn what there is to go wrong. */
  static async of(options: FuzzerOptions): Promise<Fuzzer> {
    const scenario = loadCase(lastingCalm(options.base.document), options.base);
    let profiler: Profiler | undefined;
    const plain = await tryTwice(scenario, options.makeWorld, {
      places: true,
      watch(world) {
        profiler = new Profiler(world);
      },
    });
    if (!profiler) throw new Error('no world was made');
    return new Fuzzer(options, profiler.profile(scenario), plain);
  }

  documentOf(key: CaseKey): ScenarioDocument {
    const { base, members } = this.#options;
    if (key === PLAIN) return lastingCalm(base.document);
    const story = this.#options.storyOf?.(key);
    const profile = story ? profileOf(story, this.#profile) : this.#profile;
    return drawCase(story ?? base.document, profile, key, members ? { members } : {});
  }

  /** The case of a seed from some of the swarm only. */
  drawOnly(members: readonly SwarmMember[], seed: number): ScenarioDocument {
    return drawCase(this.#options.base.document, this.#profile, seed, { members });
  }

  scenarioOf(document: ScenarioDocument): Scenario {
    return loadCase(document, this.#options.base);
  }

  async try(seed: number): Promise<Trial> {
    const document = this.documentOf(seed);
    return isRepeated(seed) ? await this.tryAgain(document) : await this.tryDocument(document);
  }

  /** A document that was found to fail, tried twice: a failure may lie in that both runs differ. */
  async tryAgain(document: ScenarioDocument): Promise<Trial> {
    return this.#counted(await tryTwice(this.scenarioOf(document), this.#options.makeWorld));
  }

  async tryDocument(document: ScenarioDocument): Promise<Trial> {
    return this.#counted(await tryCase(this.scenarioOf(document), this.#options.makeWorld));
  }

  /** Only what counts. */
  #counted(trial: Trial): Trial {
    const { invariants } = this.#options;
    return invariants ? { ...trial, findings: trial.findings.filter(({ invariant }) => invariants.includes(invariant)) } : trial;
  }

  /** @param budget kernel events that may be spent on it */
  async shrink(key: CaseKey, finding: Finding, budget?: number): Promise<Failure> {
    return { ...(await this.shrinkDocument(this.documentOf(key), finding, budget)), seed: this.#seedOf(key) };
  }

  /** The same for a case that no seed draws. */
  async shrinkDocument(from: ScenarioDocument, finding: Finding, budget?: number): Promise<Failure> {
    const {
      document,
      path,
      finding: smallest,
      trials,
    } = await shrink(from, finding, {
      attempt: (candidate, invariant) => this.#attempt(candidate, invariant),
      ...(budget === undefined ? {} : { budget }),
    });
    return { invariant: finding.invariant, seed: this.#seedOf(PLAIN), path, finding: smallest, document, trials };
  }

  /**
   * Tries the story as it was written in every order of simultaneous events that can make a difference, from its first step on.
   *
   * @param depth how many choices are searched. @param budget runs at most. @param onRun is told of each.
   */
  async orders(
    depth: number,
    budget: number,
    onRun: (trial: Trial, document: ScenarioDocument) => void,
  ): Promise<OrderSearchReport<Trial>> {
    const plain = this.documentOf(PLAIN);
    const inOrder = (picks: Picks): ScenarioDocument => ({
      ...plain,
      spec: { ...plain.spec, explore: { order: 'picks', picks: Object.fromEntries(picks) } },
    });
    let from = 0;
    const run = async (picks: Picks): Promise<OrderedRun<Trial>> => {
      const document = inOrder(picks);
      let kernel: Kernel | undefined;
      const trial = this.#counted(
        await tryCase(this.scenarioOf(document), this.#options.makeWorld, {
          footprints: true,
          watch: ({ cluster }) => {
            ({ kernel } = cluster);
            if (from === 0) onFirstStep(cluster.kernel, (points) => (from = points));
          },
        }),
      );
      onRun(trial, document);
      if (!kernel) throw new Error('no world was made');
      return { choices: kernel.choices, footprints: kernel.footprints, result: trial };
    };
    await run(new Map());
    return await exploreOrders({ run, from, depth, budget });
  }

  /** What led to a failure. */
  story({ document, finding }: Failure): Promise<readonly StoryEvent[]> {
    return storyOf(this.scenarioOf(document), finding, this.#options.makeWorld);
  }

  /** The document at the end of a path. @throws RangeError */
  along(key: CaseKey, path: readonly number[]): ScenarioDocument {
    return alongPath(this.documentOf(key), path);
  }

  #seedOf(key: CaseKey): number {
    const { seed = 1 } = this.#options.base.document.spec;
    return key === PLAIN ? Number(seed) : key;
  }

  async #attempt(document: ScenarioDocument, invariant: string): Promise<Trial | undefined> {
    // What a story expects is about all of it: with less of it, nobody would expect that.
    if (invariant === EXPECTATION && !tellsAll(this.#options.base.document, document)) return undefined;
    let scenario: Scenario;
    try {
      scenario = this.scenarioOf(document);
    } catch (error) {
      // What is left names something that is not there any more.
      if (error instanceof InputError) return undefined;
      throw error;
    }
    const { makeWorld } = this.#options;
    const trial = await tryCase(scenario, makeWorld, { stopAt: invariant });
    const isFound = trial.findings.some((finding) => finding.invariant === invariant);
    if (isFound && LASTING.has(invariant) && (await this.#breaksByItself(document, invariant))) return undefined;
    return invariant === REPLAY && !isFound ? await tryTwice(scenario, makeWorld) : trial;
  }

  /** What is asked of the cluster cannot be had any more, though the story could: that would be another failure of the same row. */
  async #breaksByItself(document: ScenarioDocument, invariant: string): Promise<boolean> {
    const isBroken = ({ findings }: Trial): boolean => findings.some((finding) => finding.invariant === invariant);
    if (isBroken(this.plain)) return false;
    const { explore: _explore, steps = [], ...rest } = document.spec;
    const wishes = { ...document, spec: { ...rest, steps: steps.filter(({ apply }) => apply !== undefined) } };
    return isBroken(await tryCase(this.scenarioOf(wishes), this.#options.makeWorld));
  }
}

/** Tells how many choices had been made when the story began: those of a cluster that comes up are not in question. */
function onFirstStep(kernel: Kernel, tell: (points: number) => void): void {
  const look = ({ name }: TraceRecord): void => {
    if (!name.startsWith('step/')) return;
    kernel.events.off('trace', look);
    tell(kernel.choices.points);
  };
  kernel.events.on('trace', look);
}

/** Whether all steps of the story are in a case, whenever they come, and what it expects too. */
function tellsAll({ spec: story }: ScenarioDocument, { spec }: ScenarioDocument): boolean {
  const texts = new Set((spec.steps ?? []).map(withoutTime));
  return (story.steps ?? []).every((step) => texts.has(withoutTime(step))) && (spec.expect ?? []).length > 0;
}

const withoutTime = ({ at: _at, ...step }: StepDocument): string => JSON.stringify(step);
