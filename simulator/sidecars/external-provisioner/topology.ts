import type { Topology, TopologyRequirement } from '@slipway/csi';
import type { TopologySelectorTerm, VolumeNodeAffinity } from '@slipway/kube';

// Where a volume may be made. Source: external-provisioner `pkg/controller/topology.go`.

type Segments = Readonly<Record<string, string>>;

/** One place: keys in order, each with its value. */
export type TopologyTerm = readonly (readonly [key: string, value: string])[];

/** Why no requirement can be told to the driver. */
export class TopologyError extends Error {
  readonly code = 'TOPOLOGY';
}

/** A node's place by the driver's keys; undefined when it lacks one of the labels. */
export function termOf(labels: Segments | undefined, keys: readonly string[]): TopologyTerm | undefined {
  const term: (readonly [string, string])[] = [];
  for (const key of keys) {
    const value = labels?.[key];
    if (value === undefined) return undefined;
    term.push([key, value]);
  }
  return inOrder(term);
}

const inOrder = (term: TopologyTerm): TopologyTerm => [...term].sort((a, b) => compareTerms([a], [b]));

export function compareTerms(a: TopologyTerm, b: TopologyTerm): number {
  if (a.length !== b.length) return a.length - b.length;
  for (const [index, [key, value]] of a.entries()) {
    const [otherKey, otherValue] = b[index] ?? ['', ''];
    if (key !== otherKey) return key < otherKey ? -1 : 1;
    if (value !== otherValue) return value < otherValue ? -1 : 1;
  }
  return 0;
}

/** In order and without repeats. */
export function distinct(terms: readonly TopologyTerm[]): readonly TopologyTerm[] {
  const sorted = [...terms].sort(compareTerms);
  return sorted.filter((term, index) => index === 0 || compareTerms(term, sorted[index - 1] ?? []) !== 0);
}

export const topologyOf = (term: TopologyTerm): Topology => ({ segments: Object.fromEntries(term) });

/** Every combination of the values that a class allows. */
export function flatten(allowed: readonly TopologySelectorTerm[]): readonly TopologyTerm[] {
  return allowed.flatMap(({ matchLabelExpressions = [] }) => {
    let terms: TopologyTerm[] = [];
    for (const { key, values } of matchLabelExpressions) {
      const before: readonly TopologyTerm[] = terms.length === 0 ? [[]] : terms;
      terms = before.flatMap((term) => values.map((value): TopologyTerm => [...term, [key, value]]));
    }
    return terms.map(inOrder);
  });
}

/** Whether `other` lies in `term`. */
function includes(term: TopologyTerm, other: TopologyTerm): boolean {
  return term.every(([key, value]) => other.some((each) => each[0] === key && each[1] === value));
}

export interface RequirementInput {
  readonly claimName: string;
  /** Of the class; empty: anywhere. */
  readonly allowed: readonly TopologySelectorTerm[];
  /** The place of the node that the scheduler has chosen. */
  readonly selected?: { readonly node: string; readonly term: TopologyTerm } | undefined;
  /** Every place that a node with the driver is in. */
  readonly places: readonly TopologyTerm[];
}

/**
 * Requisite: what the class allows, else every place. Preferred: the same, beginning with the selected node's place, or with one that the
 * claim's name chooses, so that the claims of a StatefulSet spread.
 *
 * @throws TopologyError
 */
export function accessibilityRequirements({ claimName, allowed, selected, places }: RequirementInput): TopologyRequirement {
  const requisite = distinct(allowed.length > 0 ? flatten(allowed) : places);
  if (requisite.length === 0) throw new TopologyError('no available topology found');
  const first = selected ? requisite.findIndex((term) => includes(term, selected.term)) : startOf(claimName) % requisite.length;
  if (selected && first < 0) {
    const listed = `[${requisite.map(formatTerm).join(' ')}]`;
    throw new TopologyError(
      `topology ${formatTerm(selected.term)} from selected node ${JSON.stringify(selected.node)} is not in requisite: ${listed}`,
    );
  }
  const preferred = [...requisite.slice(first), ...requisite.slice(0, first)];
  return { requisite: requisite.map(topologyOf), preferred: preferred.map(topologyOf) };
}

const formatTerm = (term: TopologyTerm): string => `[${term.map(([key, value]) => `{${key} ${value}}`).join(' ')}]`;

/** FNV-1 of the claim's name, plus its ordinal if it looks like that of a StatefulSet: `data-web-3`. */
function startOf(claimName: string): number {
  const dash = claimName.lastIndexOf('-');
  const ordinal = claimName.slice(dash + 1);
  if (dash < 0 || !/^\d{1,9}$/.test(ordinal)) return fnv1(claimName);
  const base = claimName.slice(0, dash);
  return (fnv1(base.slice(base.lastIndexOf('-') + 1)) + Number(ordinal)) >>> 0;
}

/** Names of claims are ASCII. */
function fnv1(text: string): number {
  let hash = 2166136261;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash, 16777619) ^ text.charCodeAt(at);
  return hash >>> 0;
}

/** Nodes that a volume can be reached from; undefined: all. */
export function nodeAffinityOf(accessible: readonly Topology[] | undefined): VolumeNodeAffinity | undefined {
  const terms = (accessible ?? []).flatMap(({ segments = {} }) => {
    const keys = Object.keys(segments).sort();
    return keys.length === 0
      ? []
      : [{ matchExpressions: keys.map((key) => ({ key, operator: 'In' as const, values: [segments[key] ?? ''] })) }];
  });
  return terms.length === 0 ? undefined : { required: { nodeSelectorTerms: terms } };
}
