import { Cell } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import type { VolumeKind } from '../kinds/volume-kind.ts';
import type { VolumeSpec } from '../volume-spec.ts';

/** One pod's wish for one volume. */
export interface DesiredVolume {
  /** What tells it from all other volumes of the node: `kubernetes.io/csi/ebs.csi.aws.com^vol-1`. */
  readonly name: string;
  /** Names of the pod's volumes that lead to it. */
  readonly outerNames: readonly string[];
  readonly pod: DesiredPod;
  readonly spec: VolumeSpec;
  readonly kind: VolumeKind;
  /** Somebody has to attach it to the node first. */
  readonly attachable: boolean;
  /** It is set up again at each sync. */
  readonly refreshed: boolean;
  /** The size that it is to have, in bytes, where the node can give it one. */
  readonly sizeBytes: number | undefined;
  /** The size that the claim says it has, in bytes. */
  readonly claimBytes: number | undefined;
}

/** A pod whose volumes are wanted on the node. */
export interface DesiredPod {
  readonly uid: string;
  pod: Pod;
  podIPs: readonly string[];
  /** By the pod's own names. */
  volumes: ReadonlyMap<string, DesiredVolume>;
  /** Its volumes have been looked for. */
  found: boolean;
  /** Why some of its volumes cannot be told. */
  errors: readonly string[];
  /** Set when the pod's volumes are all there, or cannot be had, or the wait is to end. */
  readonly changed: Cell<number>;
}

/** What shall be on the node. Source: `pkg/kubelet/volumemanager/cache/desired_state_of_world.go`. */
export class DesiredState {
  readonly #pods = new Map<string, DesiredPod>();
  readonly #volumes = new Map<string, Map<string, DesiredVolume>>();
  /** Volumes that the API has been told are in use here. */
  readonly #reported = new Set<string>();

  pod(uid: string): DesiredPod | undefined {
    return this.#pods.get(uid);
  }

  /** Takes the pod in, or takes note of its newest version. */
  track(pod: Pod, podIPs: readonly string[]): DesiredPod {
    const uid = pod.metadata.uid ?? '';
    const known = this.#pods.get(uid);
    if (known) {
      known.pod = pod;
      known.podIPs = podIPs;
      return known;
    }
    const entry: DesiredPod = { uid, pod, podIPs, volumes: new Map(), found: false, errors: [], changed: new Cell(0) };
    this.#pods.set(uid, entry);
    return entry;
  }

  /** Says which volumes the pod wants; those that could not be told this time stay as they were. */
  set(pod: DesiredPod, volumes: ReadonlyMap<string, DesiredVolume>): void {
    pod.volumes = new Map([...pod.volumes, ...volumes]);
    for (const volume of pod.volumes.values()) {
      const wishes = this.#volumes.get(volume.name) ?? new Map<string, DesiredVolume>();
      this.#volumes.set(volume.name, wishes.set(pod.uid, volume));
    }
  }

  /** The pod wants nothing any more. @returns names of the volumes that it wanted */
  remove(uid: string): readonly string[] {
    const pod = this.#pods.get(uid);
    if (!pod) return [];
    this.#pods.delete(uid);
    const names = new Set([...pod.volumes.values()].map(({ name }) => name));
    for (const name of names) {
      const wishes = this.#volumes.get(name);
      wishes?.delete(uid);
      if (wishes?.size !== 0) continue;
      this.#volumes.delete(name);
      this.#reported.delete(name);
    }
    return [...names];
  }

  /** Who wants the volume, by pod uid. */
  wishes(name: string): ReadonlyMap<string, DesiredVolume> {
    return this.#volumes.get(name) ?? nobody;
  }

  /** Volumes that are to be attached. */
  *attachable(): Iterable<string> {
    for (const [name, wishes] of this.#volumes) for (const { attachable } of wishes.values()) if (attachable) yield name;
  }

  isReported(name: string): boolean {
    return this.#reported.has(name);
  }

  /** The API has been told that these are in use. */
  markReported(names: readonly string[]): void {
    for (const name of names) if (this.#volumes.has(name)) this.#reported.add(name);
  }
}

const nobody: ReadonlyMap<string, DesiredVolume> = new Map();
