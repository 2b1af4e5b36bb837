import type { Micros } from '@slipway/kernel';
import type { Invariant } from '../invariants/index.ts';
import type { InputWarning, LoadedObject } from '../manifests/load-manifests.ts';
import type { Place } from '../manifests/input-error.ts';
import type { Judge } from './expectations/judge.ts';
import type { Action, ClusterDocument, ExpectationDocument, ExploreDocument, StepDocument } from './schema.ts';

/** Where a part of a scenario stands, by its path from there. */
export type PlaceOf = (path: readonly (string | number)[]) => Place;

/** A scenario that has been read and checked: times in virtual microseconds, manifests loaded, expressions compiled. */
export interface Scenario {
  readonly name: string;
  /** What its first comment says that it teaches; empty without one. */
  readonly teaches: string;
  /** As the user named it. */
  readonly file: string;
  readonly seed: number | string;
  /** Left out: until everything is over and the cluster has settled. */
  readonly duration: Micros | undefined;
  readonly cluster: ClusterDocument;
  /** What the seed may choose beside faults. */
  readonly explore: ExploreDocument | undefined;
  /** When everything that is wrong is put right, how long the cluster then has to converge, and how long it has to stay so. The run ends there. */
  readonly calm: Calm | undefined;
  /** Ids of invariants that are not watched, each with a reason. */
  readonly invariantsOff: readonly { readonly id: string; readonly reason: string }[];
  /** Invariants beside those that are always watched. */
  readonly ownInvariants: readonly Invariant[];
  readonly steps: readonly ScenarioStep[];
  readonly expectations: readonly ScenarioExpectation[];
  /** What the manifests ask for and is not simulated. */
  readonly warnings: readonly InputWarning[];
}

/** In virtual microseconds. */
export interface Calm {
  readonly from: Micros;
  readonly within: Micros;
  readonly stays: Micros;
}

export interface ScenarioStep {
  /** Undefined: after the step before. */
  readonly at: Micros | undefined;
  readonly action: Action;
  readonly document: StepDocument;
  /** Name of the variable that keeps what the step chose. */
  readonly as: string | undefined;
  /** For `apply`: the objects. */
  readonly objects: readonly LoadedObject[];
  /** On one line, for people: `powerOff: {nodeOf: deployment/web}`. */
  readonly text: string;
  readonly place: Place;
}

/** When an expectation is judged, in virtual microseconds. */
export type When =
  | { readonly sort: 'at'; readonly at: Micros }
  | { readonly sort: 'within'; readonly from: Micros; readonly end: Micros }
  | { readonly sort: 'always'; readonly from: Micros; readonly end: Micros }
  /** At the end of the run. */
  | { readonly sort: 'end' };

export interface ScenarioExpectation {
  readonly when: When;
  readonly judge: Judge;
  readonly document: ExpectationDocument;
  /** On one line, for people. */
  readonly text: string;
  readonly place: Place;
}
