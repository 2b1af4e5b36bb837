import {
  type ControllerContext,
  type ControllerDefinition,
  ControllerExpectations,
  defineController,
  watch,
  watchOwned,
} from '@slipway/client';
import { codeOf, type Process } from '@slipway/kernel';
import { controllerOf, controllerReference, isPodActive, isPodReady, type Pod, type ReplicaSet, type Stored } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';

/** A controller of ReplicaSets as a visitor writes it: makes what is missing, deletes what is too much. */
export class ReplicaSets {
  #expectations: ControllerExpectations | undefined;

  get definition(): ControllerDefinition {
    const pods = watchOwned('pods', 'ReplicaSet', { indexers: { controller: (pod: Pod) => [controllerOf(pod)?.uid ?? ''] } });
    return defineController({
      name: 'replicaset-controller',
      watches: [
        watch('replicasets'),
        {
          ...pods,
          keys: (pod: Stored<Pod>, change) => {
            for (const key of pods.keys?.(pod, change) ?? []) this.seen(key, change.event, pod);
            return pods.keys?.(pod, change) ?? [];
          },
        },
      ],
      start: ({ owner }) => void (this.#expectations = new ControllerExpectations(owner.kernel)),
      reconcile: (key, context) => this.reconcile(key, context),
    });
  }

  get expectations(): ControllerExpectations {
    if (!this.#expectations) throw new Error('it has not begun');
    return this.#expectations;
  }

  /** A pod that was asked for, or deleted, shows. */
  seen(key: string, event: 'ADDED' | 'MODIFIED' | 'DELETED', { metadata }: Stored<Pod>): void {
    if (event === 'ADDED' && metadata.deletionTimestamp === undefined) this.#expectations?.creationObserved(key);
    if (event === 'DELETED' || metadata.deletionTimestamp !== undefined) this.#expectations?.deletionObserved(key, metadata.uid);
  }

  /** Whether the cache shows all that was asked for. */
  isUpToDate(key: string): boolean {
    return this.expectations.satisfied(key);
  }

  *reconcile(key: string, { api, informers }: ControllerContext): Process {
    const set = informers.get('replicasets').get(key);
    if (!set) return;
    const pods = informers.get('pods').byIndex('controller', set.metadata.uid).filter(isPodActive);
    if (set.metadata.deletionTimestamp === undefined && this.isUpToDate(key)) yield* this.manage(key, set, pods, api);
    const counts = { replicas: pods.length, fullyLabeledReplicas: pods.length, readyReplicas: pods.filter(isPodReady).length };
    const { generation = 0 } = set.metadata;
    const status = { ...counts, availableReplicas: counts.readyReplicas, observedGeneration: generation };
    const { replicas, readyReplicas = 0, observedGeneration } = set.status ?? {};
    if (replicas === status.replicas && readyReplicas === status.readyReplicas && observedGeneration === generation) return;
    yield* api.replicasets.updateStatus({ ...set, status });
  }

  *manage(key: string, set: Stored<ReplicaSet>, pods: readonly Stored<Pod>[], api: ControllerContext['api']): Process {
    const missing = (set.spec.replicas ?? 1) - pods.length;
    if (missing > 0) {
      this.expectations.expectCreations(key, missing);
      for (let left = missing; left > 0; left -= 1) {
        try {
          yield* api.pods.create(podOf(set));
        } catch (error) {
          // Those that failed, and those that were not tried, will never show.
          this.expectations.raise(key, -left, 0);
          throw error;
        }
      }
      return;
    }
    // Those that never ran are missed least.
    const victims = pods.toSorted((a, b) => Number(isPodReady(a)) - Number(isPodReady(b))).slice(0, -missing);
    this.expectations.expectDeletionsOf(
      key,
      victims.map(({ metadata }) => metadata.uid),
    );
    for (const [index, { metadata }] of victims.entries()) {
      try {
        yield* api.pods.delete({ namespace: metadata.namespace ?? 'default', name: metadata.name, preconditions: { uid: metadata.uid } });
      } catch (error) {
        this.expectations.deletionObserved(key, metadata.uid);
        if (codeOf(error) === 'NotFound') continue;
        for (const other of victims.slice(index + 1)) this.expectations.deletionObserved(key, other.metadata.uid);
        throw error;
      }
    }
  }
}

function podOf(set: Stored<ReplicaSet>): Pod {
  const { template } = set.spec;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...template?.metadata,
      name: '',
      generateName: `${set.metadata.name}-`,
      namespace: set.metadata.namespace ?? 'default',
      ownerReferences: [controllerReference(set)],
    },
    spec: template?.spec as Pod['spec'],
  };
}

export default definePlugin({ interface: 'controller', name: 'replicaset-controller', create: () => new ReplicaSets().definition });
