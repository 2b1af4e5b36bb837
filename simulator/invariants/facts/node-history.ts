import type { Micros } from '@slipway/kernel';
import { isEqual, type Node, type Stored } from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Check, Watched } from '../invariant.ts';

/** A node as it was from one time until the next version. */
export interface NodeVersion {
  readonly since: Micros;
  /** Undefined: there was none of this name. */
  readonly node: Stored<Node> | undefined;
}

/** Changes of one node that are remembered: labels and taints change seldom. */
const KEPT = 64;

/** What of each node placements depend on, and what it was before: labels, taints, and whether it takes pods. */
export class NodeHistory implements Check {
  readonly resources = ['nodes'];
  readonly #world: Watched;
  readonly #versions = new Map<string, NodeVersion[]>();
  /** When any node last came, went or changed. */
  lastChange: Micros = 0;

  constructor(world: Watched) {
    this.#world = world;
  }

  write({ type, object }: CommittedWrite): void {
    const { name } = object.metadata;
    const node = type === 'DELETED' ? undefined : (object as Stored<Node>);
    const versions = this.#versions.get(name);
    if (!versions) {
      this.#add(name, [], node);
      return;
    }
    if (!isSame(versions.at(-1)?.node, node)) this.#add(name, versions.length < KEPT ? versions : versions.slice(1 - KEPT), node);
  }

  /** Names of all that there were. */
  names(): Iterable<string> {
    return this.#versions.keys();
  }

  now(name: string): Stored<Node> | undefined {
    return this.#versions.get(name)?.at(-1)?.node;
  }

  /** Every version that held at some time since then, the oldest first. */
  since(name: string, time: Micros): readonly NodeVersion[] {
    const versions = this.#versions.get(name) ?? [];
    const first = versions.findLastIndex(({ since }) => since <= time);
    return first <= 0 ? versions : versions.slice(first);
  }

  /** Whether something held of the node at every moment since then. False for one that was not there all the time. */
  always(name: string, time: Micros, holds: (node: Stored<Node>) => boolean): boolean {
    const versions = this.since(name, time);
    const [first, ...later] = versions;
    if (!first) return false;
    // Before its first version there was no such node, and nobody could decide on it.
    const known = first.node === undefined ? later : versions;
    return known.length > 0 && known.every(({ node }) => node !== undefined && holds(node));
  }

  #add(name: string, versions: readonly NodeVersion[], node: Stored<Node> | undefined): void {
    this.lastChange = this.#world.kernel.now;
    this.#versions.set(name, [...versions, { since: this.lastChange, node }]);
  }
}

function isSame(before: Stored<Node> | undefined, after: Stored<Node> | undefined): boolean {
  if (before === undefined || after === undefined) return before === after;
  return (
    (before.spec === after.spec ||
      (isEqual(before.spec?.taints, after.spec?.taints) && before.spec?.unschedulable === after.spec?.unschedulable)) &&
    (before.metadata.labels === after.metadata.labels || isEqual(before.metadata.labels, after.metadata.labels)) &&
    (before.status?.allocatable === after.status?.allocatable || isEqual(before.status?.allocatable, after.status?.allocatable))
  );
}
