import { seconds, service } from '@slipway/kernel';
import type { CloudApi } from './contract.ts';

/** The link's half of the contract. */
export const cloudApi = service<CloudApi>(
  'cloud.CloudApi',
  { interface: 'cloud', deadline: seconds(60) },
  {
    describeZones: {},
    runInstance: {},
    describeInstances: {},
    stopInstance: {},
    startInstance: {},
    terminateInstance: {},
    createVolume: {},
    describeVolumes: {},
    deleteVolume: {},
    attachVolume: {},
    detachVolume: {},
    modifyVolume: {},
    createSnapshot: {},
    describeSnapshots: {},
    deleteSnapshot: {},
    createFileSystem: {},
    describeFileSystems: {},
    deleteFileSystem: {},
    createAccessPoint: {},
    describeAccessPoints: {},
    deleteAccessPoint: {},
    createLoadBalancer: {},
    modifyLoadBalancer: {},
    describeLoadBalancers: {},
    deleteLoadBalancer: {},
    describeRoutes: {},
    createRoute: {},
    deleteRoute: {},
  },
);
