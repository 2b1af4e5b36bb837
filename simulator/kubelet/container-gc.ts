import type { Container, PodSandbox, RuntimeService } from '@slipway/cri';
import type { Host } from '@slipway/host';
import { Cell, type Change, type Client, every, isQuiet, linkOf, messageOf, type Owner, type Process } from '@slipway/kernel';
import { isExpectedFailure } from './failure.ts';
import type { KubeletEvents } from './kubelet-events.ts';
import { containerGarbageCollectionPeriod, maximumDeadContainersPerContainer } from './options.ts';
import { podUidOf } from './pleg/observe.ts';
import { podLabels } from './runtime/pod-sandbox-config.ts';

/** What is to be removed, in order. */
export interface ContainerGarbage {
  readonly containers: readonly Container[];
  readonly sandboxes: readonly PodSandbox[];
}

const newestFirst = (
  a: { readonly createdAt: bigint; readonly id: string },
  b: { readonly createdAt: bigint; readonly id: string },
): number => (a.createdAt === b.createdAt ? (a.id < b.id ? -1 : 1) : a.createdAt > b.createdAt ? -1 : 1);

/**
 * Containers and sandboxes that nobody needs: all of pods that are gone, else all dead instances of a container but the newest, and all
 * dead and empty sandboxes of a pod but the newest.
 *
 * @param isGone what the runtime has of this pod is of no use any more. Source: `pkg/kubelet/kuberuntime/kuberuntime_gc.go`
 */
export function containerGarbage(
  containers: readonly Container[],
  sandboxes: readonly PodSandbox[],
  isGone: (uid: string) => boolean,
): ContainerGarbage {
  const dead = containers.filter((container) => container.state !== 'CONTAINER_RUNNING' && podUidOf(container) !== undefined);
  const doomed = [...groups(dead, (container) => `${podUidOf(container)}/${container.labels[podLabels.container]}`)].flatMap(
    ([, instances]) => {
      const keep = isGone(podUidOf(instances[0] as Container) ?? '') ? 0 : maximumDeadContainersPerContainer;
      return instances.sort(newestFirst).slice(keep);
    },
  );
  const doomedIds = new Set(doomed.map(({ id }) => id));
  const inUse = new Set(containers.filter(({ id }) => !doomedIds.has(id)).map(({ podSandboxId }) => podSandboxId));
  const stale = [...groups(sandboxes, ({ metadata }) => metadata.uid)].flatMap(([uid, ofPod]) => {
    const candidates = ofPod.sort(newestFirst).slice(isGone(uid) ? 0 : 1);
    return candidates.filter(({ id, state }) => state !== 'SANDBOX_READY' && !inUse.has(id));
  });
  return { containers: doomed.reverse(), sandboxes: stale.reverse() };
}

function groups<T>(list: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>();
  for (const item of list) {
    const group = found.get(key(item));
    if (group) group.push(item);
    else found.set(key(item), [item]);
  }
  return found;
}

/** What a container garbage collector is made from. */
export interface ContainerGarbageCollectorOptions {
  readonly owner: Owner;
  readonly runtime: Client<RuntimeService>;
  readonly host: Host;
  readonly events: KubeletEvents;
  readonly isGone: (uid: string) => boolean;
  readonly sourcesReady: () => boolean;
  /** Set whenever the runtime's lists may have changed. Left out: they are asked for in every period. */
  readonly changed: Change | undefined;
}

/** Removes dead containers and sandboxes every minute in which something has died. */
export class ContainerGarbageCollector {
  readonly #options: ContainerGarbageCollectorOptions;
  readonly #dirty = new Cell(0);

  constructor(options: ContainerGarbageCollectorOptions) {
    this.#options = options;
  }

  /** Something died, or a pod has gone. */
  wanted(): void {
    this.#dirty.set(this.#dirty.value + 1);
  }

  *run(): Process {
    const { owner, runtime, events, changed } = this.#options;
    const ticker = every(containerGarbageCollectionPeriod, owner.kernel.now);
    const disturbed = linkOf(runtime)?.disturbed;
    // What dies just before a period ends is in the runtime's lists then, though no relist has seen it yet.
    const cells = [this.#dirty, ...(changed ? [changed] : []), ...(disturbed ? [disturbed] : [])];
    const elision = { unless: cells, quiet: () => isQuiet(runtime) };
    for (;;) {
      yield* changed ? ticker.next(elision) : ticker.next();
      try {
        yield* this.#collect();
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        events.node('Warning', 'ContainerGCFailed', messageOf(error));
        this.wanted();
      }
    }
  }

  *#collect(): Process {
    const { runtime, isGone, sourcesReady } = this.#options;
    const { containers } = yield* runtime.listContainers({});
    const { items } = yield* runtime.listPodSandbox({});
    const ready = sourcesReady();
    const garbage = containerGarbage(containers, items, (uid) => ready && isGone(uid));
    for (const { id, state } of garbage.containers) {
      // It may run after all.
      if (state === 'CONTAINER_UNKNOWN') yield* runtime.stopContainer({ containerId: id, timeout: 2 });
      yield* runtime.removeContainer({ containerId: id });
    }
    for (const { id } of garbage.sandboxes) {
      yield* runtime.stopPodSandbox({ podSandboxId: id });
      yield* runtime.removePodSandbox({ podSandboxId: id });
    }
    if (ready) this.#removeLogs(new Set(items.map(({ metadata }) => metadata.uid)), garbage.sandboxes);
  }

  /** Logs of pods that are gone go with them. */
  #removeLogs(uids: ReadonlySet<string>, removed: readonly PodSandbox[]): void {
    const { host, isGone } = this.#options;
    for (const { metadata } of removed) {
      if (!uids.has(metadata.uid) || !isGone(metadata.uid)) continue;
      const directory = `/var/log/pods/${metadata.namespace}_${metadata.name}_${metadata.uid}`;
      host.files.remove(directory, { recursive: true });
    }
  }
}
