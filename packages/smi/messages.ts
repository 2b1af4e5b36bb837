import type { Namespace, ObjectReference, Pod, Stored } from '@slipway/kube';
import type { TrafficMetrics } from './types/index.ts';

/** No content. */
export type Empty = Readonly<Record<never, never>>;

export interface InjectRequest {
  /** As it was sent, defaults filled in; it may have a `generateName` only. */
  readonly pod: Pod;
  /** The namespace that the pod will be in. */
  readonly namespace: Stored<Namespace>;
}
export interface InjectResponse {
  /** The whole pod as it shall be stored. Left out: nothing to change. */
  readonly pod?: Pod;
  /** Why the pod stays as it is, for people. */
  readonly skipped?: string;
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
  /** In capitals. */
  readonly method: string;
  /** Begins with `/`; with a query, if there is one. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A Service and one of its ports. */
export interface ServicePortRef {
  readonly namespace: string;
  /** Name of the Service. */
  readonly service: string;
  /** The Service's port, not the container's. */
  readonly port: number;
}

export interface RouteRequest {
  /** The sender. Left out: it comes from outside the cluster, or from a node. */
  readonly from?: Stored<Pod>;
  /** The Service that the sender named. */
  readonly to: ServicePortRef;
  readonly protocol: 'TCP' | 'UDP';
  /** Left out: the traffic is no HTTP, or nobody looks into it. */
  readonly http?: HttpAttributes;
}
export interface RouteResponse {
  /** Where it goes; the same Service when nothing splits it. The port is that of the request: each backend maps its own target port. */
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
  /** Left out: the traffic is no HTTP. */
  readonly http?: HttpAttributes;
}
export interface AuthoriseResponse {
  readonly allowed: boolean;
  /** Why, for people; never empty. */
  readonly reason: string;
  /** `namespace/name` of the TrafficTarget that allowed it. */
  readonly target?: string;
  /** Access control is on at the destination: what passes must have a target. Left out: it is off. */
  readonly enforced?: boolean;
}

export interface ObserveRequest {
  /** The sender. Left out: outside the cluster, or a node. */
  readonly source?: Stored<Pod>;
  /** Left out: no pod was reached. */
  readonly destination?: Stored<Pod>;
  /** The Service that the request went to in the end. */
  readonly to: ServicePortRef;
  /** The Service that was asked for, if a split sent the request elsewhere. */
  readonly apex?: string;
  readonly success: boolean;
  /** Virtual microseconds, at least 0. */
  readonly latency: number;
}

export interface MetricsRequest {
  /** Kind and namespace; with a name, one resource. A namespace or a node is named by `name`. Without a namespace: all of the kind. */
  readonly resource: ObjectReference;
  /** True: the resource's peers, one entry each; needs a name. */
  readonly edges?: boolean;
}
export interface MetricsResponse {
  /** In the order of namespace and name. Resources without traffic in the window are left out. */
  readonly items: readonly TrafficMetrics[];
}
