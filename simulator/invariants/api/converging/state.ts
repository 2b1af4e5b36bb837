import { formatDuration, seconds } from '@slipway/kernel';
import { controllerOf, type Event, type KubeObject, type Node, parseTime, type Pod, type Stored } from '@slipway/kube';
import type { Watched } from '../../invariant.ts';
import { titleOf } from '../../titles.ts';

/** What an object still waits for when nothing has gone wrong for long enough. */
export interface Lack {
  readonly object: Stored<KubeObject>;
  /** Goes on after the object's title: `has 2 pods and wants 3`. */
  readonly wants: string;
  /** Since when, as far as the object tells. */
  readonly since?: string | undefined;
}

/** What changed within so long may be on its way. */
const ON_ITS_WAY = seconds(60);

/** The whole cluster at one moment, indexed once: for what is judged once in a run. */
export class ClusterState {
  readonly world: Watched;
  /** Microseconds since the epoch. */
  readonly now: number;
  readonly pods: readonly Stored<Pod>[];
  /** Namespaces with a quota: what is missing there may have been refused. */
  readonly limited: ReadonlySet<string>;
  readonly #byController = new Map<string, Stored<Pod>[]>();
  readonly #byNamespace = new Map<string, Stored<Pod>[]>();
  #events: Map<string, Event> | undefined;

  constructor(world: Watched) {
    this.world = world;
    this.now = world.kernel.unixMicros;
    this.pods = this.all<Pod>('pods');
    for (const pod of this.pods) {
      const controller = controllerOf(pod)?.uid;
      if (controller !== undefined) add(this.#byController, controller, pod);
      add(this.#byNamespace, pod.metadata.namespace ?? '', pod);
    }
    this.limited = new Set(this.all('resourcequotas').map(({ metadata }) => metadata.namespace ?? ''));
  }

  /** By namespace and name, so that reports come in an order of their own. */
  all<T extends KubeObject = KubeObject>(resource: string): readonly Stored<T>[] {
    return sortedByName([...this.world.server.objects(resource)]) as readonly Stored<T>[];
  }

  /** Those that name it as their controller, by uid. */
  podsOf({ metadata }: Stored<KubeObject>): readonly Stored<Pod>[] {
    return this.#byController.get(metadata.uid) ?? [];
  }

  podsIn(namespace: string | undefined): readonly Stored<Pod>[] {
    return this.#byNamespace.get(namespace ?? '') ?? [];
  }

  /** The machine of a node has power, and a Node object. */
  isAlive(node: string): boolean {
    return this.world.nodes.get(node)?.host.on === true && this.node(node) !== undefined;
  }

  node(name: string): Stored<Node> | undefined {
    return this.world.server.peek('nodes', undefined, name) as Stored<Node> | undefined;
  }

  /** Whether a time lies so far back that whoever had to act on it has had the time to. */
  isPast(time: string | undefined, margin: number = ON_ITS_WAY): boolean {
    const at = time === undefined ? undefined : parseTime(time);
    return at !== undefined && at + margin <= this.now;
  }

  /** One line for people. */
  describe({ object, wants, since }: Lack): string {
    const at = since === undefined ? undefined : parseTime(since);
    const length = at === undefined ? '' : ` (for ${formatDuration(Math.max(0, this.now - at))})`;
    const event = this.#lastEvent(object.metadata.uid);
    return `${titleOf(object)} ${wants}${length}${event ? `; last event: ${event.reason ?? ''}: ${event.message ?? ''}` : ''}`;
  }

  #lastEvent(uid: string): Event | undefined {
    if (!this.#events) {
      this.#events = new Map();
      for (const event of this.all<Event>('events')) {
        const about = event.involvedObject.uid ?? '';
        const known = this.#events.get(about);
        if (!known || timeOf(known) <= timeOf(event)) this.#events.set(about, event);
      }
    }
    return this.#events.get(uid);
  }

  /** The newest event about an object. */
  lastEventOf({ metadata }: Stored<KubeObject>): Event | undefined {
    return this.#lastEvent(metadata.uid);
  }
}

const timeOf = ({ lastTimestamp, eventTime, firstTimestamp }: Event): string => lastTimestamp ?? eventTime ?? firstTimestamp ?? '';

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function sortedByName<T extends KubeObject>(objects: T[]): readonly T[] {
  const keys = new Map(objects.map((object) => [object, `${object.metadata.namespace ?? ''}/${object.metadata.name}`]));
  return objects.sort((a, b) => ((keys.get(a) ?? '') < (keys.get(b) ?? '') ? -1 : 1));
}
