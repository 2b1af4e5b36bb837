import {
  type Change,
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  type ReconcileResult,
  watch,
} from '@slipway/client';
import { codeOf, type Micros, minutes, type Process, seconds } from '@slipway/kernel';
import { formatQuantity, newQuantity, formatTime, keyOf, type PersistentVolumeClaim, type Stored } from '@slipway/kube';
import { SnapshotRefusal, takeFor } from './snapshot-creation.ts';
import { deleteSnapshot } from './snapshot-deletion.ts';
import {
  hasFinalizer,
  isBeingDeleted,
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  SNAPSHOT_GROUP,
  snapshotFinalizers,
  SNAPSHOTS,
  standsFor,
  type VolumeSnapshot,
  type VolumeSnapshotContent,
} from './snapshot-objects.ts';

type Snapshot = Stored<VolumeSnapshot>;
type Content = Stored<VolumeSnapshotContent>;

const SNAPSHOT = 'snapshot/';
const CONTENT = 'content/';

/** Source: cmd/snapshot-controller/main.go, `--retry-interval-start`, `--retry-interval-max`. */
const FIRST: Micros = seconds(1);
const LONGEST: Micros = minutes(5);

/**
 * Gives each VolumeSnapshot its VolumeSnapshotContent and tells in its status what the driver's side-car has found out. In life it is
 * installed beside Kubernetes, with the definitions of its kinds, and so it is here: a cluster without them has no use for it.
 * Source: kubernetes-csi/external-snapshotter pkg/common-controller/snapshot_controller.go.
 */
export function snapshotController(): ControllerDefinition {
  const failures = new Map<string, number>();
  return defineController({
    name: 'snapshot-controller',
    workers: 10,
    watches: [
      watch<VolumeSnapshot>(SNAPSHOTS, {
        indexers: { sourceClaim: claimKeyOf },
        keys: (snapshot, { event }) => (event === 'DELETED' ? [] : [SNAPSHOT + keyOf(snapshot)]),
      }),
      watch<VolumeSnapshotContent>(SNAPSHOT_CONTENTS, { keys: noteContent }),
      watch(SNAPSHOT_CLASSES, { keys: () => [] }),
      watch('persistentvolumeclaims', { indexers: { snapshotSource: snapshotKeysOf }, keys: noteClaim }),
      watch('persistentvolumes', { keys: () => [] }),
    ],
    *reconcile(key, context) {
      try {
        if (key.startsWith(CONTENT)) yield* protectContent(key.slice(CONTENT.length), context);
        else yield* syncSnapshot(key.slice(SNAPSHOT.length), context);
        failures.delete(key);
        return undefined;
      } catch (error) {
        return again(key, error);
      }
    },
  });

  function again(key: string, error: unknown): ReconcileResult {
    if (!(error instanceof SnapshotRefusal) && codeOf(error) === 'UNKNOWN') throw error;
    const before = failures.get(key) ?? 0;
    failures.set(key, before + 1);
    return { requeueAfter: Math.min(FIRST * 2 ** Math.min(before, 9), LONGEST) };
  }
}

const claimKeyOf = ({ metadata, spec }: VolumeSnapshot): readonly string[] => {
  const name = spec.source.persistentVolumeClaimName;
  return name === undefined ? [] : [`${metadata.namespace}/${name}`];
};

/** Snapshots that a claim is to be filled from. */
function snapshotKeysOf({ metadata, spec }: PersistentVolumeClaim): readonly string[] {
  const source = spec.dataSource ?? spec.dataSourceRef;
  return source?.kind === 'VolumeSnapshot' && source.apiGroup === SNAPSHOT_GROUP ? [`${metadata.namespace}/${source.name}`] : [];
}

function noteContent({ metadata, spec }: Content, { event }: Change<VolumeSnapshotContent>): readonly string[] {
  const { namespace, name } = spec.volumeSnapshotRef;
  const snapshot = `${SNAPSHOT}${namespace}/${name}`;
  return event === 'DELETED' ? [snapshot] : [CONTENT + metadata.name, snapshot];
}

