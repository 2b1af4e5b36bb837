import type { Pod, Stored } from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Check } from '../invariant.ts';

/**
 * The pods that a scheduler has put on each node and that have not ended. Pods that were created with a node name are not among them:
 * nobody weighed them, and a scheduler that has not heard of them yet is not to blame.
 */
export class ScheduledPods implements Check {
  readonly resources = ['pods'];
  /** By node, then uid: the revision at which the pod was made, which is since when a scheduler may have thought about it. */
  readonly #nodes = new Map<string, Map<string, number>>();
  /** Revisions at which pods were made that have no node yet. */
  readonly #waiting = new Map<string, number>();

  write(write: CommittedWrite): void {
    const pod = write.object as Stored<Pod>;
    const { uid } = pod.metadata;
    if (write.type === 'ADDED') {
      if (!pod.spec.nodeName) this.#waiting.set(uid, write.revision);
    } else if (isBinding(write)) {
      const node = pod.spec.nodeName as string;
      const madeAt = this.#waiting.get(uid) ?? 0;
      const pods = this.#nodes.get(node);
      if (pods) pods.set(uid, madeAt);
      else this.#nodes.set(node, new Map([[uid, madeAt]]));
      this.#waiting.delete(uid);
    } else if (isEnding(write)) {
      const node = (write.old as Pod | undefined)?.spec.nodeName ?? '';
      const pods = this.#nodes.get(node);
      pods?.delete(uid);
      if (pods?.size === 0) this.#nodes.delete(node);
      this.#waiting.delete(uid);
    }
  }

  /** Uids of the pods on a node, each with the revision at which it was made. */
  on(node: string): ReadonlyMap<string, number> {
    return this.#nodes.get(node) ?? NONE;
  }
}

const NONE: ReadonlyMap<string, number> = new Map();

/** A pod that had no node gets one. */
export function isBinding({ type, object, old }: CommittedWrite): boolean {
  if (type !== 'MODIFIED' || (object as Pod).spec.nodeName === (old as Pod | undefined)?.spec.nodeName) return false;
  return !(old as Pod).spec.nodeName && !hasEnded(object as Pod);
}

/** A bound pod stops to count on its node: it has ended, or it is gone. */
export function isEnding({ type, object, old }: CommittedWrite): boolean {
  if (type === 'ADDED' || old === undefined || hasEnded(old as Pod)) return false;
  return type === 'DELETED' || hasEnded(object as Pod);
}

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
