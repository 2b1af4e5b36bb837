import type { ControllerContext } from '@slipway/client';
import type { CsiController } from '@slipway/csi';
import { CallError, type Client, messageOf, type Micros, minutes, type Process } from '@slipway/kernel';
import {
  keyOf,
  type PersistentVolume,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimCondition,
  type Stored,
  type VolumeAttributesClass,
} from '@slipway/kube';
import { callDriver, codeText, DriverError, isAnswer, isFinal } from '../driver-error.ts';
import { readSecret } from '../secrets.ts';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { CALL_LIMIT } from './expand.ts';

type Claim = Stored<PersistentVolumeClaim>;
type Volume = Stored<PersistentVolume>;

const SLOW_RETRY: Micros = minutes(5);
const MODIFYING = 'ModifyingVolume';
const ERROR = 'ModifyVolumeError';

/** Changes the attributes of volumes to those of another class. Source: external-resizer `pkg/modifycontroller`. */
export class Modifier {
  readonly #controller: Client<CsiController>;
  /** Keys of claims whose last change may still be going on: it is completed before another target counts. */
  readonly #uncertain = new Set<string>();
  readonly #known = new Set<string>();
  readonly #slowUntil = new Map<string, Micros>();

  constructor(controller: Client<CsiController>) {
    this.#controller = controller;
  }

  /**
   * One step; the time after which to look again, if any.
   *
   * @throws DriverError, ApiError, CallError
   */
  *modify(claim: Claim, volume: Volume, context: ControllerContext): Process<Micros | undefined> {
    const key = keyOf(claim);
    const { events, now } = context;
    const wanted = claim.spec.volumeAttributesClassName ?? '';
    const { modifyVolumeStatus: under, currentVolumeAttributesClassName: current = '' } = claim.status ?? {};
    const inProgress = under?.status === 'InProgress';
    // After a restart nothing is known of a change that was under way.
    if (!this.#known.has(key) && inProgress) this.#uncertain.add(key);
    this.#known.add(key);
    if (!under && wanted === current) return undefined;
    if (wanted === '' && !inProgress) return undefined;
    if (under?.targetVolumeAttributesClassName !== wanted) this.#slowUntil.delete(key);
    const left = (this.#slowUntil.get(key) ?? 0) - now();
    if (left > 0) return left;
    if (inProgress && (this.#uncertain.has(key) || wanted === '')) {
      const target = this.#classOf(claim, under.targetVolumeAttributesClassName ?? '', context);
      if (!target) throw new CallError('NOT_FOUND', `VAC ${under.targetVolumeAttributesClassName} does not exist`);
      return yield* this.#apply(claim, volume, target, context);
    }
    const target = this.#classOf(claim, wanted, context);
    if (!target) {
      yield* writeStatus(claim, { modifyVolumeStatus: { ...under, status: 'Pending' } }, context);
      throw new CallError('NOT_FOUND', `VAC ${wanted} does not exist`);
    }
    const started = yield* writeStatus(claim, inProgressStatus(claim, wanted, context), context);
    events.normal(claim, 'VolumeModify', `external resizer is modifying volume ${claim.metadata.name} with vac ${wanted}`);
    return yield* this.#apply(started, volume, target, context);
  }

  #classOf(claim: Claim, name: string, { informers, events }: ControllerContext): Stored<VolumeAttributesClass> | undefined {
    const found = informers.get('volumeattributesclasses').get(name);
    if (!found) events.warning(claim, 'VolumeModifyFailed', `VAC ${JSON.stringify(name)} does not exist.`);
    return found;
  }

  *#apply(claim: Claim, volume: Volume, target: VolumeAttributesClass, context: ControllerContext): Process<Micros | undefined> {
    const key = keyOf(claim);
    const { api, events, now } = context;
    const { name } = target.metadata;
    try {
      const { annotations = {} } = volume.metadata;
      const secret = annotations[storageAnnotations.modifySecretName];
      const namespace = annotations[storageAnnotations.modifySecretNamespace] ?? '';
      const secrets = yield* readSecret(api, secret === undefined ? undefined : { name: secret, namespace });
      yield* callDriver(
        this.#controller.controllerModifyVolume({
          volumeId: volume.spec.csi?.volumeHandle ?? '',
          mutableParameters: target.parameters ?? {},
          ...(secrets === undefined ? {} : { secrets }),
        }),
        CALL_LIMIT,
      );
    } catch (error) {
      if (!isAnswer(error)) throw error;
      const final = isFinal(error);
      const infeasible = error instanceof DriverError && error.code === 'INVALID_ARGUMENT';
      if (final) this.#uncertain.delete(key);
      else this.#uncertain.add(key);
      yield* writeStatus(claim, failedStatus(claim, error, final, infeasible, context), context);
      events.warning(claim, 'VolumeModifyFailed', final ? messageOf(error) : `${messageOf(error)}. Still modifying to VAC ${name}`);
      if (!infeasible) throw error;
      this.#slowUntil.set(key, now() + SLOW_RETRY);
      return SLOW_RETRY;
    }
    this.#uncertain.delete(key);
    yield* api.persistentvolumes.patch({ name: volume.metadata.name, patch: { spec: { volumeAttributesClassName: name } } });
    yield* writeStatus(claim, doneStatus(claim, name), context);
    events.normal(claim, 'VolumeModifySuccessful', `external resizer modified volume ${claim.metadata.name} with vac ${name} successfully`);
    return undefined;
  }
}

