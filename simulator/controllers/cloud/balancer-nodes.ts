import type { Node, Stored } from '@slipway/kube';

// Which nodes stand behind balancers. Source: cloud-provider `controllers/service/controller.go`, stableNodeSetPredicates.

const EXCLUDE = 'node.kubernetes.io/exclude-from-external-load-balancers';
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';
/** What Go's strconv.ParseBool takes for false; a value that it cannot read excludes as well. */
const FALSE: ReadonlySet<string> = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False']);

/** Whether a label keeps the node out. */
export function isIncluded({ metadata }: Node): boolean {
  const value = metadata.labels?.[EXCLUDE];
  return value === undefined || FALSE.has(value);
}

/** Whether balancers send to the node. Whether it is ready is for their health checks. */
export function isEligible(node: Node): boolean {
  if (node.metadata.deletionTimestamp !== undefined || !isIncluded(node)) return false;
  return !(node.spec.taints?.some(({ key }) => key === TO_BE_DELETED) ?? false);
}

/** Whether a change of a node sets off a look at all balancers. A taint alone does not: it counts at the next look that there is. */
export function shouldSync(old: Node, node: Node): boolean {
  return isIncluded(old) !== isIncluded(node) || old.spec.providerID !== node.spec.providerID;
}

/** The nodes of one moment. */
export interface NodeSet {
  /** By name. */
  readonly nodes: readonly Stored<Node>[];
  /** Provider id by name: what balancers know nodes by. */
  readonly ids: ReadonlyMap<string, string>;
}

export function nodeSetOf(candidates: readonly Stored<Node>[]): NodeSet {
  const nodes = candidates.filter(isEligible).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return { nodes, ids: new Map(nodes.map(({ metadata, spec }) => [metadata.name, spec.providerID ?? ''])) };
}

/** Whether a balancer that sends to the one set needs no change for the other. */
export function isSameSet(a: NodeSet | undefined, b: NodeSet): boolean {
  if (a === b) return true;
  if (a === undefined || a.ids.size !== b.ids.size) return false;
  for (const [name, id] of b.ids) if (a.ids.get(name) !== id) return false;
  return true;
}

/** Names for a message: twenty of them, as Go prints a list. */
export function loggableNames({ nodes }: NodeSet): string {
  const names = nodes.map(({ metadata }) => metadata.name);
  const shown = names.length > 20 ? [...names.slice(0, 20), `<${names.length - 20} more>`] : names;
  return `[${shown.join(' ')}]`;
}
