import type { Micros } from '@slipway/kernel';
import { type Node, type ResourceList, resourceAmount } from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Check, Watched } from '../invariant.ts';

interface Change {
  readonly at: Micros;
  /** What the node had until then. */
  readonly before: ResourceList;
}

/** Changes of one node that are remembered: capacities change seldom. */
const KEPT = 32;

/**
 * What each node has to give. A scheduler decides on what it last heard of a node, so whoever judges a binding takes the most that the
 * node had of late.
 */
export class Allocatable implements Check {
  readonly resources = ['nodes'];
  readonly #world: Watched;
  readonly #now = new Map<string, ResourceList>();
  readonly #changes = new Map<string, Change[]>();

  constructor(world: Watched) {
    this.#world = world;
  }

  write({ type, object }: CommittedWrite): void {
    const { name } = object.metadata;
    const before = this.#now.get(name);
    const after = type === 'DELETED' ? undefined : ((object as Node).status?.allocatable ?? NOTHING);
    if (before === after) return;
    if (after) this.#now.set(name, after);
    else this.#now.delete(name);
    if (before === undefined || (after && !anyLess(after, before))) return;
    const changes = this.#changes.get(name) ?? [];
    changes.push({ at: this.#world.kernel.now, before });
    this.#changes.set(name, changes.slice(-KEPT));
  }

  /** The most that the node had from a time until now. Undefined when nobody knows the node. */
  most(node: string, resource: string, since: Micros): number | undefined {
    const now = this.#now.get(node);
    if (now === undefined) return undefined;
    let most = resourceAmount(resource, now[resource] ?? '0');
    for (const { at, before } of this.#changes.get(node) ?? []) {
      if (at >= since) most = Math.max(most, resourceAmount(resource, before[resource] ?? '0'));
    }
    return most;
  }
}

const NOTHING: ResourceList = {};

const anyLess = (after: ResourceList, before: ResourceList): boolean =>
  Object.entries(before).some(([resource, text]) => resourceAmount(resource, after[resource] ?? '0') < resourceAmount(resource, text));
