import { entries } from './entry.ts';

const DRIVER = 'the CSI driver passes the error on, and its side-car tries again after 1 s, doubling to 5 min';
const BALANCER = 'the cloud provider passes the error on, and the service controller tries again after 5 s, doubling to 300 s';
const ROUTE = 'the cloud provider passes the error on, and the route controller looks again 10 s later';
const PERSON = 'whoever ordered it sees the error';
const ASK = 'whoever asked passes the error on and tries again';

/** The cloud beside the cluster. No standard: Slipway's `CloudApi` has the calls of AWS that drivers and providers use, under their names. */
export const cloudGuide = entries('cloud.CloudApi', (method) => `cloud API (no standard), ${method}`, {
  DescribeZones: ['where can things be?', ASK],
  RunInstance: ['one more machine is ordered', PERSON],
  DescribeInstances: ['which machine is behind this node?', ASK],
  StopInstance: ['the machine is switched off', PERSON],
  StartInstance: ['the machine is switched on again', PERSON],
  TerminateInstance: ['the machine is given back', PERSON],
  CreateVolume: ['a disk in the zone of the node', DRIVER],
  DescribeVolumes: ['how is the disk?', DRIVER],
  DeleteVolume: ['the disk is given back', DRIVER],
  AttachVolume: ['the disk is plugged into the machine', DRIVER],
  DetachVolume: ['the disk is unplugged from the machine', DRIVER],
  ModifyVolume: ['a larger or faster disk', DRIVER],
  CreateSnapshot: ['a picture of the disk', DRIVER],
  DescribeSnapshots: ['is the picture ready?', DRIVER],
  DeleteSnapshot: ['the picture goes', DRIVER],
  CreateFileSystem: ['a file system that many machines can mount', DRIVER],
  DescribeFileSystems: ['is the file system there?', DRIVER],
  DeleteFileSystem: ['the file system is given back', DRIVER],
  CreateAccessPoint: ['a folder of the shared file system, for this claim alone', DRIVER],
  DescribeAccessPoints: ['is the folder there?', DRIVER],
  DeleteAccessPoint: ['the folder is given back', DRIVER],
  CreateLoadBalancer: ['a balancer with a name that the world can look up', BALANCER],
  ModifyLoadBalancer: ['the balancer gets other targets', BALANCER],
  DescribeLoadBalancers: ['is there a balancer already?', BALANCER],
  DeleteLoadBalancer: ['the balancer is given back', BALANCER],
  DescribeRoutes: ['which routes are there?', ROUTE],
  CreateRoute: ['a way to the pods of a machine', ROUTE],
  DeleteRoute: ['the way goes', ROUTE],
});
