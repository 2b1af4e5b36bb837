import type { ObjectReference } from '@slipway/kube';

/** The series that SMI metrics has. */
export type MetricName = 'p99_response_latency' | 'p90_response_latency' | 'p50_response_latency' | 'success_count' | 'failure_count';

/** One series. */
export interface Metric {
  readonly name: MetricName;
  /** `seconds` in the spec, `ms` in the SDK; counts have none. */
  readonly unit?: string;
  /** A quantity: `10m` seconds are ten milliseconds. */
  readonly value: string;
}

/** The other end of the traffic, and from where it was seen. */
export interface MetricsEdge {
  /** `to`: the resource sent; `from`: it received. */
  readonly direction: 'to' | 'from';
  readonly side: 'client' | 'server';
  /** Empty: all peers. A namespace or kind alone: those of it. */
  readonly resource?: ObjectReference;
}

/** Which backend of a TrafficSplit the figures are of. */
export interface MetricsBackend {
  readonly apex: string;
  readonly name: string;
  readonly weight: number;
}

/** SMI metrics v1alpha1, "TrafficMetrics"; `backend` as the spec's text has it, and v1alpha2 of the SDK. */
export interface TrafficMetrics {
  readonly apiVersion: 'metrics.smi-spec.io/v1alpha1';
  readonly kind: 'TrafficMetrics';
  readonly resource: ObjectReference;
  readonly edge?: MetricsEdge;
  /** Traffic splits only. */
  readonly backend?: MetricsBackend;
  /** RFC 3339. */
  readonly timestamp: string;
  /** Duration up to `timestamp`: `30s`. */
  readonly window: string;
  readonly metrics: readonly Metric[];
}

/** SMI metrics v1alpha1, "TrafficMetricsList": all of a kind, those that a selector picks, or the edges of one resource. */
export interface TrafficMetricsList {
  readonly apiVersion: 'metrics.smi-spec.io/v1alpha1';
  readonly kind: 'TrafficMetricsList';
  /** Kind, namespace and apiVersion; for edges a name too. */
  readonly resource: ObjectReference;
  /** Picks the items that are listed, not the series. */
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly items: readonly TrafficMetrics[];
}
