import type { PersistentVolume, PersistentVolumeClaim, Pod, Stored } from '@slipway/kube';
import { error, type Status, unschedulableAndUnresolvable } from '../../framework/status.ts';
import { classOf, isFullyBound, requestedBytes } from '../../volumes/binding-facts.ts';
import { type ClaimUse, strangerProblem } from '../../volumes/pod-claims.ts';
import type { VolumeView } from '../../volumes/volume-view.ts';
import { type Candidates, candidatesFor } from './match-volume.ts';

/** A claim that waits for its first consumer, with the existing volumes that would do. */
export interface DelayedClaim {
  readonly claim: Stored<PersistentVolumeClaim>;
  readonly candidates: Candidates;
}

/** A pod's claims by what is to be done about them. */
export interface PodVolumeClaims {
  /** Volumes of bound claims; undefined for one that does not exist. */
  readonly bound: readonly (Stored<PersistentVolume> | undefined)[];
  /** By size, the smallest first, so that it does not take a volume that a larger one needs. */
  readonly delayed: readonly DelayedClaim[];
}

/**
 * Sorts a pod's claims, or says why no node will do.
 * Source: `plugins/volumebinding/volume_binding.go` podHasPVCs, `binder.go` GetPodVolumeClaims.
 */
export function podVolumeClaims(pod: Pod, uses: readonly ClaimUse[], view: VolumeView): PodVolumeClaims | { readonly refusal: Status } {
  const claims: Stored<PersistentVolumeClaim>[] = [];
  for (const use of uses) {
    const claim = view.claim(use.key);
    const problem = claim ? problemOf(pod, use, claim) : missing(use);
    if (problem !== undefined) return { refusal: unschedulableAndUnresolvable(problem) };
    if (claim) claims.push(claim);
  }
  const bound: (Stored<PersistentVolume> | undefined)[] = [];
  const delayed: DelayedClaim[] = [];
  let immediate = false;
  for (const claim of claims) {
    const { volumeName = '' } = claim.spec;
    if (isFullyBound(claim)) {
      bound.push(view.volume(volumeName));
      continue;
    }
    const className = classOf(claim);
    const storageClass = view.storageClass(className);
    if (storageClass && storageClass.volumeBindingMode === undefined)
      return { refusal: error(`VolumeBindingMode not set for StorageClass "${className}"`) };
    // A claim that names its volume is the binder's business, whatever its class says.
    if (storageClass?.volumeBindingMode !== 'WaitForFirstConsumer' || volumeName !== '') immediate = true;
    else {
      const key = `${claim.metadata.namespace}/${claim.metadata.name}`;
      delayed.push({ claim, candidates: candidatesFor(claim, view.candidates(className, key)) });
    }
  }
  if (immediate) return { refusal: unschedulableAndUnresolvable('pod has unbound immediate PersistentVolumeClaims') };
  delayed.sort((a, b) => requestedBytes(a.claim) - requestedBytes(b.claim));
  return { bound, delayed };
}

function missing({ name, ephemeral }: ClaimUse): string {
  return ephemeral
    ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
    : `persistentvolumeclaim "${name}" not found`;
}

function problemOf(pod: Pod, { ephemeral }: ClaimUse, claim: Stored<PersistentVolumeClaim>): string | undefined {
  const { name, deletionTimestamp } = claim.metadata;
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
  if (deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  return ephemeral ? strangerProblem(pod, claim) : undefined;
}
