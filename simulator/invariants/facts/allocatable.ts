import { type Node, type ResourceList, resourceAmount } from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Check } from '../invariant.ts';

interface Change {
  readonly revision: number;
  /** What the node had until this revision. */
  readonly before: ResourceList;
}

/** Changes of one node that are remembered: capacities change seldom. */
const KEPT = 8;

/**
 * What each node has to give. A scheduler decides on what it last heard of a node, so whoever judges a binding takes the most that the
 * node had since the pod was made.
 */
export class Allocatable implements Check {
  readonly resources = ['nodes'];
  readonly #now = new Map<string, ResourceList>();
  readonly #changes = new Map<string, Change[]>();

  write({ type, object, revision }: CommittedWrite): void {
    const { name } = object.metadata;
    if (type === 'DELETED') {
      this.#now.delete(name);
      this.#changes.delete(name);
      return;
    }
    const after = (object as Node).status?.allocatable ?? NOTHING;
    const before = this.#now.get(name);
    if (before === after) return;
    this.#now.set(name, after);
    if (before === undefined || !anyLess(after, before)) return;
    const changes = this.#changes.get(name) ?? [];
    changes.push({ revision, before });
    this.#changes.set(name, changes.slice(-KEPT));
  }

  /** The most that the node had from a revision until now. Undefined when nobody knows the node. */
  most(node: string, resource: string, sinceRevision: number): number | undefined {
    const now = this.#now.get(node);
    if (now === undefined) return undefined;
    let most = resourceAmount(resource, now[resource] ?? '0');
    for (const { revision, before } of this.#changes.get(node) ?? []) {
      if (revision >= sinceRevision) most = Math.max(most, resourceAmount(resource, before[resource] ?? '0'));
    }
    return most;
  }
}

const NOTHING: ResourceList = {};

const anyLess = (after: ResourceList, before: ResourceList): boolean =>
  Object.entries(before).some(([resource, text]) => resourceAmount(resource, after[resource] ?? '0') < resourceAmount(resource, text));
