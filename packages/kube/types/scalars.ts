// Scalars and small vocabularies that many kinds share. Source: apimachinery `apis/meta/v1`, `api/resource`, `util/intstr`; `core/v1`.

/** RFC 3339 in whole seconds, UTC: `2024-01-01T00:00:00Z`. */
export type Time = string;
/** RFC 3339 with microseconds, UTC: `2024-01-01T00:00:00.000000Z`. */
export type MicroTime = string;
/** An exact number with a suffix: `500m`, `2Gi`. See `quantity.ts`. */
export type Quantity = string;
/** A number, or a percentage or a name as text. See `int-or-string.ts`. */
export type IntOrString = number | string;
/** Any JSON value, deeply readonly. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };
/** Amounts by resource name: `cpu`, `memory`, `ephemeral-storage`, `pods`, `hugepages-2Mi`, `example.com/gpu`. */
export interface ResourceList {
  readonly [resource: string]: Quantity;
}
/** A known source that Slipway stores but does not act on. */
export interface UnsimulatedSource {
  readonly [field: string]: JsonValue;
}
/** Keeps editors' completion for the known names and yet allows any other. */
type Open<Known extends string> = Known | (string & {});

export type ConditionStatus = 'True' | 'False' | 'Unknown';
export type Protocol = 'TCP' | 'UDP' | 'SCTP';
export type RestartPolicy = 'Always' | 'OnFailure' | 'Never';
export type PullPolicy = 'Always' | 'Never' | 'IfNotPresent';
export type TaintEffect = 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
export type PodQOSClass = 'Guaranteed' | 'Burstable' | 'BestEffort';
export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
export type IPFamily = 'IPv4' | 'IPv6';
export type AccessMode = 'ReadWriteOnce' | 'ReadOnlyMany' | 'ReadWriteMany' | 'ReadWriteOncePod';
/** Readiness gates may name any other. */
export type PodConditionType = Open<
  'PodScheduled' | 'PodReadyToStartContainers' | 'Initialized' | 'ContainersReady' | 'Ready' | 'DisruptionTarget'
>;
export type NodeConditionType = Open<'Ready' | 'MemoryPressure' | 'DiskPressure' | 'PIDPressure' | 'NetworkUnavailable'>;
export type NodeAddressType = Open<'InternalIP' | 'ExternalIP' | 'Hostname' | 'InternalDNS' | 'ExternalDNS'>;
