import {
  type Change,
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  type ReconcileResult,
  watch,
} from '@slipway/client';
import { codeOf, messageOf, type Micros, milliseconds, minutes, type Process, seconds, sleep, spawn } from '@slipway/kernel';
import {
  isEqual,
  keyOf,
  type Node,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type StorageClass,
  type Stored,
} from '@slipway/kube';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { classOf } from '../../controllers/storage/claims.ts';
import { type DriverConnection, type DriverInfo, learnDriver } from '../driver-info.ts';
import { RetryDelays } from '../retry-delays.ts';
import { CLONE_FINALIZER, cloneSourceOf } from './content-source.ts';
import { deleteVolume, isOurs, shouldDelete, wantedFinalizers } from './delete-volume.ts';
import { makeVolume } from './make-volume.ts';
import { Places } from './places.ts';
import { prepare, volumeNameOf } from './prepare.ts';
import { NotOurs, ProvisionFailure } from './provision-failure.ts';
import { StorageCapacities } from './storage-capacities.ts';
import { volumeObject } from './volume-object.ts';

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

/** A request that can never succeed is not tried again sooner, unless the class is made anew. */
const SLOW_RETRY: Micros = minutes(5);
const LONGEST_SAVE_RETRY: Micros = seconds(1000);

const CLAIM = 'claim/';
const VOLUME = 'volume/';
const CLONE = 'clone/';

/** Everything that a running side-car knows. */
interface Running {
  readonly info: DriverInfo;
  readonly places: Places;
  readonly capacities: StorageCapacities;
  /** Of this run of the side-car. */
  readonly identity: string;
}

/**
 * Makes and deletes volumes with a driver: CreateVolume for claims that ask for it, DeleteVolume for volumes that nobody claims.
 * Source: kubernetes-csi/external-provisioner, sig-storage-lib-external-provisioner v13.
 */
