import { type Change, type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { Cell, codeOf, every, messageOf, type Micros, milliseconds, minutes, type Process, seconds, spawn } from '@slipway/kernel';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass, Stored } from '@slipway/kube';
import { keyOf } from '@slipway/kube';
import { FailureBackOff } from '../failure-back-off.ts';
import { storageAnnotations } from './annotations.ts';
import { claimBoundTo, claimWithPhase, unbound, volumeBoundTo, volumeWithPhase } from './binding.ts';
import { type ClaimReport, decideClaim } from './claim-decision.ts';
import { claimKey, claimKeysOf, classOf, defaultClass, isPodTerminated } from './claims.ts';
import { OwnWrites } from './own-writes.ts';
import { decideReclaim, decideVolume } from './volume-decision.ts';

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

const RESYNC: Micros = seconds(15);
const FIRST_RETRY: Micros = milliseconds(500);
const LONGEST_RETRY: Micros = minutes(2) + seconds(2);

/**
 * Brings claims and volumes together. Source: `pkg/controller/volume/persistentvolume`.
 *
 * A change of a claim or volume is acted upon at once. What upstream finds at its resync (a volume that has become available, a class
 * that was made, a pod that uses a claim, a write that failed) is noted as it comes, and looked at on the same grid of 15 s: a pass with
 * nothing noted is left out. A report is made when it differs from the claim's last one, where upstream repeats it at each resync.
 */
