import { minutes, service } from '@slipway/kernel';
import type * as c from './contract.ts';
import { allowedCodes, rules } from './rules.ts';
import type * as m from './messages.ts';

// The links' half of the contract. Upstream the provider is code within the controller manager and its methods know no deadline; each of
// its own calls to a cloud has one.

const options = { interface: 'cpi', deadline: minutes(1) };
/** For what makes several calls to the cloud: it ends by itself well before. */
const LONG = minutes(5);

const keyOf = ({ service: { metadata } }: m.ServiceRequest): string => `${metadata.namespace ?? 'default'}/${metadata.name}`;
const nodeOf = ({ node }: m.NodeRequest): string => node.metadata.name;
const byName = ({ nodeName }: m.NodeNameRequest): string => nodeName;
const byId = ({ providerId }: m.ProviderIdRequest): string => providerId;
const addressesOf = (_request: unknown, answer: m.NodeAddressesResponse | undefined): readonly string[] =>
  (answer?.addresses ?? []).map(({ type, address }) => `${type}=${address}`);
const ingressOf = (status: m.LoadBalancerStatusResponse['status']): readonly string[] =>
  (status?.ingress ?? []).map(({ ip, hostname }) => hostname ?? ip ?? '');
const routeOf = ({ route }: { readonly route: m.Route }): readonly string[] => [route.destinationCidr, route.targetNode];
const zoneOf = (_request: unknown, answer: m.ZoneResponse | undefined): readonly string[] =>
  answer ? [answer.zone.failureDomain, answer.zone.region] : [];

/** `Interface` of cloud.go. */
export const cloudProvider = service<c.CloudProvider>('cpi.CloudProvider', options, {
  initialize: {
    optional: true,
    guard: { codes: allowedCodes.plain },
    summary: ({ clientName }) => [clientName],
    source: 'cloud.go, Interface.Initialize',
  },
  providerName: {
    guard: { rules: rules.providerName, codes: allowedCodes.plain },
    summary: (_request, answer) => (answer ? [answer.providerName] : []),
    source: 'cloud.go, Interface.ProviderName',
  },
  hasClusterId: {
    guard: { codes: allowedCodes.plain },
    summary: (_request, answer) => (answer ? [answer.hasClusterId] : []),
    source: 'cloud.go, Interface.HasClusterID',
  },
});

export const informerUser = service<c.InformerUser>('cpi.InformerUser', options, {
  setInformers: { guard: { codes: allowedCodes.plain }, source: 'cloud.go, InformerUser.SetInformers' },
});

export const loadBalancer = service<c.LoadBalancer>('cpi.LoadBalancer', options, {
  getLoadBalancer: {
    guard: { rules: rules.getLoadBalancer, codes: allowedCodes.plain },
    summary: (_request, answer) => (answer ? [answer.exists, ...ingressOf(answer.status)] : []),
    subject: keyOf,
    source: 'cloud.go, LoadBalancer.GetLoadBalancer',
  },
  getLoadBalancerName: {
    guard: { rules: rules.loadBalancerName, codes: allowedCodes.plain },
    summary: (_request, answer) => (answer ? [answer.name] : []),
    subject: keyOf,
    source: 'cloud.go, LoadBalancer.GetLoadBalancerName',
  },
  ensureLoadBalancer: {
    guard: { rules: rules.ensureLoadBalancer, codes: allowedCodes.ensure },
    deadline: LONG,
    summary: ({ nodes }, answer) => (answer ? ingressOf(answer.status) : [nodes.length]),
    subject: keyOf,
    source: 'cloud.go, LoadBalancer.EnsureLoadBalancer',
  },
  updateLoadBalancer: {
    guard: { rules: rules.service, codes: allowedCodes.update },
    deadline: LONG,
    summary: ({ nodes }) => [nodes.length],
    subject: keyOf,
    source: 'cloud.go, LoadBalancer.UpdateLoadBalancer',
  },
  ensureLoadBalancerDeleted: {
    // ImplementedElsewhere is forbidden here: who did not make it has nothing to delete, which is success.
    guard: { rules: rules.service, codes: allowedCodes.plain },
    deadline: LONG,
    subject: keyOf,
    source: 'cloud.go, LoadBalancer.EnsureLoadBalancerDeleted',
  },
});