/** A claim that is bound may be what a snapshot has waited for, or the last that was being filled from one. */
function noteClaim(claim: Stored<PersistentVolumeClaim>, { old, event, context }: Change<PersistentVolumeClaim>): readonly string[] {
  if (event === 'MODIFIED' && old?.status?.phase === claim.status?.phase) return [];
  const of = context.informers.get<VolumeSnapshot>(SNAPSHOTS).byIndex('sourceClaim', keyOf(claim));
  return [...snapshotKeysOf(claim), ...of.map((snapshot) => keyOf(snapshot))].map((key) => SNAPSHOT + key);
}

function* protectContent(name: string, { api, informers }: ControllerContext): Process {
  const content = informers.get<VolumeSnapshotContent>(SNAPSHOT_CONTENTS).get(name);
  if (!content || isBeingDeleted(content) || hasFinalizer(content, snapshotFinalizers.content)) return;
  // Nobody uses it yet.
  if ((content.spec.volumeSnapshotRef.uid ?? '') === '') return;
  const finalizers = [...(content.metadata.finalizers ?? []), snapshotFinalizers.content];
  yield* api.resource<VolumeSnapshotContent>(SNAPSHOT_CONTENTS).update({ ...content, metadata: { ...content.metadata, finalizers } });
}

function* syncSnapshot(key: string, context: ControllerContext): Process {
  const { informers, events } = context;
  const snapshot = informers.get<VolumeSnapshot>(SNAPSHOTS).get(key);
  if (!snapshot) return;
  yield* releaseClaim(snapshot, context);
  if (isBeingDeleted(snapshot)) return yield* deleteSnapshot(snapshot, context);
  const { persistentVolumeClaimName, volumeSnapshotContentName } = snapshot.spec.source;
  if ((persistentVolumeClaimName === undefined) === (volumeSnapshotContentName === undefined)) {
    const message = 'Exactly one of PersistentVolumeClaimName and VolumeSnapshotContentName should be specified';
    return yield* saveError(snapshot, 'SnapshotValidationError', message, context);
  }
  if (yield* protect(snapshot, context)) return;
  const contents = informers.get<VolumeSnapshotContent>(SNAPSHOT_CONTENTS);
  const bound = snapshot.status?.boundVolumeSnapshotContentName;
  try {
    const content =
      bound !== undefined && snapshot.status?.readyToUse === true
        ? checked(contents.get(bound), snapshot)
        : volumeSnapshotContentName !== undefined
          ? yield* bind(checked(contents.get(volumeSnapshotContentName), snapshot), snapshot, context)
          : yield* takeFor(snapshot, context);
    yield* saveStatus(snapshot, content, context);
  } catch (error) {
    if (!(error instanceof SnapshotRefusal)) throw error;
    if (snapshot.status?.error?.message !== error.message) yield* saveError(snapshot, error.reason, error.message, context);
    else events.warning(snapshot, error.reason, error.message);
    throw error;
  }
}

/** @throws SnapshotRefusal */
function checked(content: Content | undefined, snapshot: Snapshot): Content {
  if (!content) throw new SnapshotRefusal('SnapshotContentMissing', 'VolumeSnapshotContent is missing');
  if (!standsFor(content, snapshot))
    throw new SnapshotRefusal('SnapshotMisbound', 'VolumeSnapshotContent is not bound to the VolumeSnapshot correctly');
  return content;
}

/** Makes a content that was there before the snapshot point at it. */
function* bind(content: Content, { metadata: { uid }, spec }: Snapshot, { api }: ControllerContext): Process<Content> {
  if (content.spec.volumeSnapshotRef.uid === uid) return content;
  const className = spec.volumeSnapshotClassName;
  const patch = {
    spec: { volumeSnapshotRef: { uid }, ...(className === undefined ? {} : { volumeSnapshotClassName: className }) },
  };
  return yield* api.resource<VolumeSnapshotContent>(SNAPSHOT_CONTENTS).patch({ name: content.metadata.name, patch });
}

