import { formatDuration, type Micros, parseDuration } from '@slipway/kernel';
import { type CustomResourceDefinition, customKinds, type Kind, kinds, type KubeObject } from '@slipway/kube';
import { suggestion } from '@slipway/kube/schema';
import { type Invariant, invariants } from '../invariants/index.ts';
import { InputError, type Problem } from '../manifests/input-error.ts';
import { type InputWarning, type LoadedObject, loadParts, type ManifestPart } from '../manifests/load-manifests.ts';
import { checkNodes } from './check-nodes.ts';
import { compileExpectation } from './expectations/index.ts';
import { checkKnownNodes } from './known-nodes.ts';
import { checkKnownObjects } from './known-objects.ts';
import { NodeNames } from './node-names.ts';
import { oneLine } from './one-line.ts';
import { ownInvariants } from './own-invariants.ts';
import type { Part, ScenarioDraft, ScenarioFiles } from './read-scenario.ts';
import type { Scenario, ScenarioExpectation, ScenarioStep, When } from './scenario.ts';
import { type ExpectationDocument, type StepDocument, USUAL_NODES } from './schema.ts';
import { checkStep, describeStep } from './steps/index.ts';
import { stepTime, whenOf } from './times.ts';
import { variablesIn } from './variables.ts';

export interface LoadOptions {
  readonly files: ScenarioFiles;
  /** Kinds that the cluster's plugins bring. */
  readonly kinds: readonly Kind[];
  /** Objects that they bring. */
  readonly brought?: readonly KubeObject[];
  /** What the modules export that `invariants.own` names, by path. */
  readonly invariantModules?: ReadonlyMap<string, readonly Invariant[]>;
  /** Instead of the scenario's own. */
  readonly seed?: number | string | undefined;
}

/**
 * Loads what a scenario names: manifests, kinds, references, expressions.
 *
 * @throws InputError with `file:line:column` and what to write instead, for each mistake.
 */
export function loadScenario(draft: ScenarioDraft, options: LoadOptions): Scenario {
  return new Loading(draft, options).finish();
}

const DEFAULT_SEED = 1;
/** What has been so for so long is taken to stay. */
const STAYS = '2m';
/** Keys of a step that say when and how, not what. */
const MODIFIERS: ReadonlySet<string> = new Set(['at', 'as', 'fails', 'mayFail']);

class Loading {
  readonly #draft: ScenarioDraft;
  readonly #options: LoadOptions;
  readonly #problems: Problem[] = [];
  readonly #warnings: InputWarning[] = [];
  /** Of the plugins, and of definitions in the steps so far. */
  readonly #custom: Kind[];
  readonly #duration: Micros | undefined;
  readonly #calm: Scenario['calm'];
  readonly #variables: ReadonlySet<string>;
  /** When the step comes that keeps a variable; of a step without a time, the time of the one before. */
  readonly #keptAt = new Map<string, Micros>();
  readonly #nodes = new Set<string>();
  readonly #applied: KubeObject[];
  /** Whether all is known that the steps apply. */
  #isAllRead = true;

  constructor(draft: ScenarioDraft, options: LoadOptions) {
    this.#draft = draft;
    this.#options = options;
    this.#custom = [...options.kinds];
    this.#applied = [...(options.brought ?? [])];
    const { duration, calm } = draft.spec;
    this.#calm = calm && { from: parseDuration(calm.from), within: parseDuration(calm.within), stays: parseDuration(calm.stays ?? STAYS) };
    this.#duration = this.#calm ? this.#calm.from + this.#calm.within : duration === undefined ? undefined : parseDuration(duration);
    this.#variables = new Set(draft.steps.flatMap(({ document }) => document.as ?? []));
  }

