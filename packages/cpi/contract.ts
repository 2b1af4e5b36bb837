import type { Implementation, Token } from '@slipway/kernel';
import { token } from '@slipway/kernel';
import type * as m from './messages.ts';

// The cloud provider interface of Kubernetes 1.36: kubernetes/cloud-provider v0.36.2, cloud.go. Nine Go interfaces; positional arguments
// and results are one object each here, and the getters of `Interface` are optional members of what a provider's `create` returns.

/** The provider itself: `Interface` of cloud.go, without the getters. */
export interface CloudProvider {
  /** Once at start; may begin loops of its own. Go: Initialize. */
  initialize?(request: m.InitializeRequest): m.Empty;
  /** First part of provider ids: `aws`. Go: ProviderName. */
  providerName(request: m.Empty): m.ProviderNameResponse;
  /** Whether the provider has been told which cluster it serves. Go: HasClusterID. */
  hasClusterId(request: m.Empty): m.HasClusterIdResponse;
}

/** Go: InformerUser. */
export interface InformerUser {
  /** The shared caches of the controllers, before they start. Go: SetInformers. */
  setInformers(request: m.SetInformersRequest): m.Empty;
}

/** Balancers for Services of type LoadBalancer. The service controller calls it. Go: LoadBalancer. */
export interface LoadBalancer {
  /** Whether a balancer is there for the Service, and what it has. Go: GetLoadBalancer. */
  getLoadBalancer(request: m.ServiceRequest): m.GetLoadBalancerResponse;
  /** Go: GetLoadBalancerName. */
  getLoadBalancerName(request: m.ServiceRequest): m.LoadBalancerNameResponse;
  /** Makes or changes; safe to repeat. @throws CpiError RetryError, ImplementedElsewhere. Go: EnsureLoadBalancer. */
  ensureLoadBalancer(request: m.ServiceNodesRequest): m.LoadBalancerStatusResponse;
  /** Only the set of nodes changed. @throws CpiError ImplementedElsewhere. Go: UpdateLoadBalancer. */
  updateLoadBalancer(request: m.ServiceNodesRequest): m.Empty;
  /** Safe to repeat: nothing to delete is success. Go: EnsureLoadBalancerDeleted. */
  ensureLoadBalancerDeleted(request: m.ServiceRequest): m.Empty;
}

/** Machines by node name or provider id. Superseded by `InstancesV2`. Go: Instances. */
export interface Instances {
  /** Go: NodeAddresses. */
  nodeAddresses(request: m.NodeNameRequest): m.NodeAddressesResponse;
  /** Go: NodeAddressesByProviderID. */
  nodeAddressesByProviderId(request: m.ProviderIdRequest): m.NodeAddressesResponse;
  /** @throws CpiError InstanceNotFound. Go: InstanceID. */
  instanceId(request: m.NodeNameRequest): m.InstanceIdResponse;
  /** Go: InstanceType. */
  instanceType(request: m.NodeNameRequest): m.InstanceTypeResponse;
  /** Go: InstanceTypeByProviderID. */
  instanceTypeByProviderId(request: m.ProviderIdRequest): m.InstanceTypeResponse;
  /** Go: AddSSHKeyToAllInstances. */
  addSshKeyToAllInstances(request: m.AddSshKeyRequest): m.Empty;
  /** Go: CurrentNodeName. */
  currentNodeName(request: m.HostnameRequest): m.NodeNameResponse;
  /** False, without an error, is definite: the node is deleted. True for machines that are off. Go: InstanceExistsByProviderID. */
  instanceExistsByProviderId(request: m.ProviderIdRequest): m.ExistsResponse;
  /** @throws CpiError NotImplemented, which counts as false. Go: InstanceShutdownByProviderID. */
  instanceShutdownByProviderId(request: m.ProviderIdRequest): m.ShutdownResponse;
}

/** Machines by node. Preferred to `Instances`, and switches `Zones` off. Go: InstancesV2. */
export interface InstancesV2 {
  /** False, without an error, is definite: the node is deleted. Go: InstanceExists. */
  instanceExists(request: m.NodeRequest): m.ExistsResponse;
  /** Go: InstanceShutdown. */
  instanceShutdown(request: m.NodeRequest): m.ShutdownResponse;
  /** By `spec.providerID` first, else by name. Without metadata in the answer the node is left alone. Go: InstanceMetadata. */
  instanceMetadata(request: m.NodeRequest): m.InstanceMetadataResponse;
}

/** Zones by machine; only asked without `InstancesV2`. Deprecated upstream. Go: Zones. */
export interface Zones {
  /** Where the caller itself runs. Go: GetZone. */
  getZone(request: m.Empty): m.ZoneResponse;
  /** Go: GetZoneByProviderID. */
  getZoneByProviderId(request: m.ProviderIdRequest): m.ZoneResponse;
  /** Go: GetZoneByNodeName. */
  getZoneByNodeName(request: m.NodeNameRequest): m.ZoneResponse;
}

/** Clusters that the cloud itself runs. Go: Clusters. */
export interface Clusters {
  /** Go: ListClusters. */
  listClusters(request: m.Empty): m.ListClustersResponse;
  /** Go: Master. */
  master(request: m.ClusterRequest): m.MasterResponse;
}

/** Routes for the nodes' pod ranges. The route controller calls it. Go: Routes. */
export interface Routes {
  /** All routes of the cluster. Go: ListRoutes. */
  listRoutes(request: m.ClusterRequest): m.ListRoutesResponse;
  /** `route.name` is the provider's to choose; `nameHint` is the node's uid. Go: CreateRoute. */
  createRoute(request: m.CreateRouteRequest): m.Empty;
  /** A route as it was listed. Go: DeleteRoute. */
  deleteRoute(request: m.DeleteRouteRequest): m.Empty;
}

/** Labels for volumes that were made by hand. Deprecated upstream. Go: PVLabeler. */
export interface PvLabeler {
  /** Go: GetLabelsForVolume. */
  getLabelsForVolume(request: m.VolumeRequest): m.LabelsResponse;
}

/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const CLOUD_PROVIDER: Token<Implementation<CloudProvider>> = token('@slipway/cpi/CloudProvider');
