import type { IntOrString, KubeObject } from '@slipway/kube';

/** A Service that gets a share. */
export interface TrafficSplitBackend {
  /** Name of a Service in the split's namespace. It may be named before it exists. */
  readonly service: string;
  /** Whole number of at least 0: the share is this over the sum of all. v1alpha1 has quantities (`500m`), which conversion leaves as they are. */
  readonly weight: IntOrString;
}

/** Which requests are split; the others go to the root service. Since v1alpha3. */
export interface TrafficSplitMatch {
  readonly kind: 'HTTPRouteGroup';
  readonly name: string;
}

/** SMI split, "TrafficSplit": sends requests for one Service to others, by weight. v1alpha1 to v1alpha4 differ in weights and matches only. */
export interface TrafficSplit extends KubeObject {
  readonly kind: 'TrafficSplit';
  readonly spec: {
    /** Root (apex) service: the name that clients use. */
    readonly service: string;
    readonly backends: readonly TrafficSplitBackend[];
    readonly matches?: readonly TrafficSplitMatch[];
  };
}