export function externalProvisioner({ identity, controller }: DriverConnection): ControllerDefinition {
  /** Claims whose volume the driver may be making, by uid: asked for again even if the claim goes, so that no volume is left behind. */
  const inProgress = new Map<string, Claim>();
  const slow = new Map<string, { readonly until: Micros; readonly classUid: string }>();
  const delays = new RetryDelays();
  let running: Running | undefined;

  return defineController({
    name: 'external-provisioner',
    workers: 100,
    watches: [
      watch('persistentvolumeclaims', {
        indexers: { uid: ({ metadata }) => [metadata.uid], cloneSource: cloneSourceOf },
        keys: noteClaim,
      }),
      watch('persistentvolumes', {
        keys: (volume, { event }) => (event !== 'DELETED' && volume.spec.csi ? [VOLUME + volume.metadata.name] : []),
      }),
      watch('storageclasses', { keys: () => wakeCapacities() }),
      watch('csinodes', { keys: () => placesChanged() }),
      watch('nodes', { keys: noteNode }),
      watch('volumeattachments', {
        indexers: { volume: ({ spec }) => (spec.source.persistentVolumeName === undefined ? [] : [spec.source.persistentVolumeName]) },
        keys: () => [],
      }),
      watch('csidrivers', { keys: () => wakeCapacities() }),
      watch('csistoragecapacities', { keys: () => [] }),
    ],
    *start(context) {
      const info = yield* learnDriver({ identity, controller }, (message) => context.log(message));
      const places = new Places(context.informers, info.name);
      const { random, owner } = context;
      const own = `${Math.floor(owner.kernel.unixMicros / 1000)}-${random.integer(0, 9999)}-${info.name}`;
      const capacities = new StorageCapacities({ info, places, controller, context });
      running = { info, places, capacities, identity: own };
      if (info.controller.has('GET_CAPACITY')) {
        yield* spawn('storage capacities', capacities.run());
        yield* spawn('storage capacity poll', capacities.poll());
      }
    },
    *reconcile(key, context) {
      if (!running) return undefined;
      try {
        const result = yield* sync(key, running, context);
        delays.forget(key);
        return result;
      } catch (error) {
        return delays.again(key, error, context);
      }
    },
  });

  function* sync(key: string, driver: Running, context: ControllerContext): Process<ReconcileResult | void> {
    if (key.startsWith(CLAIM)) return yield* syncClaim(key.slice(CLAIM.length), driver, context);
    if (key.startsWith(VOLUME)) return yield* syncVolume(key.slice(VOLUME.length), driver, context);
    return yield* releaseCloned(key.slice(CLONE.length), context);
  }

  function noteClaim(claim: Claim, { event, context }: Change<PersistentVolumeClaim>): readonly string[] {
    const copied = [claim, ...sourcesOf(claim, context)].filter(isReleasable).map((each) => CLONE + keyOf(each));
    if (event === 'DELETED' || (claim.spec.volumeName ?? '') !== '') return copied;
    return [CLAIM + claim.metadata.uid, ...copied];
  }

  function noteNode({ metadata }: Stored<Node>, { event, old }: Change<Node>): readonly string[] {
    return event === 'MODIFIED' && isEqual(metadata.labels, old?.metadata.labels) ? [] : placesChanged();
  }

  function placesChanged(): readonly string[] {
    running?.places.invalidate();
    return wakeCapacities();
  }

  function wakeCapacities(): readonly string[] {
    running?.capacities.refresh();
    return [];
  }

  function* syncClaim(uid: string, driver: Running, context: ControllerContext): Process<ReconcileResult | void> {
    const { informers, now } = context;
    const claim = informers.get('persistentvolumeclaims').byIndex('uid', uid)[0] ?? inProgress.get(uid);
    if (!claim) return undefined;
    const storageClass = classToProvision(claim, driver.info, context);
    if (!storageClass) {
      inProgress.delete(uid);
      return undefined;
    }
    const wait = slow.get(uid);
    if (wait && wait.classUid === storageClass.metadata.uid && wait.until > now()) return { requeueAfter: wait.until - now() };
    slow.delete(uid);
    try {
      yield* provision(claim, storageClass, driver, context);
      inProgress.delete(uid);
      return undefined;
    } catch (error) {
      if (error instanceof NotOurs) return undefined;
      if (!(error instanceof ProvisionFailure)) throw error;
      if (error.state === 'in-background') inProgress.set(uid, claim);
      else if (error.state !== 'no-change') inProgress.delete(uid);
      return yield* failed(claim, storageClass, error, driver, context);
    }
  }

  /** The class of a claim that wants a volume of this driver now. @throws ProvisionFailure when the class is not there */
  function classToProvision(claim: Claim, info: DriverInfo, { informers }: ControllerContext): Stored<StorageClass> | undefined {
    const { annotations = {} } = claim.metadata;
    if ((claim.spec.volumeName ?? '') !== '') return undefined;
    if ((annotations[storageAnnotations.provisioner] ?? annotations[storageAnnotations.betaProvisioner]) !== info.name) return undefined;
    const storageClass = informers.get('storageclasses').get(classOf(claim));
    if (!storageClass) throw new ProvisionFailure(`storageClass ${JSON.stringify(classOf(claim))} not found`, 'no-change');
    const waits = storageClass.volumeBindingMode === 'WaitForFirstConsumer' && (annotations[storageAnnotations.selectedNode] ?? '') === '';
    return waits || storageClass.provisioner !== info.name ? undefined : storageClass;
  }

  function* provision(claim: Claim, storageClass: Stored<StorageClass>, driver: Running, context: ControllerContext): Process {
    const { info, places, capacities } = driver;
    const { uid, annotations } = claim.metadata;
    if (context.informers.get('persistentvolumes').get(volumeNameOf(uid))) return;
    context.events.normal(claim, 'Provisioning', `External provisioner is provisioning volume for claim ${JSON.stringify(keyOf(claim))}`);
    const hasTopology = info.services.has('VOLUME_ACCESSIBILITY_CONSTRAINTS');
    const plan = yield* prepare(claim, storageClass, info, places, context);
    const selected = (annotations?.[storageAnnotations.selectedNode] ?? '') !== '';
    const made = yield* makeVolume(plan, controller, hasTopology && selected);
    yield* save(volumeObject(plan, made, info.name, driver.identity, hasTopology), claim, context);
    places.forget(uid);
    capacities.refresh();
  }

  /** The volume is there: its object has to be made, however long that takes. */
  function* save(volume: PersistentVolume, claim: Claim, { api, events, log }: ControllerContext): Process {
    for (let delay = milliseconds(5); ; delay = Math.min(2 * delay, LONGEST_SAVE_RETRY)) {
      try {
        yield* api.persistentvolumes.create(volume);
        break;
      } catch (error) {
        if (codeOf(error) === 'AlreadyExists') break;
        if (codeOf(error) === 'UNKNOWN') throw error;
        log(`error saving volume ${volume.metadata.name}: ${messageOf(error)}`, volume.metadata.name);
        yield* sleep(delay);
      }
    }
    events.normal(claim, 'ProvisioningSucceeded', `Successfully provisioned volume ${volume.metadata.name}`);
  }

  function* failed(
    claim: Claim,
    storageClass: Stored<StorageClass>,
    failure: ProvisionFailure,
    { places, capacities }: Running,
    { events, now, api }: ControllerContext,
  ): Process<ReconcileResult | void> {
    const { uid, annotations } = claim.metadata;
    if (failure.state === 'finished' || failure.state === 'reschedule') places.forget(uid);
    if (failure.code === 'RESOURCE_EXHAUSTED') capacities.refresh();
    if (failure.infeasible) {
      const text = `Volume provisioning failed with infeasible error. Retries will be delayed. ${failure.message}`;
      events.warning(claim, 'ProvisioningFailed', text);
      slow.set(uid, { until: now() + SLOW_RETRY, classUid: storageClass.metadata.uid });
      return { requeueAfter: SLOW_RETRY };
    }
    events.warning(claim, 'ProvisioningFailed', failure.message);
    if (failure.state !== 'reschedule' || annotations?.[storageAnnotations.selectedNode] === undefined) throw failure;
    // Without it the scheduler begins anew with the pod.
    const { [storageAnnotations.selectedNode]: _node, ...rest } = annotations;
    try {
      yield* api.persistentvolumeclaims.update({ ...claim, metadata: { ...claim.metadata, annotations: rest } });
    } catch (error) {
      if (codeOf(error) === 'UNKNOWN') throw error;
      if (codeOf(error) !== 'NotFound') throw failure;
    }
    return undefined;
  }

  function* syncVolume(name: string, { info, capacities }: Running, context: ControllerContext): Process {
    const { informers, api } = context;
    const cached: Volume | undefined = informers.get('persistentvolumes').get(name);
    if (!cached || !isOurs(cached, info.name)) return;
    const wanted = wantedFinalizers(cached);
    const volume = wanted
      ? yield* api.persistentvolumes.update({ ...cached, metadata: { ...cached.metadata, finalizers: wanted } })
      : cached;
    if (!shouldDelete(volume)) return;
    yield* deleteVolume(volume, controller, context);
    capacities.refresh();
  }

  /** A claim that was copied may go once no copy is under way. Source: external-provisioner `pkg/controller/clone_controller.go`. */
  function* releaseCloned(key: string, { informers, api }: ControllerContext): Process {
    const cache = informers.get('persistentvolumeclaims');
    const claim = cache.get(key);
    if (!claim || !isReleasable(claim) || cache.byIndex('cloneSource', key).some((copy) => copy.status?.phase === 'Pending')) return;
    const rest = claim.metadata.finalizers?.filter((each) => each !== CLONE_FINALIZER) ?? [];
    yield* api.persistentvolumeclaims.update({ ...claim, metadata: { ...claim.metadata, finalizers: rest } });
  }
}

/** The claims that this one copies. */
function sourcesOf(claim: Claim, { informers }: ControllerContext): readonly Claim[] {
  const cache = informers.get('persistentvolumeclaims');
  return cloneSourceOf(claim).flatMap((key) => cache.get(key) ?? []);
}

function isReleasable({ metadata }: PersistentVolumeClaim): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.finalizers?.includes(CLONE_FINALIZER) ?? false);
}
