import type { Micros, Owner, Process, Random } from '@slipway/kernel';
import type { KindMap, KubeObject, ResourceName, Stored, Time } from '@slipway/kube';
import { keyOf } from '@slipway/kube';
import type { ApiClient } from './api-client.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Indexer } from './informer-cache.ts';
import type { SharedInformers } from './shared-informers.ts';
import type { WorkQueue } from './work-queue.ts';

/** A change as a watch of a controller sees it. */
export interface Change<T extends KubeObject> {
  readonly event: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** What the cache had before; missing for ADDED. */
  readonly old: Stored<T> | undefined;
  readonly context: ControllerContext;
}

/** One resource that wakes a controller. */
export interface Watch<T extends KubeObject = KubeObject> {
  /** Plural. */
  readonly resource: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Indexes that `reconcile` will look things up by. */
  readonly indexers?: { readonly [name: string]: Indexer<T> };
  /**
   * Keys to work on after a change. `object` is the new state, or the last known one after a delete. Left out: the object's own key.
   * An empty list: nothing (the resource is watched for its cache only).
   */
  readonly keys?: (object: Stored<T>, change: Change<T>) => readonly string[];
}

/** What `reconcile` has to work with. */
export interface ControllerContext {
  readonly api: ApiClient;
  /** Caches of what the controller watches, shared with the other controllers of the same actor. */
  readonly informers: SharedInformers;
  /** Reports to people. */
  readonly events: EventRecorder;
  readonly queue: WorkQueue;
  readonly random: Random;
  /** For expectations and other helpers that need the world's clock. */
  readonly owner: Owner;
  /** Virtual microseconds since the start. */
  now(): Micros;
  /** Now as objects write it: whole seconds, RFC 3339. */
  timestamp(): Time;
  /** Leaves a line in the trace. */
  log(message: string, subject?: string): void;
}

/** When to look at the key again, without an error. */
export interface ReconcileResult {
  readonly requeueAfter?: Micros;
}

/** A controller as its author writes it. */
export interface ControllerDefinition {
  /** `deployment-controller`: its actor's name in traces and events. */
  readonly name: string;
  /** Plurals (own key), or watches that say which keys to work on. */
  readonly watches: readonly (ResourceName | Watch<never>)[];
  /** How many keys are worked on at the same time. Left out: 1. */
  readonly workers?: number;
  /** A key that fails oftener than this in a row is dropped until its next change. Left out: it is retried for ever. */
  readonly maxRetries?: number;
  /** Runs once, after the caches are filled and before the first key: for periodic work, start it with `spawn`. */
  start?(context: ControllerContext): Process | void;
  /**
   * Brings the world one step nearer to what the object called `key` wants. Level-triggered: it looks at the caches, decides, acts, and
   * may be called at any time. An error is retried with a growing delay.
   */
  reconcile(key: string, context: ControllerContext): Process<ReconcileResult | void>;
}

/** Types a controller; gives back what it got. */
export function defineController(definition: ControllerDefinition): ControllerDefinition {
  return definition;
}

/** A typed `Watch`: `watch('pods', { keys: (pod) => [pod.spec.nodeName ?? ''] })`. */
export function watch<P extends ResourceName>(resource: P, options?: Omit<Watch<KindMap[P]>, 'resource'>): Watch<KindMap[P]>;
export function watch<T extends KubeObject>(resource: string, options?: Omit<Watch<T>, 'resource'>): Watch<T>;
export function watch(resource: string, options: Omit<Watch, 'resource'> = {}): Watch {
  return { ...options, resource };
}

/**
 * A `Watch` that wakes the controlling owner of the given kind, after each change and, when an object changes hands, both owners.
 * `watchOwned('replicasets', 'Deployment')`.
 */
export function watchOwned<P extends ResourceName>(
  resource: P,
  ownerKind: string,
  options: Omit<Watch<KindMap[P]>, 'resource' | 'keys'> = {},
): Watch<KindMap[P]> {
  const ownerOf = (object: KubeObject | undefined): string | undefined => {
    for (const owner of object?.metadata.ownerReferences ?? []) {
      if (owner.controller !== true || owner.kind !== ownerKind) continue;
      return keyOf({ metadata: { ...object?.metadata, name: owner.name } });
    }
    return undefined;
  };
  return {
    ...options,
    resource,
    keys(object, { old }) {
      const now = ownerOf(object);
      const before = ownerOf(old);
      const keys = now === undefined ? [] : [now];
      if (before !== undefined && before !== now) keys.push(before);
      return keys;
    },
  };
}
