import { type Micros, minutes } from '@slipway/kernel';
import { controllerOf, isTerminal, type KubeObject, type OwnerReference, type Pod } from '@slipway/kube';
import type { CommittedWrite } from '../../../apiserver/index.ts';
import type { Watched } from '../../invariant.ts';
import type { ClusterState, Lack } from './state.ts';

const WINDOW: Micros = minutes(5);
const RESOURCES: Readonly<Record<string, string>> = {
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
};

interface Turnover {
  readonly owner: OwnerReference;
  readonly namespace: string | undefined;
  /** Which window `count` is of. */
  window: number;
  count: number;
  /** Of the window before. */
  earlier: number;
}

/** How many pods were taken away alive from each controller lately. One that makes and deletes pods without end never comes to rest. */
export class Churn {
  readonly resources = ['pods', ...Object.values(RESOURCES)];
  readonly #world: Watched;
  readonly #turnovers = new Map<string, Turnover>();
  /** When what is wanted of a controller changed, by uid. */
  readonly #changed = new Map<string, Micros>();

  constructor(world: Watched) {
    this.#world = world;
  }

  write({ type, resource, object, old }: CommittedWrite): void {
    const { metadata } = object;
    if (resource !== 'pods') {
      if (type === 'DELETED') this.#forget(metadata.uid);
      else if (old && metadata.generation !== old.metadata.generation) this.#changed.set(metadata.uid, this.#world.kernel.now);
      return;
    }
    if (!old || old.metadata.deletionTimestamp !== undefined || isTerminal(old as Pod)) return;
    if (type !== 'DELETED' && metadata.deletionTimestamp === undefined) return;
    const owner = controllerOf(object);
    if (owner && owner.kind in RESOURCES) this.#count(owner, metadata.namespace);
  }

  /** Controllers whose pods come and go though nobody wants anything else of them. */
  *restless({ world: { server } }: ClusterState, met: () => void): Generator<Lack> {
    const { now } = this.#world.kernel;
    for (const [uid, turnover] of this.#turnovers) {
      const { owner, namespace } = turnover;
      const object = server.peek(RESOURCES[owner.kind] ?? '', namespace, owner.name);
      if (object?.metadata.uid !== uid || (this.#changed.get(uid) ?? 0) + 2 * WINDOW > now) continue;
      const window = Math.floor(now / WINDOW);
      const recent = turnover.window === window ? turnover.count + turnover.earlier : turnover.window === window - 1 ? turnover.count : 0;
      met();
      if (recent < 10 + 2 * wanted(object)) continue;
      yield { object, wants: `does not come to rest: ${recent} of its pods were deleted alive in the last minutes, and nobody changed it` };
    }
  }

  #count(owner: OwnerReference, namespace: string | undefined): void {
    const window = Math.floor(this.#world.kernel.now / WINDOW);
    let turnover = this.#turnovers.get(owner.uid);
    if (!turnover) this.#turnovers.set(owner.uid, (turnover = { owner, namespace, window, count: 0, earlier: 0 }));
    if (turnover.window !== window) {
      turnover.earlier = turnover.window === window - 1 ? turnover.count : 0;
      turnover.count = 0;
      turnover.window = window;
    }
    turnover.count += 1;
  }

  #forget(uid: string): void {
    this.#turnovers.delete(uid);
    this.#changed.delete(uid);
  }
}

function wanted(object: KubeObject): number {
  const { replicas, parallelism } =
    (object as { readonly spec?: { readonly replicas?: number; readonly parallelism?: number } }).spec ?? {};
  return replicas ?? parallelism ?? 1;
}
