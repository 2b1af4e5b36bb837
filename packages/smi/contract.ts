import type { Implementation, Token } from '@slipway/kernel';
import { token } from '@slipway/kernel';
import type * as m from './messages.ts';

/**
 * What a mesh does for a cluster. SMI itself is an API of resources with no call; this contract is what stands behind them: the injector
 * that admission asks, and the proxies that carry each request. One object per cluster; a mesh reads its resources through its own
 * client and caches, so that what it answers may lag behind what was written, as proxies do. SMI names no errors: a mesh refuses with
 * a value, and an error of any method is an accident (`inject`: the pod is refused with its message).
 */
export interface Mesh {
  /**
   * At the admission of a pod: the pod as it shall be stored, with its proxy, or no pod at all when it stays as it is. It adds, and
   * changes nothing that the user wrote; a pod that has its proxy already stays as it is.
   *
   * @throws any error: the pod is refused. Kubernetes, "Dynamic Admission Control".
   */
  inject(request: m.InjectRequest): m.InjectResponse;
  /** Who a pod is to its peers: its service account, if it is part of the mesh. SMI access: "TrafficTarget". */
  identity(request: m.IdentityRequest): m.IdentityResponse;
  /**
   * At the sender: which Service a request goes to in the end. A sender outside the mesh uses the plain Service. Each call counts as one
   * request: weights are shares of a client's requests. SMI split: "Specification".
   */
  route(request: m.RouteRequest): m.RouteResponse;
  /** At the receiver: whether the request passes. Policy allows and never denies; what nothing allows is denied. SMI access: "Specification". */
  authorise(request: m.AuthoriseRequest): m.AuthoriseResponse;
  /** After the request: what became of it. SMI metrics are made of these. */
  observe(request: m.ObserveRequest): m.Empty;
  /** `TrafficMetrics` of one resource, of all of a kind, or of one resource's edges; left out: the mesh keeps none. SMI metrics: "TrafficMetrics". */
  metrics?(request: m.MetricsRequest): m.MetricsResponse;
}

/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const MESH: Token<Implementation<Mesh>> = token('@slipway/smi/Mesh');
