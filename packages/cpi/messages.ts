import type { SharedInformers } from '@slipway/client';
import type { LoadBalancerStatus, Node, NodeAddress, PersistentVolume, Service, Stored } from '@slipway/kube';

/** No content. */
export type Empty = Readonly<Record<never, never>>;

export interface InitializeRequest {
  /** Name that the provider's own loops go by. */
  readonly clientName: string;
}
export interface ProviderNameResponse {
  readonly providerName: string;
}
export interface HasClusterIdResponse {
  readonly hasClusterId: boolean;
}
export interface SetInformersRequest {
  readonly informers: SharedInformers;
}

export interface ServiceRequest {
  /** `kubernetes` unless set. */
  readonly clusterName: string;
  /** Read only. */
  readonly service: Stored<Service>;
}
export interface ServiceNodesRequest extends ServiceRequest {
  /** By name. */
  readonly nodes: readonly Stored<Node>[];
}
export interface GetLoadBalancerResponse {
  readonly exists: boolean;
  readonly status?: LoadBalancerStatus;
}
export interface LoadBalancerNameResponse {
  readonly name: string;
}
export interface LoadBalancerStatusResponse {
  /** A provider that leaves it out fails the sync. */
  readonly status?: LoadBalancerStatus;
}

export interface NodeRequest {
  readonly node: Stored<Node>;
}
export interface NodeNameRequest {
  readonly nodeName: string;
}
export interface ProviderIdRequest {
  /** `aws:///us-east-1a/i-0123456789abcdef0`. */
  readonly providerId: string;
}
export interface HostnameRequest {
  readonly hostname: string;
}
export interface AddSshKeyRequest {
  readonly user: string;
  readonly keyData: Uint8Array;
}
export interface NodeNameResponse {
  readonly nodeName: string;
}
export interface NodeAddressesResponse {
  readonly addresses: readonly NodeAddress[];
}
export interface InstanceIdResponse {
  readonly instanceId: string;
}
export interface InstanceTypeResponse {
  readonly instanceType: string;
}
export interface ExistsResponse {
  readonly exists: boolean;
}
export interface ShutdownResponse {
  readonly shutdown: boolean;
}

/** What the cloud knows of a node. Go: InstanceMetadata. */
export interface InstanceMetadata {
  /** May be empty only for a node that has one. */
  readonly providerId: string;
  readonly instanceType: string;
  readonly nodeAddresses: readonly NodeAddress[];
  readonly zone: string;
  readonly region: string;
  readonly additionalLabels?: Readonly<Record<string, string>>;
}
export interface InstanceMetadataResponse {
  /** Left out: nothing is known yet. */
  readonly metadata?: InstanceMetadata;
}

/** Go: Zone. */
export interface Zone {
  readonly failureDomain: string;
  readonly region: string;
}
export interface ZoneResponse {
  readonly zone: Zone;
}

export interface ClusterRequest {
  readonly clusterName: string;
}
export interface ListClustersResponse {
  readonly clusters: readonly string[];
}
export interface MasterResponse {
  readonly master: string;
}

/** Go: Route. */
export interface Route {
  /** The provider's. */
  readonly name: string;
  readonly targetNode: string;
  readonly enableNodeAddresses?: boolean;
  readonly targetNodeAddresses?: readonly NodeAddress[];
  readonly destinationCidr: string;
  /** The target is gone. */
  readonly blackhole?: boolean;
}
export interface ListRoutesResponse {
  readonly routes: readonly Route[];
}
export interface CreateRouteRequest extends ClusterRequest {
  readonly nameHint: string;
  readonly route: Route;
}
export interface DeleteRouteRequest extends ClusterRequest {
  readonly route: Route;
}

export interface VolumeRequest {
  readonly volume: Stored<PersistentVolume>;
}
export interface LabelsResponse {
  readonly labels: Readonly<Record<string, string>>;
}