export function persistentVolumeBinder(): ControllerDefinition {
  const claims = new OwnWrites<PersistentVolumeClaim>();
  const volumes = new OwnWrites<PersistentVolume>();
  /** Keys for the next resync. */
  const due = new Set<string>();
  const wake = new Cell(0);
  /** The last report of each claim, by uid. */
  const reported = new Map<string, string>();
  let backOff: FailureBackOff;

  return defineController({
    name: 'persistentvolume-controller',
    watches: [
      watch('persistentvolumeclaims', {
        indexers: { unbound: unboundUnder },
        keys: noteClaim,
      }),
      watch('persistentvolumes', {
        indexers: {
          claim: ({ spec }) => (spec.claimRef ? [claimKey(spec.claimRef)] : []),
          available: (volume) => (volume.spec.claimRef ? [] : [classOf(volume)]),
        },
        keys: noteVolume,
      }),
      watch('storageclasses', { keys: noteClass }),
      watch('pods', { indexers: { claim: claimKeysOf }, keys: notePod }),
    ],
    *start(context) {
      backOff = new FailureBackOff(context.owner.kernel, FIRST_RETRY, LONGEST_RETRY);
      yield* spawn('resync', resync(context));
    },
    *reconcile(key, context) {
      try {
        if (key.startsWith(CLAIM)) yield* syncClaim(key.slice(CLAIM.length), context);
        else yield* syncVolume(key.slice(VOLUME.length), context);
      } catch (error) {
        // Without a code it is no answer but a defect.
        if (codeOf(error) === 'UNKNOWN') throw error;
        context.log(`looked at again with the next resync: ${messageOf(error)}`, key);
        later([key]);
      }
    },
  });

  function noteClaim(claim: Claim, { event }: Change<PersistentVolumeClaim>): readonly string[] {
    if (event !== 'DELETED') return [CLAIM + keyOf(claim)];
    reported.delete(claim.metadata.uid);
    const { volumeName = '' } = claim.spec;
    return volumeName === '' ? [] : [VOLUME + volumeName];
  }

  function noteVolume(volume: Volume, { event, old, context }: Change<PersistentVolume>): readonly string[] {
    const { claimRef } = volume.spec;
    if (event === 'DELETED') return claimRef ? [CLAIM + claimKey(claimRef)] : [];
    const offered = volume.status?.phase === 'Available' && !claimRef;
    if (event === 'ADDED') later(unboundClaims(wantedUnder(volume.metadata.name), context));
    if (offered && (old?.status?.phase !== 'Available' || old.spec !== volume.spec)) later(unboundClaims(classOf(volume), context));
    if (claimRef && (claimRef.uid ?? '') === '') later([CLAIM + claimKey(claimRef)]);
    return [VOLUME + volume.metadata.name];
  }

  function noteClass({ metadata: { name } }: Stored<StorageClass>, { context }: Change<StorageClass>): readonly string[] {
    later(unboundClaims(name, context));
    later(unboundClaims('', context));
    return [];
  }

  function notePod(pod: Stored<Pod>, { event, old }: Change<Pod>): readonly string[] {
    if (event === 'MODIFIED' && old?.spec.nodeName === pod.spec.nodeName) return [];
    later(claimKeysOf(pod).map((key) => CLAIM + key));
    return [];
  }

  function unboundClaims(under: string, { informers }: ControllerContext): readonly string[] {
    return informers
      .get('persistentvolumeclaims')
      .byIndex('unbound', under)
      .map((claim) => CLAIM + keyOf(claim));
  }

  function later(keys: readonly string[]): void {
    if (keys.length === 0) return;
    for (const key of keys) due.add(key);
    wake.set(wake.value + 1);
  }

  function* resync({ queue }: ControllerContext): Process<never> {
    const beat = every(RESYNC);
    for (;;) {
      yield* beat.next({ unless: [wake] });
      const keys = [...due].sort();
      due.clear();
      for (const key of keys) queue.add(key);
    }
  }

  function* syncClaim(key: string, context: ControllerContext): Process {
    const { informers } = context;
    const claim = claims.newest(key, informers.get('persistentvolumeclaims').get(key));
    if (!claim) return;
    const { volumeName = '' } = claim.spec;
    const classes = informers.get('storageclasses');
    const action = decideClaim(claim, {
      named: volumeName === '' ? undefined : newestVolume(volumeName, context),
      candidates: isBindingComplete(claim) || volumeName !== '' ? [] : candidatesFor(claim, key, context),
      storageClass: classes.get(classOf(claim)),
      defaultClass: defaultClass(classes.list()),
      unscheduledPods: unscheduledPods(key, context),
    });
    switch (action.do) {
      case 'bind':
        return yield* bind(claim, action.volume, context);
      case 'lose':
        if (claim.status?.phase === 'Lost') return undefined;
        yield* writeClaimStatus(claimWithPhase(claim, 'Lost'), context);
        return context.events.report(claim, action.report.type, action.report.reason, action.report.message);
      case 'assign-class':
        yield* writeClaim({ ...claim, spec: { ...claim.spec, storageClassName: action.name } }, context);
        return undefined;
      case 'provision':
        return yield* provision(claim, action.provisioner, action.report, context);
      case 'wait':
        if (action.report) tell(claim, action.report, context);
        yield* setPending(claim, context);
        return undefined;
    }
  }

  function candidatesFor(claim: Claim, key: string, context: ControllerContext): readonly Volume[] {
    const cache = context.informers.get('persistentvolumes');
    const found = new Map<string, Volume>();
    for (const volume of [...cache.byIndex('claim', key), ...cache.byIndex('available', classOf(claim))]) {
      const newest = newestVolume(volume.metadata.name, context);
      if (newest) found.set(volume.metadata.name, newest);
    }
    return [...found.values()];
  }

  function newestVolume(name: string, { informers }: ControllerContext): Volume | undefined {
    return volumes.newest(name, informers.get('persistentvolumes').get(name));
  }

  /** Volume first, so that two claims can never get one: the API server lets only the first reference in. */
  function* bind(claim: Claim, volume: Volume, context: ControllerContext): Process {
    const referring = volumeBoundTo(volume, claim);
    const referred = referring === volume ? volume : yield* writeVolume(referring, context);
    const bound = yield* writeVolumeStatus(referred, volumeWithPhase(referred, 'Bound', context.timestamp()), context);
    const pointing = claimBoundTo(claim, bound);
    const pointed = pointing === claim ? claim : yield* writeClaim(pointing, context);
    const complete = claimWithPhase(pointed, 'Bound', bound);
    if (complete !== pointed) yield* writeClaimStatus(complete, context);
  }

  function* provision(claim: Claim, provisioner: string, report: ClaimReport, context: ControllerContext): Process {
    const operation = `provision/${keyOf(claim)}[${claim.metadata.uid}]`;
    if (backOff.left(operation) > 0) return later([CLAIM + keyOf(claim)]);
    const { annotations = {} } = claim.metadata;
    let asked = claim;
    if (annotations[storageAnnotations.provisioner] !== provisioner || annotations[storageAnnotations.betaProvisioner] !== provisioner) {
      const marks = { [storageAnnotations.provisioner]: provisioner, [storageAnnotations.betaProvisioner]: provisioner };
      try {
        asked = yield* writeClaim({ ...claim, metadata: { ...claim.metadata, annotations: { ...annotations, ...marks } } }, context);
      } catch (error) {
        backOff.failed(operation);
        context.events.warning(claim, 'ProvisioningFailed', `Error saving claim: ${messageOf(error)}`);
        throw error;
      }
    }
    tell(asked, report, context);
    yield* setPending(asked, context);
  }

  function tell(claim: Claim, { type, reason, message }: ClaimReport, { events }: ControllerContext): void {
    const text = `${reason} ${message}`;
    if (reported.get(claim.metadata.uid) === text) return;
    reported.set(claim.metadata.uid, text);
    events.report(claim, type, reason, message);
  }

  function* setPending(claim: Claim, context: ControllerContext): Process {
    const pending = claimWithPhase(claim, 'Pending');
    if (pending !== claim) yield* writeClaimStatus(pending, context);
  }

  function* syncVolume(name: string, context: ControllerContext): Process {
    const volume = newestVolume(name, context);
    if (!volume) return;
    const claim = yield* claimOf(volume, context);
    const action = decideVolume(volume, claim);
    switch (action.do) {
      case 'set-phase':
        yield* writeVolumeStatus(volume, volumeWithPhase(volume, action.phase, context.timestamp()), context);
        return;
      case 'wake-claim':
        if (claim) context.queue.add(CLAIM + keyOf(claim));
        return;
      case 'report-mismatch':
        if (claim) reportMismatch(volume, claim, context);
        return;
      case 'release':
        return yield* release(volume, context);
      case 'unbind': {
        const free = yield* writeVolume(unbound(volume), context);
        yield* writeVolumeStatus(free, volumeWithPhase(free, 'Available', context.timestamp()), context);
      }
    }
  }

  /** The claim that the volume was bound to. The API server is asked before it is taken for gone: what follows cannot be undone. */
  function* claimOf({ spec: { claimRef }, status }: Volume, { informers, api }: ControllerContext): Process<Claim | undefined> {
    if (!claimRef || (claimRef.uid ?? '') === '') return undefined;
    const key = claimKey(claimRef);
    const cached = claims.newest(key, informers.get('persistentvolumeclaims').get(key));
    if (cached?.metadata.uid === claimRef.uid) return cached;
    const released = status?.phase === 'Released' || status?.phase === 'Failed';
    if (!cached && released) return undefined;
    try {
      const live = yield* api.persistentvolumeclaims.get({ namespace: claimRef.namespace ?? '', name: claimRef.name ?? '' });
      return live.metadata.uid === claimRef.uid ? live : undefined;
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
      return undefined;
    }
  }

  function* release(volume: Volume, context: ControllerContext): Process {
    const phase = volume.status?.phase;
    const released =
      phase === 'Released' || phase === 'Failed'
        ? volume
        : yield* writeVolumeStatus(volume, volumeWithPhase(volume, 'Released', context.timestamp()), context);
    const reclaim = decideReclaim(released);
    if (reclaim.do === 'fail' && released.status?.phase !== 'Failed') {
      yield* writeVolumeStatus(released, volumeWithPhase(released, 'Failed', context.timestamp(), reclaim.message), context);
      context.events.warning(released, reclaim.reason, reclaim.message);
    }
    if (reclaim.do !== 'delete' || released.metadata.deletionTimestamp !== undefined) return;
    const operation = `delete-${volume.metadata.name}[${volume.metadata.uid}]`;
    if (backOff.left(operation) > 0) return later([VOLUME + volume.metadata.name]);
    try {
      yield* context.api.persistentvolumes.delete({ name: volume.metadata.name, preconditions: { uid: volume.metadata.uid } });
    } catch (error) {
      if (codeOf(error) === 'NotFound') return;
      backOff.failed(operation);
      throw error;
    }
  }

  function* writeClaim(claim: Claim, { api }: ControllerContext): Process<Claim> {
    return claims.note(keyOf(claim), yield* api.persistentvolumeclaims.update(claim));
  }

  function* writeClaimStatus(claim: Claim, { api }: ControllerContext): Process<Claim> {
    return claims.note(keyOf(claim), yield* api.persistentvolumeclaims.updateStatus(claim));
  }

  function* writeVolume(volume: Volume, { api }: ControllerContext): Process<Volume> {
    return volumes.note(volume.metadata.name, yield* api.persistentvolumes.update(volume));
  }

  function* writeVolumeStatus(before: Volume, after: Volume, { api }: ControllerContext): Process<Volume> {
    return before === after ? before : volumes.note(after.metadata.name, yield* api.persistentvolumes.updateStatus(after));
  }
}

