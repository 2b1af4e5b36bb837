import { findCondition, type Node, nodeLabels } from '@slipway/kube';

// How fast a zone's nodes are given up. Source: `pkg/controller/nodelifecycle/node_lifecycle_controller.go`, ComputeZoneState.

export type ZoneState = 'Initial' | 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** Nodes per second that get a NoExecute taint. */
const RATE = { numerator: 1, denominator: 10 };
const SECONDARY = { numerator: 1, denominator: 100 };
const LARGE_ZONE = 50;

/** `region:zone`, as upstream keys them. */
export function zoneOf(node: Node): string {
  const labels = node.metadata.labels ?? {};
  return `${labels[nodeLabels.region] ?? ''}:${labels[nodeLabels.zone] ?? ''}`;
}

export function zoneState(nodes: readonly Node[]): ZoneState {
  const unready = nodes.filter((node) => findCondition(node.status?.conditions, 'Ready')?.status !== 'True').length;
  if (nodes.length > 0 && unready === nodes.length) return 'FullDisruption';
  // 55 %, and more than two: small zones are not partly disrupted.
  if (unready > 2 && unready * 100 >= nodes.length * 55) return 'PartialDisruption';
  return 'Normal';
}

/** Seconds between two nodes of a zone with `size` nodes, or undefined for none at all. */
export function secondsBetween(state: ZoneState, size: number): number | undefined {
  const rate = state === 'PartialDisruption' ? (size > LARGE_ZONE ? SECONDARY : undefined) : RATE;
  return rate && rate.denominator / rate.numerator;
}