/** Puts the finalizers on that are missing; the change brings the snapshot back. */
function* protect(snapshot: Snapshot, { api }: ControllerContext): Process<boolean> {
  const wanted: string[] = [snapshotFinalizers.source];
  if (snapshot.status?.boundVolumeSnapshotContentName !== undefined) wanted.push(snapshotFinalizers.bound);
  const missing = wanted.filter((finalizer) => !hasFinalizer(snapshot, finalizer));
  if (missing.length === 0) return false;
  const finalizers = [...(snapshot.metadata.finalizers ?? []), ...missing];
  yield* api.resource<VolumeSnapshot>(SNAPSHOTS).update({ ...snapshot, metadata: { ...snapshot.metadata, finalizers } });
  return true;
}

/** Lets the source claim go once no snapshot of it is under way. */
function* releaseClaim(snapshot: Snapshot, { api, informers }: ControllerContext): Process {
  const [claimKey = ''] = claimKeyOf(snapshot);
  const claim = informers.get('persistentvolumeclaims').get(claimKey);
  if (!claim || !hasFinalizer(claim, snapshotFinalizers.claim)) return;
  const others = informers.get<VolumeSnapshot>(SNAPSHOTS).byIndex('sourceClaim', claimKey);
  if (others.some((each) => each.status?.readyToUse !== true && !isBeingDeleted(each))) return;
  const finalizers = (claim.metadata.finalizers ?? []).filter((each) => each !== snapshotFinalizers.claim);
  yield* api.persistentvolumeclaims.update({ ...claim, metadata: { ...claim.metadata, finalizers } });
}

/** Tells in the snapshot what the content says. */
function* saveStatus(snapshot: Snapshot, { metadata, status = {} }: Content, { api, events, now, owner }: ControllerContext): Process {
  const { status: before = {} } = snapshot;
  const { creationTime, restoreSize, readyToUse = false, error } = status;
  const created = creationTime === undefined ? undefined : formatTime(Math.floor(creationTime / 1_000));
  const after = {
    boundVolumeSnapshotContentName: metadata.name,
    readyToUse,
    ...(created === undefined ? {} : { creationTime: created }),
    ...(restoreSize === undefined ? {} : { restoreSize: formatQuantity(newQuantity(restoreSize, 'BinarySI')) }),
  };
  const isSame =
    before.boundVolumeSnapshotContentName === metadata.name &&
    before.readyToUse === readyToUse &&
    before.creationTime === created &&
    (before.restoreSize === undefined) === (restoreSize === undefined) &&
    before.error?.message === error?.message;
  if (isSame) return;
  const at = { namespace: snapshot.metadata.namespace ?? '', name: snapshot.metadata.name };
  const wrong = error
    ? { message: error.message ?? '', time: error.time ?? formatTime(owner.kernel.unixMicros - owner.kernel.now + now()) }
    : null;
  yield* api.resource<VolumeSnapshot>(SNAPSHOTS).patch({ ...at, patch: { status: { ...after, error: wrong } }, subresource: 'status' });
  const name = keyOf(snapshot);
  if (created !== undefined && before.creationTime === undefined)
    events.normal(snapshot, 'SnapshotCreated', `Snapshot ${name} was successfully created by the CSI driver.`);
  if (readyToUse && before.readyToUse !== true) events.normal(snapshot, 'SnapshotReady', `Snapshot ${name} is ready to use.`);
}

function* saveError(snapshot: Snapshot, reason: string, message: string, { api, events, timestamp }: ControllerContext): Process {
  const at = { namespace: snapshot.metadata.namespace ?? '', name: snapshot.metadata.name };
  const patch = { status: { readyToUse: false, error: { message, time: timestamp() } } };
  yield* api.resource<VolumeSnapshot>(SNAPSHOTS).patch({ ...at, patch, subresource: 'status' });
  events.warning(snapshot, reason, message);
}