type Status = NonNullable<PersistentVolumeClaim['status']>;

function* writeStatus(claim: Claim, change: Status, { api }: ControllerContext): Process<Claim> {
  const { modifyVolumeStatus: _under, ...kept } = claim.status ?? {};
  return yield* api.persistentvolumeclaims.updateStatus({ ...claim, status: { ...kept, ...change } });
}

function withCondition(claim: Claim, fresh: PersistentVolumeClaimCondition): readonly PersistentVolumeClaimCondition[] {
  return [...(claim.status?.conditions ?? []).filter(({ type }) => type !== fresh.type), fresh];
}

function inProgressStatus(claim: Claim, target: string, { timestamp }: ControllerContext): Status {
  return {
    modifyVolumeStatus: { targetVolumeAttributesClassName: target, status: 'InProgress' },
    conditions: withCondition(claim, {
      type: MODIFYING,
      status: 'True',
      lastTransitionTime: timestamp(),
      message: `Modifying volume to ${JSON.stringify(target)} is in progress.`,
    }),
  };
}

function failedStatus(claim: Claim, error: unknown, final: boolean, infeasible: boolean, { timestamp }: ControllerContext): Status {
  const target = claim.status?.modifyVolumeStatus?.targetVolumeAttributesClassName ?? '';
  const how = final ? 'failed. Waiting for retry.' : 'is still in progress.';
  const now = timestamp();
  const message = `Modifying volume to ${JSON.stringify(target)} ${how}`;
  const modifying = withCondition(claim, { type: MODIFYING, status: 'True', lastTransitionTime: now, message });
  const { code, description } = error instanceof DriverError ? error : new DriverError('UNKNOWN', messageOf(error));
  return {
    modifyVolumeStatus: { targetVolumeAttributesClassName: target, status: infeasible ? 'Infeasible' : 'InProgress' },
    conditions: [
      ...modifying.filter(({ type }) => type !== ERROR),
      { type: ERROR, status: 'True', lastTransitionTime: now, reason: codeText(code), message: description },
    ],
  };
}

function doneStatus(claim: Claim, target: string): Status {
  const conditions = (claim.status?.conditions ?? []).filter(({ type }) => type !== MODIFYING && type !== ERROR);
  return { currentVolumeAttributesClassName: target, conditions };
}
