import {
  compareQuantities,
  matchesLabelSelector,
  matchesNodeSelector,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type Quantity,
} from '@slipway/kube';
import { classOf, isBoundTo } from './claims.ts';

/** Which of the volumes suits a claim. Source: component-helpers `storage/volume/pv_helpers.go`, FindMatchingVolume. */
export interface MatchOptions {
  /** The claim waits for its first consumer: without a node, only a volume that is reserved for it will do. */
  readonly delayed?: boolean;
  /** The node that the volume must be reachable from. */
  readonly node?: Pick<Node, 'metadata'>;
}

const sizeOf = ({ spec }: PersistentVolume): Quantity => spec.capacity?.['storage'] ?? '0';
const wantedSize = ({ spec }: PersistentVolumeClaim): Quantity => spec.resources?.requests?.['storage'] ?? '0';

/** File system or block device: claim and volume must agree. */
export function sameVolumeMode(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return (claim.spec.volumeMode ?? 'Filesystem') === (volume.spec.volumeMode ?? 'Filesystem');
}

/** Whether the volume offers every access mode that the claim asks for. */
export function offersAccessModes(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return (claim.spec.accessModes ?? []).every((mode) => volume.spec.accessModes?.includes(mode));
}

/**
 * The volume reserved for the claim, else the smallest that is available and fits. Among those with different sets of access modes the
 * smaller set counts first, since it gives away less. Equal sizes: the first by name, where upstream takes any.
 *
 * @param candidates volumes that are available or name the claim; others are refused too
 */
export function findMatchingVolume<V extends PersistentVolume>(
  claim: PersistentVolumeClaim,
  candidates: readonly V[],
  { delayed = false, node }: MatchOptions = {},
): V | undefined {
  const byModes = new Map<string, V[]>();
  for (const volume of candidates) {
    if (!offersAccessModes(claim, volume)) continue;
    const modes = [...(volume.spec.accessModes ?? [])].sort().join();
    const group = byModes.get(modes);
    if (group) group.push(volume);
    else byModes.set(modes, [volume]);
  }
  const groups = [...byModes].sort(([a], [b]) => countOf(a) - countOf(b) || (a < b ? -1 : 1));
  for (const [, group] of groups) {
    const suitable = group.filter((volume) => isLargeEnoughAndAlike(claim, volume));
    const reserved = suitable.find((volume) => isBoundTo(volume, claim));
    if (reserved) return isReachable(reserved, node) ? reserved : undefined;
    if (delayed && !node) continue;
    const smallest = suitable.filter((volume) => isOnOffer(claim, volume) && isReachable(volume, node)).sort(bySizeThenName)[0];
    if (smallest) return smallest;
  }
  return undefined;
}

const countOf = (modes: string): number => modes.split(',').length;

function isLargeEnoughAndAlike(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  if (volume.spec.claimRef && !isBoundTo(volume, claim)) return false;
  return (
    volume.metadata.deletionTimestamp === undefined &&
    compareQuantities(sizeOf(volume), wantedSize(claim)) >= 0 &&
    sameVolumeMode(claim, volume) &&
    (claim.spec.volumeAttributesClassName ?? '') === (volume.spec.volumeAttributesClassName ?? '')
  );
}

/** What counts only for a volume that nobody has reserved for the claim. */
function isOnOffer(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  if (volume.status?.phase !== 'Available' || classOf(volume) !== classOf(claim)) return false;
  return claim.spec.selector === undefined || matchesLabelSelector(claim.spec.selector, volume.metadata.labels);
}

function isReachable({ spec }: PersistentVolume, node: Pick<Node, 'metadata'> | undefined): boolean {
  const required = spec.nodeAffinity?.required;
  return node === undefined || required === undefined || matchesNodeSelector(required, node);
}

function bySizeThenName(a: PersistentVolume, b: PersistentVolume): number {
  return compareQuantities(sizeOf(a), sizeOf(b)) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

/** Why a volume that the claim asks for by name will not do. Source: `pv_controller.go`, checkVolumeSatisfyClaim. */
export function mismatchWith(claim: PersistentVolumeClaim, volume: PersistentVolume): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) return `the volume is marked for deletion ${JSON.stringify(volume.metadata.name)}`;
  if (compareQuantities(sizeOf(volume), wantedSize(claim)) < 0) return 'requested PV is too small';
  if (classOf(volume) !== classOf(claim)) return 'storageClassName does not match';
  if ((claim.spec.volumeAttributesClassName ?? '') !== (volume.spec.volumeAttributesClassName ?? ''))
    return 'volumeAttributesClassName does not match';
  if (!sameVolumeMode(claim, volume)) return 'incompatible volumeMode';
  return offersAccessModes(claim, volume) ? undefined : 'incompatible accessMode';
}
