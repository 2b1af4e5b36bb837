import type { Breach, Micros } from '@slipway/kernel';
import type { Invariants, OnLine, Violation } from '../invariants/index.ts';
import type { ScenarioCluster } from '../scenario/cluster.ts';
import type { ScenarioOutcome } from '../scenario/run-scenario.ts';
import type { Scenario } from '../scenario/scenario.ts';

/** A world that was made for one case, and what can be asked of it afterwards. */
export interface FuzzWorld {
  readonly cluster: ScenarioCluster;
  readonly invariants: Pick<Invariants, 'violations' | 'preconditions'>;
  /** Named situations that were reached. */
  readonly situations: ReadonlyMap<string, number>;
  /** Answers of contract methods: `csi.Controller/CreateVolume ABORTED`. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly breaches: readonly Breach[];
  /** Plugins that failed outside of any call. */
  readonly crashes: readonly { readonly plugin: string; readonly node: string; readonly message: string; readonly at: Micros }[];
  readonly fingerprint: string;
}

/** Makes a world for a scenario. Wiring's business. */
export type MakeWorld = (
  scenario: Scenario,
  options?: {
    /** For the search through all orders. */
    readonly footprints?: boolean;
    /** Whether calls note where they are made, for messages of a forgotten `yield*`. */
    readonly places?: boolean;
    /** Is given every event, to compare runs. */
    readonly onLine?: OnLine;
  },
) => FuzzWorld;

/** Something that must not be: a broken invariant, or what comes to the same. */
export interface Finding {
  /** Id of the invariant, or one of `expectation`, `crash`, `hang` and `breach:RULE`. */
  readonly invariant: string;
  /** Virtual microseconds. */
  readonly at: Micros;
  readonly message: string;
  /** Those involved: `Pod default/web-1`. */
  readonly objects: readonly string[];
  /** The newest trace event when it was found. */
  readonly seq: number;
}

/** Stands for an expectation of the story that did not hold. */
export const EXPECTATION = 'expectation';

/** Stands for a case that never came back: whoever runs it again does not come back either. */
export const HANG = 'hang';

/** What one case came to. */
export interface Trial {
  /** In the order of their times; of several with one id, the first. */
  readonly findings: readonly Finding[];
  readonly fingerprint: string;
  /** Kernel events: what it cost, the same on every machine. */
  readonly events: number;
  /** Virtual microseconds. */
  readonly end: Micros;
  readonly preconditions: ReadonlyMap<string, number>;
  /** By kind of fault. */
  readonly fired: ReadonlyMap<string, number>;
  /** Named situations that were reached. */
  readonly situations: ReadonlyMap<string, number>;
  /** Answers of contract methods: `csi.Controller/CreateVolume ABORTED`. */
  readonly outcomes: ReadonlyMap<string, number>;
}

const byInvariant = (findings: readonly Finding[]): readonly Finding[] => {
  const first = new Map<string, Finding>();
  for (const finding of findings.toSorted((a, b) => a.at - b.at || a.seq - b.seq))
    if (!first.has(finding.invariant)) first.set(finding.invariant, finding);
  return [...first.values()];
};

/** Everything that a world has shown to be wrong. */
export function findingsOf(
  { invariants, breaches, crashes }: Pick<FuzzWorld, 'invariants' | 'breaches' | 'crashes'>,
  outcome: ScenarioOutcome | undefined,
): readonly Finding[] {
  return byInvariant([
    ...invariants.violations.map(({ id, at, message, objects, seq }: Violation) => ({ invariant: id, at, message, objects, seq })),
    ...breaches
      .filter(({ side }) => side === 'plugin')
      .map(({ rule, at, culprit, call, message, seq }) => ({
        invariant: `breach:${rule}`,
        at,
        message: `${culprit} in ${call}: ${message}`,
        objects: [],
        seq,
      })),
    ...crashes.map(({ plugin, node, at, message }) => ({
      invariant: 'crash',
      at,
      message: `${plugin} on ${node}: ${message}`,
      objects: [],
      seq: 0,
    })),
    ...(outcome?.expectations ?? [])
      .filter(({ held }) => held === false)
      .map(({ text, at, message }) => ({ invariant: EXPECTATION, at: at ?? 0, message: `${text}: ${message}`, objects: [], seq: 0 })),
  ]);
}
