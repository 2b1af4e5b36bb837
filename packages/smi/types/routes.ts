import type { KubeObject } from '@slipway/kube';

/** What `methods` may list. */
export type HttpMethod = '*' | 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'CONNECT' | 'OPTIONS' | 'TRACE' | 'PATCH';

/** Regular expressions by header name. */
export type HeaderMap = Readonly<Record<string, string>>;

/** Requests of one kind: path, methods and headers must all fit. */
export interface HttpMatch {
  /** Key within the group. */
  readonly name: string;
  /** Regular expression, anchored at the start of the path. Left out: any path. */
  readonly pathRegex?: string;
  /** Left out or empty: any. */
  readonly methods?: readonly HttpMethod[];
  /** A map as the spec has it, or a list of maps as the SDK's schema has it; all entries must fit. Since v1alpha2. */
  readonly headers?: HeaderMap | readonly HeaderMap[];
}

/** SMI specs v1alpha3 and v1alpha4, "HTTPRouteGroup". */
export interface HTTPRouteGroup extends KubeObject {
  readonly kind: 'HTTPRouteGroup';
  readonly spec: { readonly matches: readonly HttpMatch[] };
}

/** SMI specs v1alpha1 and v1alpha2: no `spec`; v1alpha1 knows no headers. */
export interface HTTPRouteGroupV1alpha2 extends KubeObject {
  readonly apiVersion: 'specs.smi-spec.io/v1alpha1' | 'specs.smi-spec.io/v1alpha2';
  readonly kind: 'HTTPRouteGroup';
  readonly matches: readonly HttpMatch[];
}

/** Ports; none: every port. */
export interface PortMatch {
  readonly ports?: readonly number[];
}

/** SMI specs v1alpha4, "TCPRoute". Earlier versions have no spec: every port. */
export interface TCPRoute extends KubeObject {
  readonly kind: 'TCPRoute';
  readonly spec?: { readonly matches?: PortMatch };
}

/** SMI specs v1alpha4, "UDPRoute". */
export interface UDPRoute extends KubeObject {
  readonly apiVersion: 'specs.smi-spec.io/v1alpha4';
  readonly kind: 'UDPRoute';
  readonly spec?: { readonly matches?: PortMatch };
}
