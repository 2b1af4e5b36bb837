import type { KubeObject } from '@slipway/kube';

/** Who is meant, by account. */
export interface IdentityReference {
  /** `ServiceAccount`; since v1alpha4 also `IdentityBinding`. */
  readonly kind: string;
  readonly name: string;
  /** Left out: the target's own. */
  readonly namespace?: string;
}

/** What traffic is meant. */
export interface TrafficTargetRule {
  readonly kind: 'HTTPRouteGroup' | 'TCPRoute' | 'UDPRoute';
  /** In the target's own namespace. */
  readonly name: string;
  /** Names of matches of an HTTPRouteGroup; left out or empty: all of them. */
  readonly matches?: readonly string[];
}

/** SMI access v1alpha3, "TrafficTarget": lets the sources reach the destination with what a rule describes. */
export interface TrafficTarget extends KubeObject {
  readonly kind: 'TrafficTarget';
  readonly spec: {
    readonly destination: IdentityReference;
    readonly rules?: readonly TrafficTargetRule[];
    readonly sources?: readonly IdentityReference[];
  };
}

/** SMI access v1alpha2: the port stands in the destination. No version later than this has it. */
export interface TrafficTargetV1alpha2 extends KubeObject {
  readonly apiVersion: 'access.smi-spec.io/v1alpha2';
  readonly kind: 'TrafficTarget';
  readonly spec: {
    readonly destination: IdentityReference & { readonly port?: number };
    readonly rules?: readonly TrafficTargetRule[];
    readonly sources?: readonly IdentityReference[];
  };
}

/** SMI access v1alpha1: no `spec`, and rules are called specs. */
export interface TrafficTargetV1alpha1 extends KubeObject {
  readonly apiVersion: 'access.smi-spec.io/v1alpha1';
  readonly kind: 'TrafficTarget';
  readonly destination: IdentityReference & { readonly port: number };
  readonly specs?: readonly TrafficTargetRule[];
  readonly sources?: readonly IdentityReference[];
}
