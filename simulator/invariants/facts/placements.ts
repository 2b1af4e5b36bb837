import type { ListRequest, ListResponse } from '@slipway/client';
import type { Micros, TraceRecord } from '@slipway/kernel';
import { isEqual, type Pod, type Stored } from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Check, Exchange, Watched } from '../invariant.ts';
import { isBinding, isEnding } from './scheduled-pods.ts';
import type { Staleness } from './staleness.ts';

/** A pod that a scheduler has put on a node. */
export interface Placement {
  readonly uid: string;
  /** As it was when it was bound. */
  readonly pod: Stored<Pod>;
  readonly node: string;
  /** Who bound it; empty when nobody knows. */
  readonly by: string;
  /** How often that one had been started anew. */
  readonly era: number;
  readonly at: Micros;
  readonly revision: number;
  /** When its scheduler may have decided so, at the earliest. */
  readonly decidedAt: Micros;
  /** False once the scheduler was told that it had failed: then it gives the room to others, and rightly. */
  sure: boolean;
  /** When it ended or was gone. */
  endedAt: Micros | undefined;
}

/** The newest that a scheduler said of a pod. */
export interface Decision {
  readonly at: Micros;
  /** Undefined: it found none. */
  readonly node: string | undefined;
  /** When it said something of the pod before. */
  readonly before: Micros | undefined;
}

/** Ended placements that are remembered. */
const KEPT = 256;

/**
 * Who put which pod where, and what that one could know at the time: its own placements since it was started, and those that were in the
 * store when it first asked. Pods that were created with a node name are not among them.
 */
export class Placements implements Check {
  readonly resources = ['pods'];
  readonly answered: NonNullable<Check['answered']>;
  readonly #world: Watched;
  readonly #staleness: Staleness;
  readonly #nodes = new Map<string, Map<string, Placement>>();
  readonly #byUid = new Map<string, Placement>();
  readonly #byCall = new Map<number, Placement>();
  readonly #madeAt = new Map<string, Micros>();
  readonly #decisions = new Map<string, Decision>();
  /** By client: in which of its lives it asked first, and the revision of the answer. */
  readonly #lists = new Map<string, { readonly era: number; readonly revision: number }>();
  #ended: Placement[] = [];
  /** When a pod last left each node, however it came there, or asked for something else; of pods without a node, by uid. */
  readonly #changes = new Map<string, Micros>();
  /** Pods whose labels were changed after they were made. */
  readonly #relabelled = new Set<string>();
  /** Pods that a scheduler has given a node and not bound yet: the nodes by key, and how many by node. */
  readonly #promised = new Map<string, string>();
  readonly #promises = new Map<string, number>();
  /** When a pod last ended on any node, or stopped to be what others keep away from. */
  lastEnd: Micros = 0;
  /** When a pod last gave up a nomination: room is free again, and nobody is woken for it. */
  lastRelease: Micros = Number.NEGATIVE_INFINITY;

  constructor(world: Watched, staleness: Staleness) {
    this.#world = world;
    this.#staleness = staleness;
    this.answered = {
      'api.Server/List': (exchange) => this.#listed(exchange),
      'api.Server/Bind': ({ call, ok }) => {
        const placement = this.#byCall.get(call.seq);
        if (placement && !ok) placement.sure = false;
        this.#byCall.delete(call.seq);
      },
    };
  }

  trace({ kind, name, subject = '', data, at }: TraceRecord): void {
    if (kind !== 'decision' || name !== 'scheduler/schedule') return;
    const node = data[0] === 'scheduled' ? String(data[1]) : undefined;
    this.#decisions.set(subject, { at, node, before: this.#decisions.get(subject)?.at });
    this.#promise(subject, node);
  }

  write(write: CommittedWrite, by: TraceRecord | undefined): void {
    const pod = write.object as Stored<Pod>;
    const { uid } = pod.metadata;
    if (write.type === 'ADDED') this.#madeAt.set(uid, this.#world.kernel.now);
    else if (isBinding(write)) this.#bound(pod, write.revision, by);
    else if (isEnding(write)) {
      this.lastEnd = this.#world.kernel.now;
      this.#end(uid);
    }
    const old = write.old as Pod | undefined;
    if (isEnding(write) || (old !== undefined && old.spec !== pod.spec && !isBinding(write))) this.#changed(old?.spec.nodeName || uid);
    if (
      old !== undefined &&
      old.metadata.labels !== pod.metadata.labels &&
      !isBinding(write) &&
      !isEqual(old.metadata.labels, pod.metadata.labels)
    )
      this.#relabel(uid);
    const nominated = old?.status?.nominatedNodeName;
    if (nominated !== undefined && nominated !== pod.status?.nominatedNodeName) this.lastRelease = this.#world.kernel.now;
    if (write.type === 'DELETED') {
      this.#promise(keyOf(pod), undefined);
      this.#changes.delete(uid);
      this.#relabelled.delete(uid);
      this.#madeAt.delete(uid);
      this.#decisions.delete(keyOf(pod));
    }
  }