  finish(): Scenario {
    const { name, teaches, file, spec, cluster } = this.#draft;
    this.#checkMachines();
    this.#checkCalm();
    const steps = this.#steps();
    const expectations = this.#draft.expectations.flatMap((part) => this.#expectation(part) ?? []);
    const own = this.#ownInvariants();
    this.#checkInvariants(own);
    this.#checkNodeNames();
    this.#checkObjectNames();
    if (steps.length === 0 && expectations.length === 0 && this.#problems.length === 0)
      this.#problems.push({
        place: this.#draft.placeOf(['spec']),
        message: 'spec: nothing happens and nothing is expected',
        fix: 'add steps, for example "- apply: [web.yaml]"',
      });
    if (this.#problems.length > 0) throw new InputError(this.#problems);
    return {
      name,
      teaches,
      file,
      seed: this.#options.seed ?? spec.seed ?? DEFAULT_SEED,
      duration: this.#duration,
      cluster,
      explore: spec.explore,
      calm: this.#calm,
      invariantsOff: spec.invariants?.off ?? [],
      ownInvariants: own,
      steps,
      expectations,
      warnings: this.#warnings,
    };
  }

  get #kinds(): readonly Kind[] {
    return [...kinds, ...this.#custom];
  }

  #steps(): ScenarioStep[] {
    let last: Micros = 0;
    const kept = new Set<string>();
    return this.#draft.steps.flatMap((part) => {
      const { document, placeOf } = part;
      const before = this.#problems.length;
      const at = stepTime(document.at);
      if (at !== undefined && at < last)
        this.#problems.push({
          place: placeOf(['at']),
          message: `steps: ${formatDuration(at)} stands after a step at ${formatDuration(last)}`,
          fix: 'put the steps in the order of their times',
        });
      if (at !== undefined && this.#calm && at > this.#calm.from)
        this.#problems.push({
          place: placeOf(['at']),
          message: `steps: ${formatDuration(at)} lies in the calm, in which nothing happens`,
          fix: 'make spec.calm.from later, or this earlier',
        });
      else if (at !== undefined && at > (this.#duration ?? Number.POSITIVE_INFINITY))
        this.#problems.push({
          place: placeOf(['at']),
          message: `steps: ${formatDuration(at)} lies beyond the end of the scenario, ${formatDuration(this.#duration ?? 0)}`,
          fix: 'make spec.duration longer, or this earlier',
        });
      last = Math.max(last, at ?? last);
      const objects = this.#objects(part);
      checkStep(document, placeOf, this.#kinds, this.#problems);
      this.#checkVariables(part, kept);
      this.#checkHealed(part, kept);
      if (document.as !== undefined) {
        this.#checkKept(part, document.as, kept);
        kept.add(document.as);
        this.#keptAt.set(document.as, last);
      }
      for (const { object } of objects) if (object.kind === 'Node') this.#nodes.add(object.metadata.name);
      const [action] = Object.keys(document).filter((key) => !MODIFIERS.has(key));
      if (this.#problems.length > before || action === undefined) return [];
      return [
        {
          at,
          action: action as ScenarioStep['action'],
          document,
          as: document.as,
          objects,
          text: describeStep(document),
          place: placeOf([]),
        },
      ];
    });
  }

  /** What the step applies. Definitions among it make kinds for all that comes later. */
  #objects({ document, file, placeOf }: Part<StepDocument>): readonly LoadedObject[] {
    const { apply } = document;
    if (apply === undefined) return [];
    const isList = Array.isArray(apply);
    const parts = (isList ? apply : [apply]).flatMap((item, index): readonly ManifestPart[] => {
      const at = isList ? ['apply', index] : ['apply'];
      if (typeof item !== 'string') return [{ value: item, placeOf: (path, part) => placeOf([...at, ...path], part) }];
      try {
        return this.#options.files.read(item, file);
      } catch (error) {
        this.#isAllRead = false;
        this.#problems.push({ place: placeOf(at), message: `apply: ${(error as Error).message}`, fix: 'paths are told from the scenario' });
        return [];
      }
    });
    try {
      const { objects, warnings } = loadParts(parts, this.#custom);
      this.#warnings.push(...warnings);
      this.#applied.push(...objects.map(({ object }) => object));
      for (const { object } of objects)
        if (object.kind === 'CustomResourceDefinition') this.#custom.push(...customKinds(object as CustomResourceDefinition));
      return objects;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#isAllRead = false;
      this.#problems.push(...error.problems);
      return [];
    }
  }

  #expectation({ document, placeOf }: Part<ExpectationDocument>): ScenarioExpectation | undefined {
    const before = this.#problems.length;
    const given = whenOf(document, this.#duration, placeOf, this.#problems);
    // A calm ends when the cluster has converged.
    const when: When =
      this.#calm && given.sort === 'always' && document.until === undefined ? { ...given, end: Number.POSITIVE_INFINITY } : given;
    const judge = compileExpectation(document, { kinds: this.#kinds, placeOf, variables: this.#variables }, this.#problems);
    this.#checkEarly(document, when, placeOf);
    if (!judge || this.#problems.length > before) return undefined;
    return { when, judge, document, text: describeExpectation(document), place: placeOf([]) };
  }

  /** A step may name what an earlier one kept. */
  #checkVariables({ document, placeOf }: Part<StepDocument>, kept: ReadonlySet<string>): void {
    const { apply: _objects, exec: _command, ...rest } = document;
    for (const name of new Set(variablesIn(rest))) {
      if (kept.has(name)) continue;
      const near = suggestion(name, [...kept]);
      const fix = this.#variables.has(name)
        ? `"as: ${name}" stands at this step or a later one; put it before`
        : near === undefined
          ? `write "as: ${name}" at the step that chooses it`
          : `did you mean "$${near}"?`;
      this.#problems.push({ place: placeOf([]), message: `steps: nothing is called $${name}`, fix });
    }
  }

  /** What is healed has to be named by an earlier step. */
  #checkHealed({ document: { heal }, placeOf }: Part<StepDocument>, kept: ReadonlySet<string>): void {
    const names = heal === undefined ? [] : typeof heal === 'string' ? [heal] : heal;
    for (const [index, name] of names.entries()) {
      if (name === 'all' || name.startsWith('$') || kept.has(name)) continue;
      const near = suggestion(name, [...kept, 'all']);
      this.#problems.push({
        place: placeOf(typeof heal === 'string' ? ['heal'] : ['heal', index]),
        message: `heal: no earlier step is called "${name}"`,
        fix: near === undefined ? `write "as: ${name}" at the step of the fault, or heal all` : `did you mean "${near}"?`,
      });
    }
  }

  /** A name stands for one thing: which of two would be meant depends on the time. */
  #checkKept({ document, placeOf }: Part<StepDocument>, name: string, kept: ReadonlySet<string>): void {
    const nothing = (['heal', 'request'] as const).find((action) => document[action] !== undefined);
    if (nothing !== undefined)
      this.#problems.push({
        place: placeOf(['as']),
        message: `as: a step of ${nothing} chooses nothing that could be kept`,
        fix: 'leave "as" out',
      });
    else if (document.fails !== undefined || document.mayFail)
      this.#problems.push({
        place: placeOf(['as']),
        message: 'as: a step that fails keeps nothing',
        fix: 'leave "as" out, or write a step before that keeps it',
      });
    else if (kept.has(name))
      this.#problems.push({ place: placeOf(['as']), message: `as: an earlier step keeps $${name} already`, fix: 'choose another name' });
  }

  /** What a step keeps is not known before it. */
  #checkEarly(document: ExpectationDocument, when: When, placeOf: Part<ExpectationDocument>['placeOf']): void {
    if (when.sort === 'end') return;
    const last = when.sort === 'at' ? when.at : when.sort === 'within' ? when.end : when.from;
    for (const name of new Set(variablesIn(document))) {
      const at = this.#keptAt.get(name) ?? 0;
      if (at <= last) continue;
      const key = when.sort === 'at' ? 'at' : when.sort === 'within' ? 'within' : 'always';
      this.#problems.push({
        place: placeOf([key]),
        message: `expect: this could never hold: $${name} is chosen at ${formatDuration(at)}`,
        fix: when.sort === 'at' ? 'give a later time' : `write "from: ${formatDuration(at)}"`,
      });
    }
  }

  #checkMachines(): void {
    const names = new NodeNames();
    const taken = new Set<string>();
    for (const [index, document] of (this.#draft.cluster.nodes ?? USUAL_NODES).entries())
      checkNodes(document, (path) => this.#draft.clusterPart(['nodes', index, ...path]).place, names, taken, this.#problems);
    for (const { document, placeOf } of this.#draft.steps)
      if (document.addNodes) checkNodes(document.addNodes, (path) => placeOf(['addNodes', ...path]), names, taken, this.#problems);
    for (const name of taken) this.#nodes.add(name);
  }

  /** Where parts of the control plane or the cloud are somebody's own, they may order machines themselves. */
  #checkNodeNames(): void {
    if (this.#hasOwnControlPlane || this.#draft.cluster.plugins?.cloud !== undefined) return;
    for (const { document, placeOf } of this.#draft.steps)
      if (document.fails === undefined) checkKnownNodes(document, placeOf, this.#nodes, this.#problems);
    for (const { document, placeOf } of this.#draft.expectations) checkKnownNodes(document, placeOf, this.#nodes, this.#problems);
  }

  /** What replaces a part of the control plane may make objects of any name. */
  #checkObjectNames(): void {
    if (this.#hasOwnControlPlane || !this.#isAllRead) return;
    const applied = { objects: this.#applied, kinds: this.#kinds };
    for (const { document, placeOf } of this.#draft.steps)
      if (document.fails === undefined) checkKnownObjects(document, placeOf, applied, this.#problems);
    for (const { document, placeOf } of this.#draft.expectations) checkKnownObjects(document, placeOf, applied, this.#problems);
  }

  get #hasOwnControlPlane(): boolean {
    const { controlPlane } = this.#draft.cluster;
    return controlPlane !== undefined && Object.keys(controlPlane).length > 0;
  }

  /** The end of the calm is the end of the run. */
  #checkCalm(): void {
    const { duration } = this.#draft.spec;
    if (!this.#calm || duration === undefined || parseDuration(duration) === this.#duration) return;
    this.#problems.push({
      place: this.#draft.placeOf(['spec', 'duration']),
      message: `spec.duration: the run ends with the calm, after ${formatDuration(this.#duration ?? 0)}`,
      fix: 'leave spec.duration out',
    });
  }

  #ownInvariants(): readonly Invariant[] {
    const { spec, placeOf } = this.#draft;
    return ownInvariants(
      spec.invariants?.own ?? [],
      {
        kinds: this.#kinds,
        placeOf: (path) => placeOf(['spec', 'invariants', 'own', ...path]),
        modules: this.#options.invariantModules ?? new Map(),
      },
      this.#problems,
    );
  }

  #checkInvariants(own: readonly Invariant[]): void {
    const known = [...invariants, ...own].map(({ id }) => id);
    for (const [index, { id }] of (this.#draft.spec.invariants?.off ?? []).entries()) {
      if (known.includes(id)) continue;
      const near = suggestion(id, known);
      this.#problems.push({
        place: this.#draft.placeOf(['spec', 'invariants', 'off', index, 'id']),
        message: `there is no invariant "${id}"`,
        fix: near === undefined ? `there are ${known.join(', ')}` : `did you mean "${near}"?`,
      });
    }
  }
}

/** On one line, for people: when, and what must hold. */
export function describeExpectation(document: ExpectationDocument): string {
  const { because: _reason, ...rest } = document;
  // A long one has been cut, and has no closing brace.
  return oneLine(rest).replace(/^\{/, '').replace(/\}$/, '');
}