const CLAIM = 'claim/';
const VOLUME = 'volume/';

/** Where unbound claims that ask for a volume by name are found; no class has such a name. */
const wantedUnder = (volumeName: string): string => `/${volumeName}`;

/** Index of claims that still wait: by class, and by the volume that they ask for. */
function unboundUnder(claim: PersistentVolumeClaim): readonly string[] {
  if (isBindingComplete(claim)) return [];
  const { volumeName = '' } = claim.spec;
  return volumeName === '' ? [classOf(claim)] : [classOf(claim), wantedUnder(volumeName)];
}

const isBindingComplete = (claim: PersistentVolumeClaim): boolean =>
  claim.metadata.annotations?.[storageAnnotations.bindCompleted] !== undefined;

function unscheduledPods(key: string, { informers }: ControllerContext): readonly string[] {
  return informers
    .get('pods')
    .byIndex('claim', key)
    .filter((pod) => !pod.spec.nodeName && !isPodTerminated(pod))
    .map(({ metadata }) => metadata.name)
    .sort();
}

function reportMismatch(volume: Volume, claim: Claim, { events }: ControllerContext): void {
  events.warning(
    volume,
    'VolumeMismatch',
    `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${JSON.stringify(claim.metadata.name)} due to incompatible volumeMode.`,
  );
  events.warning(
    claim,
    'VolumeMismatch',
    `Cannot bind PersistentVolume ${JSON.stringify(volume.metadata.name)} to requested PersistentVolumeClaim due to incompatible volumeMode.`,
  );
}
