import { matchesLabelSelector, matchesRequiredNodeAffinity, type Pod, type Stored, type TopologySpreadConstraint } from '@slipway/kube';
import type { Facts, Placement } from '../facts/index.ts';
import { isBinding } from '../facts/scheduled-pods.ts';
import type { Invariant, Watched } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { forbiddingTaint } from './taints.ts';

/**
 * Judged at each binding, in the binder's favour: where it put the pod it must have counted those of which it knew for certain; elsewhere
 * it may have counted all that were there at some time that its decision may rest on.
 */
export const skew: Invariant = {
  id: 'SCH-11',
  name: 'skew',
  kind: 'S',
  holds: 'a bind under a hard spread constraint leaves skew within its maximum',
  watch: (world, { violated, met }, facts) => ({
    resources: ['pods'],
    write(write) {
      if (!isBinding(write)) return;
      const pod = write.object as Stored<Pod>;
      const constraints = pod.spec.topologySpreadConstraints;
      const placed = constraints && facts.placements.of(pod.metadata.uid);
      if (!placed) return;
      for (const constraint of constraints) {
        if (constraint.whenUnsatisfiable !== 'DoNotSchedule' || (constraint.matchLabelKeys ?? []).length > 0) continue;
        const found = leastSkew(world, facts, placed, constraint);
        if (found === undefined) continue;
        met();
        if (found.here - found.least <= constraint.maxSkew) continue;
        violated(
          `${placed.by || 'somebody'} bound ${podTitle(pod)} to ${placed.node}, where ${constraint.topologyKey} then has ${found.here} of its pods and another place has at most ${found.least}: more apart than ${constraint.maxSkew}`,
          podTitle(pod),
          `Node ${placed.node}`,
        );
      }
    },
  }),
};

/** Matching pods where the pod went, at least, and in the emptiest place, at most. Undefined when the constraint says nothing. */
function leastSkew(
  world: Watched,
  { nodes, placements, staleness }: Facts,
  placed: Placement,
  { topologyKey, labelSelector, nodeAffinityPolicy = 'Honor', nodeTaintsPolicy = 'Ignore' }: TopologySpreadConstraint,
): { readonly here: number; readonly least: number } | undefined {
  const { pod } = placed;
  if (placements.wasRelabelled(placed.uid)) return undefined;
  const since = staleness.seenSince(placed.decidedAt);
  /** Places by node, of those nodes that counted all the time. */
  const places = new Map<string, string>();
  for (const name of nodes.names()) {
    const place = nodes.now(name)?.metadata.labels?.[topologyKey];
    if (place === undefined) continue;
    const counts = nodes.always(
      name,
      since,
      (node) =>
        node.metadata.labels?.[topologyKey] === place &&
        (nodeAffinityPolicy === 'Ignore' || matchesRequiredNodeAffinity(pod, node)) &&
        (nodeTaintsPolicy === 'Ignore' || forbiddingTaint(pod, node) === undefined),
    );
    // One that joined meanwhile may not be known yet.
    if (counts && nodes.since(name, since).every(({ node }) => node !== undefined) && (nodes.since(name, 0)[0]?.since ?? since) <= since)
      places.set(name, place);
  }
  const own = places.get(placed.node);
  if (own === undefined || new Set(places.values()).size < 2) return undefined;
  const matches = (other: Placement): boolean =>
    other.pod.metadata.namespace === pod.metadata.namespace && matchesLabelSelector(labelSelector, other.pod.metadata.labels);
  let here = matchesLabelSelector(labelSelector, pod.metadata.labels) ? 1 : 0;
  const counts = new Map<string, number>([...places.values()].map((place) => [place, 0]));
  const add = (name: string): void => {
    // A node that does not count for certain may count all the same.
    const place = nodes.now(name)?.metadata.labels?.[topologyKey];
    const count = place === undefined ? undefined : counts.get(place);
    if (place !== undefined && count !== undefined) counts.set(place, count + 1);
  };
  for (const other of placements.all()) {
    if (other === placed) continue;
    if (placements.wasRelabelled(other.uid)) {
      add(other.node);
      continue;
    }
    if (!matches(other)) continue;
    add(other.node);
    if (places.get(other.node) === own && placements.knew(placed, other) && isStillThere(world, other)) here += 1;
  }
  for (const other of placements.endedSince(since)) if (matches(other)) add(other.node);
  // Pods that were created on a node, and those on their way to one, count too.
  for (const object of world.server.objects('pods')) {
    const other = object as Stored<Pod>;
    if (placements.of(other.metadata.uid) || other.metadata.namespace !== pod.metadata.namespace) continue;
    if (!placements.wasRelabelled(other.metadata.uid) && !matchesLabelSelector(labelSelector, other.metadata.labels)) continue;
    const name = other.spec.nodeName ?? placements.decision(other)?.node;
    if (name !== undefined) add(name);
  }
  counts.delete(own);
  return { here, least: Math.min(...counts.values()) };
}

/** With the labels that count, and not on its way out. */
function isStillThere({ server }: Watched, { pod, uid }: Placement): boolean {
  const now = server.peek('pods', pod.metadata.namespace, pod.metadata.name);
  return now?.metadata.uid === uid && now.metadata.deletionTimestamp === undefined && now.metadata.labels === pod.metadata.labels;
}
