import type { Namespace, ObjectReference, Pod, Stored } from '@slipway/kube';

/** No content. */
export type Empty = Readonly<Record<never, never>>;

export interface InjectRequest {
  /** As it was sent; it may have a `generateName` only. */
  readonly pod: Pod;
  readonly namespace: Stored<Namespace>;
}
export interface InjectResponse {
  /** Left out: nothing to change. */
  readonly pod?: Pod;
}

/** Who a workload is. */
export interface Identity {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** As the mesh writes it, such as `default.emojivoto.serviceaccount.identity.linkerd.cluster.local`. */
  readonly name: string;
}
export interface IdentityRequest {
  readonly pod: Stored<Pod>;
}
export interface IdentityResponse {
  /** Left out: the pod is not in the mesh, or its proxy is not up. */
  readonly identity?: Identity;
}

/** The layer-7 part of a request. */
export interface HttpAttributes {
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A Service and one of its ports. */
export interface ServicePortRef {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

export interface RouteRequest {
  /** The sender. Left out: it comes from outside the cluster, or from a node. */
  readonly from?: Stored<Pod>;
  readonly to: ServicePortRef;
  readonly protocol: 'TCP' | 'UDP';
  readonly http?: HttpAttributes;
}
export interface RouteResponse {
  /** Where it goes; the same Service when nothing splits it. */
  readonly to: ServicePortRef;
  /** `namespace/name` of the TrafficSplit that decided. */
  readonly split?: string;
}

export interface AuthoriseRequest {
  /** Left out: the sender has no identity. */
  readonly source?: Identity;
  readonly destination: Stored<Pod>;
  /** Port of the container. */
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly http?: HttpAttributes;
}
export interface AuthoriseResponse {
  readonly allowed: boolean;
  /** Why, for people. */
  readonly reason: string;
  /** `namespace/name` of the TrafficTarget that allowed it. */
  readonly target?: string;
}

export interface ObserveRequest {
  readonly source?: Stored<Pod>;
  readonly destination?: Stored<Pod>;
  readonly to: ServicePortRef;
  /** The Service that was asked for, if a split sent the request elsewhere. */
  readonly apex?: string;
  readonly success: boolean;
  /** Virtual microseconds. */
  readonly latency: number;
}

export interface MetricsRequest {
  /** Kind and namespace; with a name, one resource. */
  readonly resource: ObjectReference;
  /** True: the resource's peers, one entry each. */
  readonly edges?: boolean;
}

/** One series. */
export interface Metric {
  readonly name: 'p99_response_latency' | 'p90_response_latency' | 'p50_response_latency' | 'success_count' | 'failure_count';
  readonly unit?: string;
  /** A quantity. */
  readonly value: string;
}

/** SMI metrics v1alpha1, TrafficMetrics. */
export interface TrafficMetrics {
  readonly apiVersion: 'metrics.smi-spec.io/v1alpha1';
  readonly kind: 'TrafficMetrics';
  readonly resource: ObjectReference;
  readonly edge?: { readonly direction: 'to' | 'from'; readonly side: 'client' | 'server'; readonly resource?: ObjectReference };
  readonly backend?: { readonly apex: string; readonly name: string; readonly weight: number };
  readonly timestamp: string;
  /** `30s`. */
  readonly window: string;
  readonly metrics: readonly Metric[];
}
export interface MetricsResponse {
  readonly items: readonly TrafficMetrics[];
}
