import { matchesLabelSelector, type Node, type PersistentVolume, type PersistentVolumeClaim, type Stored } from '@slipway/kube';
import { capacityBytes, classOf, isKeptFor, isReachableFrom, requestedBytes } from '../../volumes/binding-facts.ts';

/** Volumes that suit a claim wherever it goes, best first; only reach from a node is left to ask. */
export interface Candidates {
  /** The one that names this claim: then it, or none. */
  readonly kept: Stored<PersistentVolume> | undefined;
  /** Free ones: smallest first, then by name, since upstream leaves equal ones to the order of a map. */
  readonly free: readonly Stored<PersistentVolume>[];
}

const modeOf = ({ spec }: PersistentVolume | PersistentVolumeClaim): string => spec.volumeMode ?? 'Filesystem';
const attributesOf = ({ spec }: PersistentVolume | PersistentVolumeClaim): string => spec.volumeAttributesClassName ?? '';

/**
 * What does not depend on the node, asked once a cycle and not once a node.
 * Source: component-helpers `storage/volume/pv_helpers.go` FindMatchingVolume, as the scheduler calls it.
 */
export function candidatesFor(claim: PersistentVolumeClaim, volumes: readonly Stored<PersistentVolume>[]): Candidates {
  const { selector, accessModes = [] } = claim.spec;
  const wanted = requestedBytes(claim);
  const suits = (volume: PersistentVolume): boolean =>
    capacityBytes(volume) >= wanted &&
    modeOf(volume) === modeOf(claim) &&
    attributesOf(volume) === attributesOf(claim) &&
    volume.metadata.deletionTimestamp === undefined;
  const isFree = (volume: PersistentVolume): boolean =>
    volume.spec.claimRef === undefined &&
    volume.status?.phase === 'Available' &&
    classOf(volume) === classOf(claim) &&
    (selector === undefined || matchesLabelSelector(selector, volume.metadata.labels)) &&
    accessModes.every((mode) => volume.spec.accessModes?.includes(mode));
  const suitable = volumes.filter(suits);
  const kept = suitable.filter((volume) => isKeptFor(volume, claim)).sort(byName);
  const free = suitable.filter(isFree).sort((a, b) => capacityBytes(a) - capacityBytes(b) || byName(a, b));
  return { kept: kept[0], free };
}

/** The claim's volume on this node: the one kept for it, or the smallest free one that nobody has taken. */
export function matchVolume({ kept, free }: Candidates, node: Node, taken: ReadonlySet<string>): Stored<PersistentVolume> | undefined {
  if (kept && !taken.has(kept.metadata.name)) return isReachableFrom(kept, node) ? kept : undefined;
  return free.find((volume) => !taken.has(volume.metadata.name) && isReachableFrom(volume, node));
}

const byName = (a: PersistentVolume, b: PersistentVolume): number => (a.metadata.name < b.metadata.name ? -1 : 1);
