import type { WatchEvent } from '@slipway/client';
import { Stream } from '@slipway/kernel';
import type { Kind, KubeObject, Stored } from '@slipway/kube';
import { isSelected, nodeNameOf, type Selection } from './selection.ts';
import type { StoreEvent } from './watch-cache.ts';

/** A watcher that falls this far behind is cut off, as upstream's cacher does. */
const CAPACITY = 10_000;

/** One open watch. */
export class Watcher {
  readonly stream: Stream<WatchEvent>;
  readonly selection: Selection;
  /** Revision up to which everything has been sent. */
  sent: number;

  constructor(selection: Selection, sent: number, initial: number) {
    this.selection = selection;
    this.sent = sent;
    this.stream = new Stream<WatchEvent>(CAPACITY + initial);
  }

  send(event: WatchEvent, revision: number, seq: number): void {
    this.sent = revision;
    if (!this.stream.offer(event, seq)) this.stream.end();
  }
}

/** One event, with its forms made when first needed and shared by all watchers. */
class Announcement {
  readonly #event: StoreEvent;
  #same: WatchEvent | undefined;
  #appeared: WatchEvent | undefined;
  #left: WatchEvent | undefined;

  constructor(event: StoreEvent) {
    this.#event = event;
  }

  /** What a watcher hears, or undefined for nothing. */
  for(selection: Selection, plural: string): WatchEvent | undefined {
    const { type, object, old } = this.#event;
    const now = isSelected(selection, plural, object);
    if (type !== 'MODIFIED' || old === undefined) {
      if (!now) return undefined;
      this.#same ??= { type, object };
      return this.#same;
    }
    const before = isSelected(selection, plural, old);
    if (now && before) {
      this.#same ??= { type, object };
      return this.#same;
    }
    if (now) {
      this.#appeared ??= { type: 'ADDED', object };
      return this.#appeared;
    }
    if (!before) return undefined;
    this.#left ??= { type: 'DELETED', object: underRevision(old, object) };
    return this.#left;
  }
}

function underRevision(content: Stored<KubeObject>, source: Stored<KubeObject>): Stored<KubeObject> {
  return { ...content, metadata: { ...content.metadata, resourceVersion: source.metadata.resourceVersion } };
}

/**
 * The open watches of one resource, found by what they select: a write touches those that watch everything, its namespace, its name, or
 * (pods) its node, and never the thousands that watch other nodes.
 */
export class Watchers {
  readonly #kind: Kind;
  readonly #general = new Set<Watcher>();
  readonly #byNamespace = new Map<string, Set<Watcher>>();
  readonly #byNode = new Map<string, Set<Watcher>>();
  readonly #byName = new Map<string, Set<Watcher>>();

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  /** Adds a watcher; it leaves by itself when its stream closes. */
  add(watcher: Watcher): void {
    const { node, name, namespace } = watcher.selection;
    const [map, key] =
      node !== undefined
        ? [this.#byNode, node]
        : name !== undefined
          ? [this.#byName, name]
          : namespace !== undefined
            ? [this.#byNamespace, namespace]
            : [undefined, ''];
    let set = map === undefined ? this.#general : map.get(key);
    if (!set) {
      set = new Set();
      map?.set(key, set);
    }
    set.add(watcher);
    const members = set;
    watcher.stream.onClose = () => {
      members.delete(watcher);
      if (map !== undefined && members.size === 0 && map.get(key) === members) map.delete(key);
    };
  }

  /** Sends a write to whom it concerns. */
  announce(event: StoreEvent): void {
    const announcement = new Announcement(event);
    this.#tell(this.#general, announcement, event);
    const { object, old } = event;
    const { namespace, name } = object.metadata;
    if (namespace !== undefined && this.#byNamespace.size > 0) this.#tell(this.#byNamespace.get(namespace), announcement, event);
    if (this.#byName.size > 0) this.#tell(this.#byName.get(name), announcement, event);
    if (this.#byNode.size > 0) {
      const node = nodeNameOf(object);
      this.#tell(this.#byNode.get(node), announcement, event);
      const before = old === undefined ? node : nodeNameOf(old);
      if (before !== node) this.#tell(this.#byNode.get(before), announcement, event);
    }
  }

  #tell(watchers: Set<Watcher> | undefined, announcement: Announcement, event: StoreEvent): void {
    if (!watchers) return;
    for (const watcher of watchers) {
      const heard = announcement.for(watcher.selection, this.#kind.plural);
      if (heard) watcher.send(heard, event.revision, event.seq);
    }
  }

  /** What the watcher would have heard of an earlier event. */
  replay(watcher: Watcher, event: StoreEvent): void {
    const heard = new Announcement(event).for(watcher.selection, this.#kind.plural);
    if (heard) watcher.send(heard, event.revision, event.seq);
  }
}
