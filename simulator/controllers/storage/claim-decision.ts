import type { PersistentVolume, PersistentVolumeClaim, StorageClass, Stored } from '@slipway/kube';
import { storageAnnotations } from './annotations.ts';
import { classOf, hasClass, isBoundTo } from './claims.ts';
import { findMatchingVolume, mismatchWith } from './matching.ts';

/** What people are told of a claim. */
export interface ClaimReport {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** What is to be done about a claim. */
export type ClaimAction =
  /** Make claim and volume point at each other, as far as they do not yet. */
  | { readonly do: 'bind'; readonly volume: Stored<PersistentVolume> }
  /** Its volume is gone or somebody else's; that is final. */
  | { readonly do: 'lose'; readonly report: ClaimReport }
  | { readonly do: 'assign-class'; readonly name: string }
  /** Ask whoever makes volumes of the class. */
  | { readonly do: 'provision'; readonly provisioner: string; readonly report: ClaimReport }
  /** Stay Pending. */
  | { readonly do: 'wait'; readonly report?: ClaimReport };

/** What the decision looks at beside the claim. */
export interface ClaimSurroundings {
  /** The volume that `spec.volumeName` names. */
  readonly named: Stored<PersistentVolume> | undefined;
  /** Volumes that are available in the claim's class, or that name the claim. */
  readonly candidates: readonly Stored<PersistentVolume>[];
  readonly storageClass: StorageClass | undefined;
  readonly defaultClass: StorageClass | undefined;
  /** Names of the pods that use the claim and have no node yet, in order. */
  readonly unscheduledPods: readonly string[];
}

const normal = (reason: string, message: string): ClaimReport => ({ type: 'Normal', reason, message });
const warning = (reason: string, message: string): ClaimReport => ({ type: 'Warning', reason, message });

/** Source: `pkg/controller/volume/persistentvolume/pv_controller.go`, syncClaim. */
export function decideClaim(claim: Stored<PersistentVolumeClaim>, around: ClaimSurroundings): ClaimAction {
  if (claim.metadata.annotations?.[storageAnnotations.bindCompleted] !== undefined) return decideBound(claim, around);
  return (claim.spec.volumeName ?? '') === '' ? decideUnbound(claim, around) : decideNamed(claim, around);
}

function decideBound(claim: Stored<PersistentVolumeClaim>, { named }: ClaimSurroundings): ClaimAction {
  if ((claim.spec.volumeName ?? '') === '')
    return lose('ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
  if (!named) return lose('ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
  if (!named.spec.claimRef || named.spec.claimRef.uid === claim.metadata.uid) return { do: 'bind', volume: named };
  return lose('ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

const lose = (reason: string, message: string): ClaimAction => ({ do: 'lose', report: warning(reason, message) });

/** Somebody has asked for one certain volume. */
function decideNamed(claim: Stored<PersistentVolumeClaim>, { named }: ClaimSurroundings): ClaimAction {
  if (!named) return { do: 'wait' };
  if (!named.spec.claimRef) {
    const why = mismatchWith(claim, named);
    if (why === undefined) return { do: 'bind', volume: named };
    const message = `Cannot bind to requested volume ${JSON.stringify(named.metadata.name)}: ${why}`;
    return { do: 'wait', report: warning('VolumeMismatch', message) };
  }
  if (isBoundTo(named, claim)) return { do: 'bind', volume: named };
  const message = `volume ${JSON.stringify(named.metadata.name)} already bound to a different claim.`;
  return { do: 'wait', report: warning('FailedBinding', message) };
}

function decideUnbound(claim: Stored<PersistentVolumeClaim>, around: ClaimSurroundings): ClaimAction {
  const { candidates, storageClass, unscheduledPods } = around;
  const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const volume = findMatchingVolume(claim, candidates, { delayed });
  if (volume) return { do: 'bind', volume };
  if (!hasClass(claim) && around.defaultClass) return { do: 'assign-class', name: around.defaultClass.metadata.name };
  // The scheduler has not chosen a node yet.
  if (delayed && claim.metadata.annotations?.[storageAnnotations.selectedNode] === undefined)
    return { do: 'wait', report: waitingForConsumer(unscheduledPods) };
  const name = classOf(claim);
  if (name === '')
    return { do: 'wait', report: normal('FailedBinding', 'no persistent volumes available for this claim and no storage class is set') };
  return decideProvisioning(name, storageClass);
}

function waitingForConsumer(pods: readonly string[]): ClaimReport {
  if (pods.length === 0) return normal('WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
  const which = pods.length > 1 ? `pods ${pods.join(',')}` : `pod ${pods[0]}`;
  return normal('WaitForPodScheduled', `waiting for ${which} to be scheduled`);
}

function decideProvisioning(name: string, storageClass: StorageClass | undefined): ClaimAction {
  if (!storageClass)
    return { do: 'wait', report: warning('ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(name)} not found`) };
  const { provisioner } = storageClass;
  // The names of in-tree plugins, none of which makes volumes any more.
  if (provisioner.startsWith('kubernetes.io/'))
    return { do: 'wait', report: warning('ProvisioningFailed', `no volume plugin matched name: ${provisioner}`) };
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. ` +
    'If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
  return { do: 'provision', provisioner, report: normal('ExternalProvisioning', message) };
}