  /** Placements on a node that have not ended, by uid. */
  on(node: string): ReadonlyMap<string, Placement> {
    return this.#nodes.get(node) ?? NONE;
  }

  of(uid: string): Placement | undefined {
    return this.#byUid.get(uid);
  }

  /** All that have not ended. */
  all(): Iterable<Placement> {
    return this.#byUid.values();
  }

  /** Those that ended since then, as far as is remembered. */
  endedSince(time: Micros): readonly Placement[] {
    return this.#ended.filter(({ endedAt = 0 }) => endedAt >= time);
  }

  /** When room may last have become free on a node, as far as pods take it. Of a pod without a node, by uid: when it last changed. */
  lastChangeOn(node: string): Micros {
    return this.#changes.get(node) ?? 0;
  }

  /** How many pods were given the node and are not bound: nobody sees when their room is given back. */
  promisesOn(node: string): number {
    return this.#promises.get(node) ?? 0;
  }

  /** When a pod without a node was made. */
  madeAt(uid: string): Micros | undefined {
    return this.#madeAt.get(uid);
  }

  decision(pod: Pick<Pod, 'metadata'>): Decision | undefined {
    return this.#decisions.get(keyOf(pod));
  }

  /** Whether a pod has had other labels than it has: nobody can say which ones a scheduler saw. */
  wasRelabelled(uid: string): boolean {
    return this.#relabelled.has(uid);
  }

  /** Whether the scheduler that made the one placement must have known of the other, if it was made by then. */
  knew({ by, era }: Placement, other: Placement): boolean {
    if (other.by === by && other.era === era) return other.sure;
    const list = this.#lists.get(by);
    return list?.era === era && other.revision <= list.revision;
  }

  #relabel(uid: string): void {
    this.#relabelled.add(uid);
    this.lastEnd = this.#world.kernel.now;
  }

  #changed(what: string): void {
    this.#changes.set(what, this.#world.kernel.now);
  }

  #promise(key: string, node: string | undefined): void {
    const before = this.#promised.get(key);
    if (before !== undefined) {
      this.#promised.delete(key);
      this.#promises.set(before, (this.#promises.get(before) ?? 1) - 1);
      this.#changed(before);
    }
    if (node === undefined) return;
    this.#promised.set(key, node);
    this.#promises.set(node, (this.#promises.get(node) ?? 0) + 1);
  }

  #keptPromise(key: string): void {
    const node = this.#promised.get(key);
    if (node === undefined) return;
    this.#promised.delete(key);
    this.#promises.set(node, (this.#promises.get(node) ?? 1) - 1);
  }

  #bound(pod: Stored<Pod>, revision: number, by: TraceRecord | undefined): void {
    const { now } = this.#world.kernel;
    const { uid } = pod.metadata;
    const node = pod.spec.nodeName as string;
    const decision = this.decision(pod);
    const placement: Placement = {
      uid,
      pod,
      node,
      by: by?.actor ?? '',
      era: this.#staleness.endsOf(by?.actor ?? '', by?.seq),
      at: now,
      revision,
      decidedAt: decision?.node === node ? decision.at : (this.#madeAt.get(uid) ?? 0),
      sure: true,
      endedAt: undefined,
    };
    this.#byUid.set(uid, placement);
    this.#keptPromise(keyOf(pod));
    const pods = this.#nodes.get(node);
    if (pods) pods.set(uid, placement);
    else this.#nodes.set(node, new Map([[uid, placement]]));
    if (by) this.#byCall.set(by.seq, placement);
  }

  #end(uid: string): void {
    const placement = this.#byUid.get(uid);
    if (!placement) return;
    placement.endedAt = this.#world.kernel.now;
    this.#byUid.delete(uid);
    const pods = this.#nodes.get(placement.node);
    pods?.delete(uid);
    if (pods?.size === 0) this.#nodes.delete(placement.node);
    this.#ended.push(placement);
    if (this.#ended.length >= 2 * KEPT) this.#ended = this.#ended.slice(-KEPT);
  }

  #listed({ call, answer, ok }: Exchange): void {
    if (!ok) return;
    const { resource, namespace } = call.full as ListRequest;
    if (resource !== 'pods' || namespace !== undefined) return;
    const era = this.#staleness.endsOf(call.actor, call.seq);
    const revision = Number((answer.full as ListResponse).resourceVersion);
    if ((this.#lists.get(call.actor)?.era ?? -1) < era) this.#lists.set(call.actor, { era, revision });
    // A list that is older than the question takes from whoever believes it what it knew.
    else
      for (const placement of this.#byUid.values())
        if (placement.by === call.actor && placement.at < call.at && placement.revision > revision) placement.sure = false;
  }
}

const NONE: ReadonlyMap<string, Placement> = new Map();

const keyOf = ({ metadata }: Pick<Pod, 'metadata'>): string => `${metadata.namespace}/${metadata.name}`;
