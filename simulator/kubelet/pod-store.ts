import { isEqual, type Pod } from '@slipway/kube';

/** What became of a pod in the API, as far as its kubelet is concerned. Source: `pkg/kubelet/config/config.go`. */
export type PodChange =
  | { readonly op: 'add'; readonly pod: Pod }
  /** What the pod shall be has changed, or it is to be deleted. */
  | { readonly op: 'update'; readonly pod: Pod }
  /** Only its status has. */
  | { readonly op: 'reconcile'; readonly pod: Pod }
  /** It has left the API. */
  | { readonly op: 'remove'; readonly pod: Pod };

/** Sorts out what a watch brings. */
export function podChanges(before: Pod | undefined, after: Pod | undefined): readonly PodChange[] {
  if (!after) return before ? [{ op: 'remove', pod: before }] : [];
  if (!before) return [{ op: 'add', pod: after }];
  // Another pod of the same name: the old one went unseen.
  if (before.metadata.uid !== after.metadata.uid)
    return [
      { op: 'remove', pod: before },
      { op: 'add', pod: after },
    ];
  return [{ op: isSameWish(before, after) ? 'reconcile' : 'update', pod: after }];
}

function isSameWish(before: Pod, after: Pod): boolean {
  const a = before.metadata;
  const b = after.metadata;
  return (
    a.deletionTimestamp === b.deletionTimestamp &&
    a.deletionGracePeriodSeconds === b.deletionGracePeriodSeconds &&
    isEqual(before.spec, after.spec) &&
    isEqual(a.labels, b.labels) &&
    isEqual(a.annotations, b.annotations)
  );
}

/** The pods that the API wants on the node, by uid. Source: `pkg/kubelet/pod/pod_manager.go`. */
export class PodStore {
  readonly #pods = new Map<string, Pod>();

  get(uid: string): Pod | undefined {
    return this.#pods.get(uid);
  }

  has(uid: string): boolean {
    return this.#pods.has(uid);
  }

  list(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  uids(): ReadonlySet<string> {
    return new Set(this.#pods.keys());
  }

  set(pod: Pod): void {
    this.#pods.set(pod.metadata.uid ?? '', pod);
  }

  remove(uid: string): void {
    this.#pods.delete(uid);
  }
}
