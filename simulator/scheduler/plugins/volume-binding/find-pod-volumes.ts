import {
  type CSIStorageCapacity,
  matchesLabelSelector,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Quantity,
  quantityValue,
  type StorageClass,
  type Stored,
} from '@slipway/kube';
import { annotations, classOf, isReachableFrom, NO_PROVISIONER, requestedBytes } from '../../volumes/binding-facts.ts';
import type { VolumeView } from '../../volumes/volume-view.ts';
import { matchVolume } from './match-volume.ts';
import type { DelayedClaim, PodVolumeClaims } from './pod-volume-claims.ts';

/** A claim and the existing volume that it will get. */
export interface StaticBinding {
  readonly claim: Stored<PersistentVolumeClaim>;
  readonly volume: Stored<PersistentVolume>;
}

/** What binding a pod to one node would do. */
export interface PodVolumes {
  readonly bindings: readonly StaticBinding[];
  /** Claims whose volumes will be made for this node. */
  readonly provisions: readonly Stored<PersistentVolumeClaim>[];
}

/** `reasons`: why the node cannot be used now. `broken`: what makes the question itself unanswerable. */
export type FoundVolumes = PodVolumes | { readonly reasons: readonly string[] } | { readonly broken: string };

const nodeConflict = "node(s) didn't match PersistentVolume's node affinity";
const bindConflict = "node(s) didn't find available persistent volumes to bind";
const notEnoughSpace = 'node(s) did not have enough free storage';
const volumeMissing = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** Can all of a pod's claims be had on this node? Source: `plugins/volumebinding/binder.go` FindPodVolumes. */
export function findPodVolumes({ bound, delayed }: PodVolumeClaims, node: Node, view: VolumeView): FoundVolumes {
  const boundProblem = problemOfBound(bound, node);
  const found = findForDelayed(delayed, node, view);
  if ('broken' in found) return found;
  const reasons = 'reasons' in found ? found.reasons : [];
  if (boundProblem === undefined) return reasons.length > 0 ? { reasons } : found;
  return { reasons: boundProblem === nodeConflict ? [nodeConflict, ...reasons] : [...reasons, volumeMissing] };
}

function problemOfBound(volumes: PodVolumeClaims['bound'], node: Node): string | undefined {
  for (const volume of volumes) {
    if (!volume) return volumeMissing;
    if (!isReachableFrom(volume, node)) return nodeConflict;
  }
  return undefined;
}

function findForDelayed(delayed: readonly DelayedClaim[], node: Node, view: VolumeView): FoundVolumes {
  const bindings: StaticBinding[] = [];
  const provisions: Stored<PersistentVolumeClaim>[] = [];
  const unmatched: Stored<PersistentVolumeClaim>[] = [];
  const taken = new Set<string>();
  for (const { claim } of delayed) {
    const selected = claim.metadata.annotations?.[annotations.selectedNode];
    if (selected === undefined) continue;
    if (selected !== node.metadata.name) return { reasons: [bindConflict] };
    provisions.push(claim);
  }
  for (const { claim, candidates } of delayed) {
    if (claim.metadata.annotations?.[annotations.selectedNode] !== undefined) continue;
    const volume = matchVolume(candidates, node, taken);
    if (volume) {
      taken.add(volume.metadata.name);
      bindings.push({ claim, volume });
    } else unmatched.push(claim);
  }
  provisions.push(...unmatched);
  for (const claim of provisions) {
    const verdict = provisioningOf(claim, node, view);
    if (verdict !== undefined) return verdict;
  }
  return { bindings, provisions };
}

/** Undefined: a volume can be made for the claim, reachable from this node. Source: `binder.go` checkVolumeProvisions. */
function provisioningOf(
  claim: PersistentVolumeClaim,
  node: Node,
  view: VolumeView,
): { readonly reasons: readonly string[] } | { readonly broken: string } | undefined {
  const className = classOf(claim);
  if (className === '') return { broken: `no class for claim "${claim.metadata.namespace}/${claim.metadata.name}"` };
  const storageClass = view.storageClass(className);
  if (!storageClass) return { broken: `failed to find storage class "${className}"` };
  const { provisioner } = storageClass;
  if (provisioner === '' || provisioner === NO_PROVISIONER) return { reasons: [bindConflict] };
  if (!isAllowedTopology(storageClass, node)) return { reasons: [bindConflict] };
  return hasRoom(claim, storageClass, node, view) ? undefined : { reasons: [notEnoughSpace] };
}

/** No terms allow every node; a term without expressions allows none. Source: `pkg/apis/core/v1/helper` MatchTopologySelectorTerms. */
export function isAllowedTopology({ allowedTopologies = [] }: StorageClass, { metadata }: Node): boolean {
  if (allowedTopologies.length === 0) return true;
  return allowedTopologies.some(({ matchLabelExpressions = [] }) => {
    const holds = matchLabelExpressions.every(({ key, values }) => {
      const value = metadata.labels?.[key];
      return value !== undefined && values.includes(value);
    });
    return holds && matchLabelExpressions.length > 0;
  });
}

/** Asked only of drivers that publish their free space. Source: `binder.go` hasEnoughCapacity. */
function hasRoom(claim: PersistentVolumeClaim, { metadata, provisioner }: StorageClass, node: Node, view: VolumeView): boolean {
  if (claim.spec.resources?.requests?.['storage'] === undefined) return true;
  if (view.csiDriver(provisioner)?.spec.storageCapacity !== true) return true;
  const wanted = requestedBytes(claim);
  return view.capacities(metadata.name).some((capacity) => {
    const limit = volumeLimit(capacity);
    const { nodeTopology } = capacity;
    return (
      limit !== undefined &&
      quantityValue(limit) >= wanted &&
      nodeTopology !== undefined &&
      matchesLabelSelector(nodeTopology, node.metadata.labels)
    );
  });
}

/** The largest volume that can be made there: the driver's own word, else all that is free. */
export function volumeLimit({ maximumVolumeSize, capacity }: CSIStorageCapacity): Quantity | undefined {
  return maximumVolumeSize ?? capacity;
}
