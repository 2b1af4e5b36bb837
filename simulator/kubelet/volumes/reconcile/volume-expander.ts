import type { ApiClient } from '@slipway/client';
import { type Kernel, messageOf, type Process } from '@slipway/kernel';
import { formatTime, type PersistentVolumeClaim, type PersistentVolumeClaimStatus, quantityValue } from '@slipway/kube';
import { isExpectedFailure } from '../../failure.ts';
import type { KubeletEvents } from '../../kubelet-events.ts';
import type { ActualVolume } from '../state/actual-state.ts';
import type { DesiredVolume } from '../state/desired-state.ts';
import { ExpansionRefused, VolumeError } from '../volume-error.ts';
import { capacityOf, specName } from '../volume-spec.ts';

/** What volumes are expanded with. */
export interface VolumeExpanderOptions {
  readonly kernel: Kernel;
  readonly api: ApiClient;
  readonly events: KubeletEvents;
  readonly nodeName: string;
}

/** Conditions of a claim that tell of a resize under way. Source: `pkg/volume/util/resize_util.go` knownResizeConditions. */
const resizeConditions = ['FileSystemResizePending', 'Resizing', 'ControllerResizeError', 'NodeResizeError'];
const notRequired = 'volume.kubernetes.io/node-expansion-not-required';

/** Gives volumes the size that their claims were granted. Source: `operation_generator.go` expandVolumeDuringMount, `node_expander.go`. */
export class VolumeExpander {
  readonly #options: VolumeExpanderOptions;

  constructor(options: VolumeExpanderOptions) {
    this.#options = options;
  }

  /** Of a volume that a pod is being given. */
  *expandDuringMount(volume: ActualVolume, wish: DesiredVolume): Process {
    const { spec, kind, claimBytes = 0 } = wish;
    const bytes = capacityOf(spec);
    // The claim was read when the pod's volumes were found; only one that lags behind is worth another look.
    if (!kind.expand || bytes === undefined || wish.sizeBytes === undefined || claimBytes >= bytes) return;
    yield* this.#expand(volume, wish, bytes);
  }

  /** Of a volume that pods use. @throws VolumeError */
  *expandInUse(volume: ActualVolume, wish: DesiredVolume, bytes: number): Process {
    try {
      yield* this.#expand(volume, wish, bytes);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      throw new VolumeError(`NodeExpandVolume.NodeExpandVolume failed for volume "${specName(wish.spec)}" : ${messageOf(error)}`);
    }
  }

  *#expand(volume: ActualVolume, wish: DesiredVolume, bytes: number): Process {
    const { kind, spec, pod } = wish;
    let claim = yield* this.#claim(wish);
    if (!kind.expand || !claim) return;
    const state = stateOf(claim, bytes);
    if (state === 'done') volume.sizeBytes = bytes;
    // Unless it works, the next sync of the pod is soon enough to ask again.
    volume.expansion = 'waiting';
    if (state !== 'pending' && state !== 'on other nodes') return;
    if (claim.status?.allocatedResourceStatuses?.storage)
      claim = yield* this.#setStatus(claim, { allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } });
    try {
      const expanded = yield* kind.expand({ spec, uid: pod.uid, bytes });
      if (!expanded && state === 'pending') return;
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      volume.expansion = 'open';
      yield* this.#noteFailure(volume, claim, error);
      if (error instanceof ExpansionRefused && error.reason === 'inUse') return;
      throw error;
    }
    const message = `MountVolume.NodeExpandVolume succeeded for volume "${specName(spec)}" ${this.#options.nodeName}`;
    this.#options.events.pod(pod.pod, 'Normal', 'FileSystemResizeSuccessful', message);
    this.#options.events.object(claim, 'Normal', 'FileSystemResizeSuccessful', message);
    volume.sizeBytes = bytes;
    volume.expansion = 'open';
    if (state === 'pending') yield* this.#finish(claim, spec.persistentVolume?.spec.capacity?.storage ?? String(bytes));
  }

  *#claim({ spec }: DesiredVolume): Process<PersistentVolumeClaim | undefined> {
    const { namespace, name } = spec.persistentVolume?.spec.claimRef ?? {};
    if (namespace === undefined || name === undefined) return undefined;
    return yield* this.#options.api.persistentvolumeclaims.get({ namespace, name });
  }

  *#finish(claim: PersistentVolumeClaim, storage: string): Process {
    const { allocatedResourceStatuses: _, conditions, ...status } = claim.status ?? {};
    const left = conditions?.filter(({ type }) => !resizeConditions.includes(type));
    yield* this.#setStatus(claim, {
      ...status,
      capacity: { ...status.capacity, storage },
      allocatedResourceStatuses: null,
      conditions: left && left.length > 0 ? left : null,
    });
  }

  *#noteFailure(volume: ActualVolume, claim: PersistentVolumeClaim, error: unknown): Process {
    if (error instanceof VolumeError && error.progress !== 'finished') return;
    if (error instanceof ExpansionRefused) volume.expansion = 'refused';
    const condition = {
      type: 'NodeResizeError',
      status: 'True',
      lastTransitionTime: formatTime(this.#options.kernel.unixMicros),
      message: `failed to expand pvc with ${messageOf(error)}`,
    } as const;
    const others = (claim.status?.conditions ?? []).filter(({ type }) => type !== condition.type);
    const infeasible = error instanceof ExpansionRefused && error.reason === 'infeasible';
    yield* this.#setStatus(claim, {
      conditions: [...others, condition],
      ...(infeasible ? { allocatedResourceStatuses: { storage: 'NodeResizeInfeasible' } } : {}),
    });
  }

  *#setStatus({ metadata: { namespace = 'default', name } }: PersistentVolumeClaim, status: StatusPatch): Process<PersistentVolumeClaim> {
    return yield* this.#options.api.persistentvolumeclaims.patch({ namespace, name, patch: { status }, subresource: 'status' });
  }
}

type StatusPatch = { readonly [K in keyof PersistentVolumeClaimStatus]?: PersistentVolumeClaimStatus[K] | null };

/** What the claim says of the node's part. Source: `node_expander.go` runPreCheck, `operation_generator.go` checkForRecoveryFromExpansion. */
function stateOf({ metadata, spec, status = {} }: PersistentVolumeClaim, bytes: number): 'done' | 'pending' | 'on other nodes' | 'not yet' {
  const state = status.allocatedResourceStatuses?.storage ?? '';
  const size = quantityValue(status.capacity?.storage ?? '0');
  if (size >= bytes && state === '') {
    // A volume of several nodes is larger for the claim as soon as one of them has made it so.
    const isShared = spec.accessModes?.includes('ReadWriteMany') ?? false;
    return isShared && metadata.annotations?.[notRequired] === undefined ? 'on other nodes' : 'done';
  }
  if (state === 'NodeResizePending' || state === 'NodeResizeInProgress') return 'pending';
  // A resizer that keeps no such record leaves it to the node.
  return state === '' && status.allocatedResources === undefined ? 'pending' : 'not yet';
}