export const instances = service<c.Instances>('cpi.Instances', options, {
  nodeAddresses: {
    guard: { rules: rules.nodeAddressesByName, codes: allowedCodes.instance },
    summary: addressesOf,
    subject: byName,
    source: 'cloud.go, Instances.NodeAddresses',
  },
  nodeAddressesByProviderId: {
    guard: { rules: rules.nodeAddresses, codes: allowedCodes.instance },
    summary: addressesOf,
    subject: byId,
    source: 'cloud.go, Instances.NodeAddressesByProviderID',
  },
  instanceId: {
    guard: { rules: rules.nodeName, codes: allowedCodes.instance },
    summary: (_request, answer) => (answer ? [answer.instanceId] : []),
    subject: byName,
    source: 'cloud.go, Instances.InstanceID',
  },
  instanceType: {
    guard: { rules: rules.nodeName, codes: allowedCodes.instance },
    summary: (_request, answer) => (answer ? [answer.instanceType] : []),
    subject: byName,
    source: 'cloud.go, Instances.InstanceType',
  },
  instanceTypeByProviderId: {
    guard: { codes: allowedCodes.instance },
    summary: (_request, answer) => (answer ? [answer.instanceType] : []),
    subject: byId,
    source: 'cloud.go, Instances.InstanceTypeByProviderID',
  },
  addSshKeyToAllInstances: {
    guard: { codes: allowedCodes.instance },
    summary: ({ user }) => [user],
    source: 'cloud.go, Instances.AddSSHKeyToAllInstances',
  },
  currentNodeName: {
    guard: { codes: allowedCodes.instance },
    summary: ({ hostname }) => [hostname],
    source: 'cloud.go, Instances.CurrentNodeName',
  },
  instanceExistsByProviderId: {
    guard: { rules: rules.exists, codes: allowedCodes.instance },
    summary: (_request, answer) => (answer ? [answer.exists] : []),
    subject: byId,
    source: 'cloud.go, Instances.InstanceExistsByProviderID',
  },
  instanceShutdownByProviderId: {
    guard: { rules: rules.shutdown, codes: allowedCodes.instance },
    summary: (_request, answer) => (answer ? [answer.shutdown] : []),
    subject: byId,
    // Asked every 5 s of each node that is not ready, as `ListRoutes` is every 10 s.
    heartbeat: true,
    source: 'cloud.go, Instances.InstanceShutdownByProviderID',
  },
});

export const instancesV2 = service<c.InstancesV2>('cpi.InstancesV2', options, {
  instanceExists: {
    guard: { rules: rules.nodeExists, codes: allowedCodes.instance },
    summary: (_request, answer) => (answer ? [answer.exists] : []),
    subject: nodeOf,
    // No heartbeat: only nodes that are not ready are asked about, and a node's life hangs on the answer.
    source: 'cloud.go, InstancesV2.InstanceExists',
  },
  instanceShutdown: {
    guard: { rules: rules.nodeShutdown, codes: allowedCodes.instance },
    summary: (_request, answer) => (answer ? [answer.shutdown] : []),
    subject: nodeOf,
    heartbeat: true,
    source: 'cloud.go, InstancesV2.InstanceShutdown',
  },
  instanceMetadata: {
    guard: { rules: rules.metadata, codes: allowedCodes.instance },
    summary: (_request, answer) => (answer?.metadata ? [answer.metadata.providerId, answer.metadata.zone] : []),
    subject: nodeOf,
    source: 'cloud.go, InstancesV2.InstanceMetadata',
  },
});

export const zones = service<c.Zones>('cpi.Zones', options, {
  getZone: { guard: { codes: allowedCodes.instance }, summary: zoneOf, source: 'cloud.go, Zones.GetZone' },
  getZoneByProviderId: {
    guard: { codes: allowedCodes.instance },
    summary: zoneOf,
    subject: byId,
    source: 'cloud.go, Zones.GetZoneByProviderID',
  },
  getZoneByNodeName: {
    guard: { rules: rules.nodeName, codes: allowedCodes.instance },
    summary: zoneOf,
    subject: byName,
    source: 'cloud.go, Zones.GetZoneByNodeName',
  },
});

export const clusters = service<c.Clusters>('cpi.Clusters', options, {
  listClusters: {
    guard: { codes: allowedCodes.plain },
    summary: (_request, answer) => answer?.clusters ?? [],
    source: 'cloud.go, Clusters.ListClusters',
  },
  master: {
    guard: { rules: rules.cluster, codes: allowedCodes.plain },
    summary: (_request, answer) => (answer ? [answer.master] : []),
    source: 'cloud.go, Clusters.Master',
  },
});

export const routes = service<c.Routes>('cpi.Routes', options, {
  listRoutes: {
    guard: { rules: rules.listRoutes, codes: allowedCodes.plain },
    summary: (_request, answer) => (answer ? [answer.routes.length] : []),
    heartbeat: true,
    source: 'cloud.go, Routes.ListRoutes',
  },
  createRoute: {
    guard: { rules: rules.createRoute, codes: allowedCodes.instance },
    deadline: LONG,
    summary: routeOf,
    subject: ({ route }) => route.targetNode,
    source: 'cloud.go, Routes.CreateRoute',
  },
  deleteRoute: {
    guard: { rules: rules.cluster, codes: allowedCodes.plain },
    deadline: LONG,
    summary: routeOf,
    subject: ({ route }) => route.targetNode,
    source: 'cloud.go, Routes.DeleteRoute',
  },
});

export const pvLabeler = service<c.PvLabeler>('cpi.PVLabeler', options, {
  getLabelsForVolume: {
    guard: { codes: allowedCodes.instance },
    summary: ({ volume }) => [volume.metadata.name],
    source: 'cloud.go, PVLabeler.GetLabelsForVolume',
  },
});
