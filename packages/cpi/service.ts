import { minutes, service } from '@slipway/kernel';
import type * as c from './contract.ts';

const options = { interface: 'cpi', deadline: minutes(1) };

export const cloudProvider = service<c.CloudProvider>('cpi.CloudProvider', options, {
  initialize: { optional: true },
  providerName: {},
  hasClusterId: {},
});
export const informerUser = service<c.InformerUser>('cpi.InformerUser', options, { setInformers: {} });
export const loadBalancer = service<c.LoadBalancer>('cpi.LoadBalancer', options, {
  getLoadBalancer: {},
  getLoadBalancerName: {},
  ensureLoadBalancer: {},
  updateLoadBalancer: {},
  ensureLoadBalancerDeleted: {},
});
export const instances = service<c.Instances>('cpi.Instances', options, {
  nodeAddresses: {},
  nodeAddressesByProviderId: {},
  instanceId: {},
  instanceType: {},
  instanceTypeByProviderId: {},
  addSshKeyToAllInstances: {},
  currentNodeName: {},
  instanceExistsByProviderId: {},
  instanceShutdownByProviderId: {},
});
export const instancesV2 = service<c.InstancesV2>('cpi.InstancesV2', options, {
  instanceExists: {},
  instanceShutdown: {},
  instanceMetadata: {},
});
export const zones = service<c.Zones>('cpi.Zones', options, { getZone: {}, getZoneByProviderId: {}, getZoneByNodeName: {} });
export const clusters = service<c.Clusters>('cpi.Clusters', options, { listClusters: {}, master: {} });
export const routes = service<c.Routes>('cpi.Routes', options, { listRoutes: {}, createRoute: {}, deleteRoute: {} });
export const pvLabeler = service<c.PvLabeler>('cpi.PVLabeler', options, { getLabelsForVolume: {} });
