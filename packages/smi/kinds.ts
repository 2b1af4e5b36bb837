import type { KubeObject } from '@slipway/kube';
import type { HTTPRouteGroup, IdentityBinding, TCPRoute, TrafficSplit, TrafficTarget, UDPRoute } from './types/index.ts';

/** The kinds that are stored, by name. Metrics are served by an aggregated API and stored nowhere. */
export interface SmiObjects {
  readonly TrafficSplit: TrafficSplit;
  readonly TrafficTarget: TrafficTarget;
  readonly HTTPRouteGroup: HTTPRouteGroup;
  readonly TCPRoute: TCPRoute;
  readonly UDPRoute: UDPRoute;
  readonly IdentityBinding: IdentityBinding;
}

/** Any object of SMI that is stored. */
export type SmiObject = SmiObjects[keyof SmiObjects];

/** One kind of SMI. */
export interface SmiKind {
  readonly group: string;
  readonly kind: string;
  /** Newest first. */
  readonly versions: readonly string[];
  /** Missing for what has no endpoint of its own. */
  readonly plural?: string;
  readonly shortNames: readonly string[];
  /** `resource`: a CustomResourceDefinition; `aggregated`: an APIService of the mesh. */
  readonly served: 'resource' | 'aggregated';
}

export const ACCESS_GROUP = 'access.smi-spec.io';
export const SPECS_GROUP = 'specs.smi-spec.io';
export const SPLIT_GROUP = 'split.smi-spec.io';
export const METRICS_GROUP = 'metrics.smi-spec.io';

const specVersions = ['v1alpha4', 'v1alpha3', 'v1alpha2', 'v1alpha1'];

/** SMI 0.6.0. v1alpha4 of the access group is a working draft. */
export const smiKinds: readonly SmiKind[] = [
  {
    group: ACCESS_GROUP,
    kind: 'TrafficTarget',
    versions: ['v1alpha4', 'v1alpha3', 'v1alpha2', 'v1alpha1'],
    plural: 'traffictargets',
    shortNames: ['tt'],
    served: 'resource',
  },
  { group: ACCESS_GROUP, kind: 'IdentityBinding', versions: ['v1alpha4'], plural: 'identitybindings', shortNames: [], served: 'resource' },
  {
    group: SPECS_GROUP,
    kind: 'HTTPRouteGroup',
    versions: specVersions,
    plural: 'httproutegroups',
    shortNames: ['htr'],
    served: 'resource',
  },
  { group: SPECS_GROUP, kind: 'TCPRoute', versions: specVersions, plural: 'tcproutes', shortNames: ['tr'], served: 'resource' },
  { group: SPECS_GROUP, kind: 'UDPRoute', versions: ['v1alpha4'], plural: 'udproutes', shortNames: ['ur'], served: 'resource' },
  { group: SPLIT_GROUP, kind: 'TrafficSplit', versions: specVersions, plural: 'trafficsplits', shortNames: ['ts'], served: 'resource' },
  { group: METRICS_GROUP, kind: 'TrafficMetrics', versions: ['v1alpha1'], shortNames: [], served: 'aggregated' },
  { group: METRICS_GROUP, kind: 'TrafficMetricsList', versions: ['v1alpha1'], shortNames: [], served: 'aggregated' },
];

/** The resources that metrics are kept of. SMI metrics, "Kubernetes API". */
export const METRICS_RESOURCES: readonly string[] = [
  'namespaces',
  'nodes',
  'pods',
  'replicationcontrollers',
  'services',
  'daemonsets',
  'deployments',
  'replicasets',
  'statefulsets',
  'jobs',
  'trafficsplits',
];

/** Which stored kind of SMI an object is, in whatever version. */
export function smiKindOf({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): keyof SmiObjects | undefined {
  const [group] = apiVersion.split('/');
  const known = smiKinds.find((each) => each.served === 'resource' && each.group === group && each.kind === kind);
  return known?.kind as keyof SmiObjects | undefined;
}
