import type { ControllerContext } from '@slipway/client';
import type { CsiController } from '@slipway/csi';
import { CallError, type Client, messageOf, type Micros, minutes, type Process, seconds } from '@slipway/kernel';
import {
  bytes,
  formatResourceAmount,
  keyOf,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimCondition,
  type Quantity,
  type Stored,
} from '@slipway/kube';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { isPodTerminated } from '../../controllers/storage/claims.ts';
import { volumeCapability } from '../capabilities.ts';
import { callDriver, DriverError, isAnswer, isFinal } from '../driver-error.ts';
import type { DriverInfo } from '../driver-info.ts';
import { readSecret } from '../secrets.ts';
import { planExpansion, type ResizeStatus, resizeStatusOf, withResizeConditions } from './expansion.ts';

// ControllerExpandVolume and what the claim says of it. Source: external-resizer `pkg/controller/expand_and_recover.go`,
// `pkg/controller/resize_status.go`, `pkg/resizer/csi_resizer.go`.

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

/** Of each call. Source: `--timeout`. */
export const CALL_LIMIT = seconds(10);
/** What cannot be done is not tried again sooner. Source: `--retry-interval-max`. */
const SLOW_RETRY: Micros = minutes(5);

/** A size that no volume can have. */
const INFEASIBLE: ReadonlySet<string> = new Set(['INVALID_ARGUMENT', 'OUT_OF_RANGE', 'NOT_FOUND']);

/** Grows volumes; remembers what was refused. */
export class Expander {
  readonly #info: DriverInfo;
  readonly #controller: Client<CsiController>;
  /** Keys of claims whose last try was refused for good. */
  readonly #refused = new Set<string>();
  /** Claims that cannot grow while a pod uses them. */
  readonly #usedElsewhere = new Set<string>();
  readonly #slowUntil = new Map<string, Micros>();

  constructor(info: DriverInfo, controller: Client<CsiController>) {
    this.#info = info;
    this.#controller = controller;
  }

  /**
   * One step for a claim that wants to grow; the time after which to look again, if any.
   *
   * @throws DriverError, ApiError, CallError
   */
  *expand(claim: Claim, volume: Volume, context: ControllerContext): Process<Micros | undefined> {
    const key = keyOf(claim);
    const { events, now } = context;
    if (resizeStatusOf(claim) === 'ControllerResizeInfeasible' && !this.#slowUntil.has(key)) this.#slowUntil.set(key, now() + SLOW_RETRY);
    const plan = planExpansion(claim, volume, this.#refused.has(key));
    if (!plan) return undefined;
    const left = (this.#slowUntil.get(key) ?? 0) - now();
    if (plan.repeated && left > 0) return left;
    if (left <= 0) this.#slowUntil.delete(key);
    const marked = yield* markInProgress(claim, plan.size, !plan.repeated, context);
    if (this.#usedElsewhere.has(key) && isUsed(key, context)) {
      const message = `Unable to expand ${key} because CSI driver ${this.#info.name} only supports offline expansion and volume is currently in-use`;
      events.warning(claim, 'VolumeResizeFailed', message);
      throw new CallError('FAILED_PRECONDITION', message);
    }
    this.#usedElsewhere.delete(key);
    events.normal(claim, 'Resizing', `External resizer is resizing volume ${volume.metadata.name}`);
    try {
      yield* this.#grow(marked, volume, plan.size, context);
    } catch (error) {
      if (isAnswer(error)) events.warning(claim, 'VolumeResizeFailed', messageOf(error));
      throw error;
    }
    return undefined;
  }

  *#grow(claim: Claim, volume: Volume, wanted: Quantity, context: ControllerContext): Process {
    const key = keyOf(claim);
    let size: Quantity;
    let onNode: boolean;
    try {
      ({ size, onNode } = yield* this.#call(volume, wanted, context));
    } catch (error) {
      if (!isAnswer(error)) throw error;
      yield* this.#noteFailure(claim, error, context);
      throw new CallError(
        'RESIZE_FAILED',
        `resize volume ${JSON.stringify(volume.metadata.name)} by resizer ${JSON.stringify(this.#info.name)} failed: ${messageOf(error)}`,
      );
    }
    this.#refused.delete(key);
    this.#slowUntil.delete(key);
    yield* writeCapacity(volume, claim.status?.capacity?.['storage'], size, onNode, context);
    if (onNode) yield* markPendingOnNode(claim, context);
    else yield* markFinished(claim, size, context);
  }

  *#call(volume: Volume, wanted: Quantity, { api }: ControllerContext): Process<{ readonly size: Quantity; readonly onNode: boolean }> {
    const { csi, volumeMode, mountOptions, accessModes = [] } = volume.spec;
    // A driver without it grows file systems on nodes only. Source: `pkg/resizer/trivial_resizer.go`.
    if (!this.#info.controller.has('EXPAND_VOLUME')) return { size: wanted, onNode: true };
    const secrets = yield* readSecret(api, csi?.controllerExpandSecretRef);
    const capability = volumeCapability({
      block: volumeMode === 'Block',
      fsType: csi?.fsType,
      mountFlags: mountOptions,
      modes: accessModes,
      multiWriter: this.#info.controller.has('SINGLE_NODE_MULTI_WRITER'),
    });
    const { capacityBytes, nodeExpansionRequired } = yield* callDriver(
      this.#controller.controllerExpandVolume({
        volumeId: csi?.volumeHandle ?? '',
        capacityRange: { requiredBytes: bytes(wanted) },
        ...(secrets === undefined ? {} : { secrets }),
        volumeCapability: capability,
      }),
      CALL_LIMIT,
    );
    return { size: formatResourceAmount('storage', capacityBytes), onNode: nodeExpansionRequired };
  }

  *#noteFailure(claim: Claim, error: unknown, context: ControllerContext): Process {
    const key = keyOf(claim);
    const code = error instanceof DriverError ? error.code : '';
    if (code === 'FAILED_PRECONDITION') this.#usedElsewhere.add(key);
    if (!isFinal(error)) {
      this.#refused.delete(key);
      this.#slowUntil.delete(key);
      return;
    }
    this.#refused.add(key);
    const infeasible = INFEASIBLE.has(code);
    if (!infeasible) this.#slowUntil.delete(key);
    yield* markRefused(claim, messageOf(error), infeasible, context);
  }
}

