import { pairKey } from './actual-state.ts';

/** A volume that pods of a node need there. */
export interface WantedAttachment {
  readonly volume: string;
  readonly node: string;
  /** Keys of the pods, by uid. */
  readonly pods: Map<string, string>;
  multiAttachReported: boolean;
}

interface PodVolumes {
  readonly key: string;
  readonly node: string;
  readonly volumes: Set<string>;
}

/** Which volumes are wanted where, and by which pods. Source: `pkg/controller/volume/attachdetach/cache/desired_state_of_world.go`. */
export class DesiredState {
  readonly #pairs = new Map<string, WantedAttachment>();
  readonly #pods = new Map<string, PodVolumes>();

  get(volume: string, node: string): WantedAttachment | undefined {
    return this.#pairs.get(pairKey(volume, node));
  }

  /**
   * Adds the volumes of a pod. What it wants once it keeps wanting until it ends, even if its claim cannot be read meanwhile.
   *
   * @returns volumes that nobody wanted on the node before
   */
  add(uid: string, key: string, node: string, volumes: readonly string[]): readonly string[] {
    const known = this.#pods.get(uid) ?? { key, node, volumes: new Set<string>() };
    const added: string[] = [];
    for (const volume of volumes) {
      if (known.volumes.has(volume)) continue;
      known.volumes.add(volume);
      const pair = this.get(volume, known.node);
      if (pair) pair.pods.set(uid, key);
      else {
        this.#pairs.set(pairKey(volume, known.node), { volume, node: known.node, pods: new Map([[uid, key]]), multiAttachReported: false });
        added.push(volume);
      }
    }
    if (known.volumes.size > 0) this.#pods.set(uid, known);
    return added;
  }

  /** The pod wants nothing any more, or only not these volumes. Returns the node and what nobody wants on it now. */
  remove(uid: string, only?: (volume: string) => boolean): { readonly node: string; readonly volumes: readonly string[] } | undefined {
    const known = this.#pods.get(uid);
    if (!known) return undefined;
    const dropped: string[] = [];
    for (const volume of [...known.volumes]) {
      if (only && !only(volume)) continue;
      known.volumes.delete(volume);
      const pair = this.get(volume, known.node);
      pair?.pods.delete(uid);
      if (pair?.pods.size === 0) {
        this.#pairs.delete(pairKey(volume, known.node));
        dropped.push(volume);
      }
    }
    if (known.volumes.size === 0) this.#pods.delete(uid);
    return { node: known.node, volumes: dropped };
  }
}
