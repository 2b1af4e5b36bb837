import { canonicalQuantity, type ObjectReference } from '@slipway/kube';
import type { MetricsRequest } from '../../messages.ts';
import { weightsOf } from '../../semantics/index.ts';
import type { Metric, MetricsEdge, TrafficMetrics, TrafficSplit } from '../../types/index.ts';
import type { Figures, Flow, Peer } from './traffic-window.ts';

/** When the figures are of. */
export interface Moment {
  /** RFC 3339. */
  readonly timestamp: string;
  readonly window: string;
}

/** A resource of SMI's list that traffic can be of; namespaces and nodes have no namespace. */
type Named = { readonly namespace?: string; readonly name: string };

const ALL: ObjectReference = {};

/**
 * The metrics of the resources of a kind that have had traffic: what they received, as their own proxies saw it. With `edges`, one entry
 * for each peer, either way. SMI metrics, "TrafficMetrics", "Edge". Edges lie between resources of one kind; those of Services, to whom
 * pods send, are pods.
 */
export function metricsOf({ resource, edges = false }: MetricsRequest, flows: Iterable<Flow>, moment: Moment): readonly TrafficMetrics[] {
  const groups = new Map<string, { readonly subject: Named; readonly edge: MetricsEdge; readonly figures: Figures }>();
  const { kind = 'Pod' } = resource;
  const count = (subject: Named, edge: MetricsEdge, flow: Flow): void => {
    const key = JSON.stringify([subject.namespace ?? '', subject.name, edge.direction, edge.resource]);
    let group = groups.get(key);
    if (!group) {
      group = { subject, edge, figures: { successes: 0, failures: 0, latencies: [] } };
      groups.set(key, group);
    }
    flow.sum(group.figures);
  };
  for (const flow of flows) {
    const received = receivers(flow, kind);
    for (const subject of received) {
      if (!isMeant(subject, resource)) continue;
      if (!edges) count(subject, { direction: 'from', side: 'server', resource: ALL }, flow);
      else {
        for (const peer of named(flow.source, peerKind(kind))) {
          count(subject, { direction: 'from', side: 'server', resource: referenceTo(peerKind(kind), peer) }, flow);
        }
      }
    }
    if (!edges || kind === 'Service') continue;
    for (const subject of named(flow.source, kind)) {
      if (!isMeant(subject, resource)) continue;
      for (const peer of received) count(subject, { direction: 'to', side: 'client', resource: referenceTo(kind, peer) }, flow);
    }
  }
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { subject, edge, figures }]) => ({
      apiVersion: 'metrics.smi-spec.io/v1alpha1',
      kind: 'TrafficMetrics',
      resource: referenceTo(kind, subject),
      edge,
      ...moment,
      metrics: seriesOf(figures),
    }));
}

/** What clients sent to the root service of a split, one entry for each backend. SMI metrics, "Traffic Splits". */
export function splitMetrics(split: TrafficSplit, flows: Iterable<Flow>, moment: Moment): readonly TrafficMetrics[] {
  const { metadata, spec } = split;
  const { namespace = 'default', name } = metadata;
  const all = [...flows].filter(({ to, apex }) => to.namespace === namespace && apex === spec.service);
  const weights = weightsOf(split);
  return spec.backends.map(({ service }, index) => {
    const figures: Figures = { successes: 0, failures: 0, latencies: [] };
    for (const flow of all) if (flow.to.service === service) flow.sum(figures);
    return {
      apiVersion: 'metrics.smi-spec.io/v1alpha1',
      kind: 'TrafficMetrics',
      resource: { kind: 'TrafficSplit', namespace, name },
      edge: { direction: 'from', side: 'client', resource: ALL },
      backend: { apex: spec.service, name: service, weight: weights[index] ?? 0 },
      ...moment,
      metrics: seriesOf(figures),
    };
  });
}

/** Nearest rank: the smallest latency that so many percent do not exceed. Nothing observed: 0. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

function seriesOf({ successes, failures, latencies }: Figures): readonly Metric[] {
  const sorted = [...latencies].sort((a, b) => a - b);
  const latency = (percent: 99 | 90 | 50): Metric => ({
    name: `p${percent}_response_latency`,
    unit: 'seconds',
    value: canonicalQuantity(`${percentile(sorted, percent)}u`),
  });
  return [
    latency(99),
    latency(90),
    latency(50),
    { name: 'success_count', value: String(successes) },
    { name: 'failure_count', value: String(failures) },
  ];
}

const peerKind = (kind: string): string => (kind === 'Service' ? 'Pod' : kind);

/** Resources of a kind that a flow arrived at. */
function receivers(flow: Flow, kind: string): readonly Named[] {
  if (kind !== 'Service') return named(flow.destination, kind);
  return [{ namespace: flow.to.namespace, name: flow.to.service }];
}

/** Resources of a kind that a pod is, or is a part of. */
function named(peer: Peer | undefined, kind: string): readonly Named[] {
  if (!peer) return [];
  const { namespace, name, node, workloads } = peer;
  if (kind === 'Pod') return [{ namespace, name }];
  if (kind === 'Namespace') return [{ name: namespace }];
  if (kind === 'Node') return node === '' ? [] : [{ name: node }];
  return workloads.filter((each) => each.kind === kind).map((each) => ({ namespace, name: each.name }));
}

function isMeant({ namespace, name }: Named, wanted: ObjectReference): boolean {
  if (wanted.name && wanted.name !== name) return false;
  return !wanted.namespace || namespace === undefined || wanted.namespace === namespace;
}

function referenceTo(kind: string, { namespace, name }: Named): ObjectReference {
  return { kind, ...(namespace === undefined ? {} : { namespace }), name };
}
