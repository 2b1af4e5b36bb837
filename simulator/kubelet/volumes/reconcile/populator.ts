import type { ApiClient } from '@slipway/client';
import { messageOf, type Process } from '@slipway/kernel';
import { controllerOf, type PersistentVolume, type PersistentVolumeClaim, type Pod, quantityValue, type Volume } from '@slipway/kube';
import { isExpectedFailure } from '../../failure.ts';
import type { VolumeFacts, VolumeKind } from '../kinds/volume-kind.ts';
import type { DesiredPod, DesiredVolume } from '../state/desired-state.ts';
import { VolumeError } from '../volume-error.ts';
import { capacityOf, claimNameOf, expectedVolumes, isBlock, specName, usedVolumes, type VolumeSpec } from '../volume-spec.ts';

/** What a pod's volumes come down to. */
export interface PodVolumes {
  /** By the pod's own names. */
  readonly volumes: ReadonlyMap<string, DesiredVolume>;
  /** Why others cannot be told. */
  readonly errors: readonly string[];
}

const nothingSpecial: VolumeFacts = { attachable: false, refreshed: false };
const claimProtection = 'kubernetes.io/pvc-protection';

/**
 * Finds out what is behind a pod's volumes: claims lead to persistent volumes, and those to what is to be mounted.
 *
 * Source: `pkg/kubelet/volumemanager/populator/desired_state_of_world_populator.go`. Upstream asks again every 100 ms for a pod that
 * cannot be told; here the pod's next sync does.
 */
export class Populator {
  readonly #api: ApiClient;
  readonly #kinds: readonly VolumeKind[];

  constructor(api: ApiClient, kinds: readonly VolumeKind[]) {
    this.#api = api;
    this.#kinds = kinds;
  }

  kindOf(spec: VolumeSpec): VolumeKind | undefined {
    return this.#kinds.find((kind) => kind.supports(spec));
  }

  /** The API has to be asked about some of the pod's volumes, each time anew. */
  asks(pod: Pod): boolean {
    return expectedVolumes(pod).some((volume) => this.#asks(pod, volume));
  }

  /** The same without asking anybody. Call it for pods for which `asks` does not hold. */
  known(pod: DesiredPod): PodVolumes {
    const found = new Found(pod);
    for (const volume of expectedVolumes(pod.pod))
      found.add(volume, () => this.#wish(pod, volume, { volume, readOnly: false }, nothingSpecial));
    return found;
  }

  *find(pod: DesiredPod): Process<PodVolumes> {
    const found = new Found(pod);
    for (const volume of expectedVolumes(pod.pod)) {
      try {
        const { spec, claim } = yield* this.#spec(pod.pod, volume);
        const facts = (yield* this.#inspect(spec)) ?? nothingSpecial;
        found.add(volume, () => this.#wish(pod, volume, spec, facts, claim));
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        found.errors.push(messageOf(error));
      }
    }
    return found;
  }

  #asks(pod: Pod, volume: Volume): boolean {
    return claimNameOf(pod, volume) !== undefined || this.kindOf({ volume, readOnly: false })?.inspect !== undefined;
  }

  *#inspect(spec: VolumeSpec): Process<VolumeFacts | undefined> {
    const kind = this.kindOf(spec);
    return kind?.inspect ? yield* kind.inspect(spec) : undefined;
  }

  #wish(pod: DesiredPod, volume: Volume, spec: VolumeSpec, facts: VolumeFacts, claim?: PersistentVolumeClaim): DesiredVolume {
    const kind = this.kindOf(spec);
    if (!kind) throw new VolumeError(`volume ${volume.name}: this kind of volume is not simulated`);
    const claimed = claim?.status?.capacity?.storage;
    const sizeBytes = claim && !spec.readOnly ? capacityOf(spec) : undefined;
    return {
      name: uniqueName(kind, spec, pod.uid),
      outerNames: [volume.name],
      pod,
      spec,
      kind,
      attachable: facts.attachable,
      refreshed: facts.refreshed || kind.isRefreshed?.(spec) === true,
      sizeBytes,
      claimBytes: claimed === undefined ? undefined : quantityValue(claimed),
    };
  }

  /** Source: createVolumeSpec. */
  *#spec(pod: Pod, volume: Volume): Process<{ readonly spec: VolumeSpec; readonly claim?: PersistentVolumeClaim }> {
    const name = claimNameOf(pod, volume);
    if (name === undefined) return { spec: { volume, readOnly: false } };
    const { namespace = 'default' } = pod.metadata;
    let claim: PersistentVolumeClaim;
    let persistentVolume: PersistentVolume;
    try {
      claim = yield* this.#claim(namespace, name);
      if (volume.ephemeral) checkOwner(pod, claim);
      persistentVolume = yield* this.#persistentVolume(claim);
    } catch (error) {
      if (!isExpectedFailure(error) || error instanceof NotForPod) throw error;
      throw new VolumeError(`error processing PVC ${namespace}/${name}: ${messageOf(error)}`);
    }
    const spec: VolumeSpec = { persistentVolume, readOnly: volume.persistentVolumeClaim?.readOnly === true };
    checkMode(pod, volume, spec);
    return { spec, claim };
  }