function isUsed(key: string, { informers }: ControllerContext): boolean {
  return informers
    .get('pods')
    .byIndex('claim', key)
    .some((pod) => !isPodTerminated(pod));
}

type Status = NonNullable<PersistentVolumeClaim['status']>;

function* writeStatus(claim: Claim, status: Status, { api }: ControllerContext): Process<Claim> {
  return yield* api.persistentvolumeclaims.updateStatus({ ...claim, status });
}

const condition = (type: string, message: string, { timestamp }: ControllerContext): PersistentVolumeClaimCondition => ({
  type,
  status: 'True',
  lastTransitionTime: timestamp(),
  ...(message === '' ? {} : { message }),
});

const withResizeStatus = (status: Status | undefined, value: ResizeStatus): Status => ({
  ...status,
  allocatedResourceStatuses: { ...status?.allocatedResourceStatuses, storage: value },
});

function* markInProgress(claim: Claim, size: Quantity, fresh: boolean, context: ControllerContext): Process<Claim> {
  const { status } = claim;
  if (!fresh) return claim;
  return yield* writeStatus(
    claim,
    {
      ...withResizeStatus(status, 'ControllerResizeInProgress'),
      conditions: withResizeConditions(status?.conditions, [condition('Resizing', '', context)], false),
      allocatedResources: { ...status?.allocatedResources, storage: size },
    },
    context,
  );
}

function* markPendingOnNode(claim: Claim, context: ControllerContext): Process {
  const message = 'Waiting for user to (re-)start a pod to finish file system resize of volume on node.';
  const pending = condition('FileSystemResizePending', message, context);
  const conditions = withResizeConditions(claim.status?.conditions, [pending], true);
  yield* writeStatus(claim, { ...withResizeStatus(claim.status, 'NodeResizePending'), conditions }, context);
  context.events.normal(claim, 'FileSystemResizeRequired', 'Require file system resize of volume on node');
}

function* markRefused(claim: Claim, why: string, infeasible: boolean, context: ControllerContext): Process {
  const refused = condition('ControllerResizeError', `failed to expand pvc with ${why}`, context);
  const conditions = withResizeConditions(claim.status?.conditions, [refused], true);
  const status = infeasible ? withResizeStatus(claim.status, 'ControllerResizeInfeasible') : claim.status;
  yield* writeStatus(claim, { ...status, conditions }, context);
}

function* markFinished(claim: Claim, size: Quantity, context: ControllerContext): Process {
  const { storage: _done, ...others } = claim.status?.allocatedResourceStatuses ?? {};
  const { allocatedResourceStatuses: _statuses, ...status } = claim.status ?? {};
  const finished: Status = {
    ...status,
    ...(Object.keys(others).length > 0 ? { allocatedResourceStatuses: others } : {}),
    capacity: { ...status.capacity, storage: size },
    conditions: withResizeConditions(status.conditions, [], false),
  };
  yield* writeStatus(claim, finished, context);
  context.events.normal(claim, 'VolumeResizeSuccessful', 'Resize volume succeeded');
}

/** The volume's new size; while its file system has the old one, that is noted too. */
function* writeCapacity(
  volume: Volume,
  before: Quantity | undefined,
  size: Quantity,
  onNode: boolean,
  { api }: ControllerContext,
): Process {
  const { name, annotations = {} } = volume.metadata;
  const note = onNode && before !== undefined && annotations[storageAnnotations.preResizeCapacity] === undefined;
  const metadata = note ? { annotations: { [storageAnnotations.preResizeCapacity]: before } } : {};
  yield* api.persistentvolumes.patch({ name, patch: { metadata, spec: { capacity: { storage: size } } } });
}
