import { entries, type Guide } from './entry.ts';

const BALANCER = 'the Service gets the event SyncLoadBalancerFailed; the service controller tries again after 5 s, doubling to 300 s';
const NODE = 'the node keeps the taint node.cloudprovider.kubernetes.io/uninitialized, so that no pod comes to it; the call is repeated';
const LIFE = 'nothing is done to the node; the cloud node lifecycle controller asks again 5 s later';
const ROUTE = 'the node keeps NetworkUnavailable=True and its taint; the route controller looks again 10 s later';
const START = 'the cloud controller manager does not start';
const LEGACY = 'the caller tries again later; newer providers answer through InstancesV2';

const of = (name: string) => (method: string) => `cloud-provider, cloud.go, ${name}.${method}`;

/** The cloud provider interface (kubernetes/cloud-provider, cloud.go). It makes no machines: it tells the cluster of those that there are. */
export const cpiGuides: readonly ReadonlyMap<string, Guide>[] = [
  entries('cpi.CloudProvider', of('Interface'), {
    Initialize: ['the provider may start its own helpers', START],
    ProviderName: ['which cloud is this?', START],
    HasClusterId: ['does every resource carry the name of this cluster?', 'the manager warns: resources of two clusters could be mixed up'],
  }),
  entries('cpi.InformerUser', of('InformerUser'), { SetInformers: ['the provider may watch the cluster too', START] }),
  entries('cpi.LoadBalancer', of('LoadBalancer'), {
    GetLoadBalancer: ['is there a balancer for this Service?', BALANCER],
    GetLoadBalancerName: ['what is the balancer of this Service called?', BALANCER],
    EnsureLoadBalancer: ['the Service asks for a balancer: the cloud provider sees to it', BALANCER],
    UpdateLoadBalancer: [
      'the nodes of the cluster have changed: the balancer must know them',
      'the balancer goes on sending to the old nodes (event UpdateLoadBalancerFailed); it is tried again after 5 s, doubling to 300 s',
    ],
    EnsureLoadBalancerDeleted: [
      'the Service is to go, or wants no balancer any more',
      'the Service keeps its finalizer and cannot vanish; it is tried again after 5 s, doubling to 300 s',
    ],
  }),
  entries('cpi.Instances', of('Instances'), {
    NodeAddresses: ['under which addresses is the machine reached?', LEGACY],
    NodeAddressesByProviderId: ['under which addresses is the machine reached?', LEGACY],
    InstanceId: ['what does the cloud call this machine?', LEGACY],
    InstanceType: ['how large is the machine?', LEGACY],
    InstanceTypeByProviderId: ['how large is the machine?', LEGACY],
    AddSshKeyToAllInstances: ['an old helper for tests', LEGACY],
    CurrentNodeName: ['which node am I on?', LEGACY],
    InstanceExistsByProviderId: ['is the machine still there?', LEGACY],
    InstanceShutdownByProviderId: ['is the machine switched off?', LEGACY],
  }),
  entries('cpi.InstancesV2', of('InstancesV2'), {
    InstanceExists: ['the node is silent: is its machine still there? If not, the Node object goes', LIFE],
    InstanceShutdown: ['the machine is there: is it switched off? Then the node is tainted', LIFE],
    InstanceMetadata: ['a new node: which machine is it, how large, in which zone, at which addresses?', NODE],
  }),
  entries('cpi.Zones', of('Zones'), {
    GetZone: ['in which zone am I?', LEGACY],
    GetZoneByProviderId: ['in which zone is the machine?', LEGACY],
    GetZoneByNodeName: ['in which zone is the node?', LEGACY],
  }),
  entries('cpi.Clusters', of('Clusters'), {
    ListClusters: ['which clusters does the cloud know?', LEGACY],
    Master: ['where is the control plane?', LEGACY],
  }),
  entries('cpi.Routes', of('Routes'), {
    ListRoutes: ['which ways between nodes does the cloud know?', ROUTE],
    CreateRoute: ['the pod addresses of a node shall be found: a route to its machine', ROUTE],
    DeleteRoute: ['the node is gone: its route goes', 'the stale route stays; the route controller looks again 10 s later'],
  }),
  entries('cpi.PVLabeler', of('PVLabeler'), {
    GetLabelsForVolume: ['in which zone is this old-style volume?', 'the volume carries no zone labels'],
  }),
];