  /** Source: getPVCExtractPV. */
  *#claim(namespace: string, name: string): Process<PersistentVolumeClaim> {
    const claim = yield* this.#read(this.#api.persistentvolumeclaims.get({ namespace, name }), 'failed to fetch PVC from API server');
    const { deletionTimestamp, finalizers = [] } = claim.metadata;
    if (deletionTimestamp !== undefined && !finalizers.includes(claimProtection)) throw new VolumeError('PVC is being deleted');
    if (claim.status?.phase !== 'Bound') throw new VolumeError('PVC is not bound');
    if (!claim.spec.volumeName) throw new VolumeError('PVC has empty pvc.Spec.VolumeName');
    return claim;
  }

  /** Source: getPVSpec. */
  *#persistentVolume(claim: PersistentVolumeClaim): Process<PersistentVolume> {
    const name = claim.spec.volumeName ?? '';
    const volume = yield* this.#read(this.#api.persistentvolumes.get({ name }), `failed to fetch PV ${name} from API server`);
    const { claimRef } = volume.spec;
    if (!claimRef) {
      throw new VolumeError(`found PV object ${name} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`);
    }
    if (claimRef.uid !== claim.metadata.uid) {
      const words = `its pv.Spec.ClaimRef.UID ${claimRef.uid ?? ''} does not point to claim.UID ${claim.metadata.uid ?? ''}`;
      throw new VolumeError(`found PV object ${name} but ${words}`);
    }
    return volume;
  }

  *#read<T>(get: Process<T>, failure: string): Process<T> {
    try {
      return yield* get;
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      throw new VolumeError(`${failure}: ${messageOf(error)}`);
    }
  }
}

/** Volumes as they are found, two names for one of them together. */
class Found implements PodVolumes {
  readonly volumes = new Map<string, DesiredVolume>();
  readonly errors: string[] = [];
  readonly #pod: DesiredPod;

  constructor(pod: DesiredPod) {
    this.#pod = pod;
  }

  add({ name }: Volume, wish: () => DesiredVolume): void {
    try {
      const made = wish();
      const twins = [...this.volumes.values()].filter((other) => other.name === made.name);
      if (twins.length === 0) {
        this.volumes.set(name, made);
        return;
      }
      const outerNames = [...twins.map(({ outerNames: [outer = ''] }) => outer), name];
      for (const outer of outerNames) this.volumes.set(outer, { ...made, outerNames, pod: this.#pod });
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      this.errors.push(messageOf(error));
    }
  }
}

/** Volumes with one device are the same for whichever pod; others are each pod's own. Source: `pkg/volume/util/util.go` GetUniqueVolumeName…. */
export function uniqueName(kind: VolumeKind, spec: VolumeSpec, uid: string): string {
  return `${kind.name}/${kind.deviceOf?.(spec) ?? `${uid}-${specName(spec)}`}`;
}

/** A claim of the right name that is somebody else's. */
class NotForPod extends VolumeError {}

/** Source: component-helpers `storage/ephemeral` VolumeIsForPod. */
function checkOwner(pod: Pod, claim: PersistentVolumeClaim): void {
  const { namespace = 'default', name, uid } = claim.metadata;
  if (controllerOf(claim)?.uid === pod.metadata.uid) return;
  const words = `PVC ${namespace}/${name} (UID ${uid ?? ''}) was not created for pod ${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`;
  throw new NotForPod(`${words} (UID ${pod.metadata.uid ?? ''}) (pod is not owner)`);
}

function checkMode(pod: Pod, { name }: Volume, spec: VolumeSpec): void {
  const { mounts, devices } = usedVolumes(pod);
  const block = isBlock(spec);
  const refuse = (mode: string, field: string) => new VolumeError(`volume ${name} has volumeMode ${mode}, but is specified in ${field}`);
  if (block && mounts.has(name)) throw refuse('Block', 'volumeMounts');
  if (!block && devices.has(name)) throw refuse('Filesystem', 'volumeDevices');
}
