import { type Implementation, token, type Token } from '@slipway/kernel';
import type * as m from './messages.ts';

/**
 * The machines, disks, file systems, balancers and routes beside a cluster. A contract of Slipway's own: the standards stop short of it
 * (CPI has no call that makes a machine or a disk). Cloud providers (CPI), storage drivers (CSI) and the steps that add machines are its
 * clients. Modelled on Amazon's EC2, EFS and ELB, whose names it keeps; sizes in GiB, as theirs.
 *
 * A call answers when the cloud has taken the order; what takes longer shows in the `state` of what is described. Orders that make
 * something carry a token, and the same order again returns the same thing. A cloud may refuse any call with `RequestLimitExceeded`.
 */
export interface CloudApi {
  /** Region and zones. */
  describeZones(request: m.DescribeZonesRequest): m.DescribeZonesResponse;

  /**
   * Orders a machine; it goes from `pending` to `running`.
   *
   * @throws CloudError InvalidParameterValue (no such type or zone, the name is taken), InsufficientInstanceCapacity, IdempotentParameterMismatch
   */
  runInstance(request: m.RunInstanceRequest): m.InstanceResponse;
  /** Machines by id or name; all of them without either. Terminated ones stay visible for an hour. @throws CloudError InvalidInstanceID.NotFound (an id that is unknown) */
  describeInstances(request: m.DescribeInstancesRequest): m.DescribeInstancesResponse;
  /** Powers a machine off; its disks stay attached. Safe to repeat. @throws CloudError InvalidInstanceID.NotFound, IncorrectInstanceState */
  stopInstance(request: m.InstanceRequest): m.InstanceResponse;
  /** Powers it on again. Safe to repeat. @throws CloudError InvalidInstanceID.NotFound, IncorrectInstanceState */
  startInstance(request: m.InstanceRequest): m.InstanceResponse;
  /** Ends a machine for good; its disks are detached. Safe to repeat. @throws CloudError InvalidInstanceID.NotFound */
  terminateInstance(request: m.InstanceRequest): m.InstanceResponse;

  /**
   * Orders a disk: `creating`, then `available`. Without a snapshot it is blank.
   *
   * @throws CloudError InvalidParameterValue (size, zone), InvalidParameterCombination (the type has no such size, IOPS or throughput),
   *   VolumeLimitExceeded, IdempotentParameterMismatch, InvalidSnapshot.NotFound, IncorrectState (the snapshot is not completed)
   */
  createVolume(request: m.CreateDiskRequest): m.DiskResponse;
  /** Disks by id or tags. @throws CloudError InvalidVolume.NotFound (an id that is unknown) */
  describeVolumes(request: m.DescribeDisksRequest): m.DescribeDisksResponse;
  /** Removes a disk that is attached nowhere. @throws CloudError InvalidVolume.NotFound, VolumeInUse */
  deleteVolume(request: m.DiskRequest): m.Empty;
  /**
   * Plugs a disk into a machine of its zone: `attaching`, then `attached`. A disk is attached to one machine at a time. Safe to repeat.
   *
   * @throws CloudError InvalidVolume.NotFound, InvalidInstanceID.NotFound, VolumeInUse (attached elsewhere), InvalidVolume.ZoneMismatch,
   *   AttachmentLimitExceeded, IncorrectState (disk or machine not ready)
   */
  attachVolume(request: m.AttachDiskRequest): m.DiskAttachment;
  /**
   * Unplugs: `detaching`, then gone, mounted or not. Safe to repeat while it lasts.
   *
   * @throws CloudError InvalidVolume.NotFound, IncorrectState (attached nowhere), InvalidAttachment.NotFound (attached elsewhere)
   */
  detachVolume(request: m.DetachDiskRequest): m.Empty;
  /**
   * Grows a disk or changes its performance; see `CloudDisk.modification`. The file system on it stays as it is.
   *
   * @throws CloudError InvalidVolume.NotFound, InvalidParameterValue (smaller), InvalidParameterCombination, IncorrectModificationState
   *   (one is under way), VolumeModificationRateExceeded, VolumeLimitExceeded
   */
  modifyVolume(request: m.ModifyDiskRequest): m.DiskResponse;

  /**
   * Orders a copy of what a disk durably holds now: `pending`, then `completed`.
   *
   * @throws CloudError InvalidVolume.NotFound, IdempotentParameterMismatch
   */
  createSnapshot(request: m.CreateSnapshotRequest): m.SnapshotResponse;
  /** Copies by id, disk or tags. @throws CloudError InvalidSnapshot.NotFound (an id that is unknown) */
  describeSnapshots(request: m.DescribeSnapshotsRequest): m.DescribeSnapshotsResponse;
  /** @throws CloudError InvalidSnapshot.NotFound, InvalidSnapshot.InUse */
  deleteSnapshot(request: m.SnapshotRequest): m.Empty;

  /** Orders a file system that every machine of the region can mount: `creating`, then `available`. @throws CloudError IdempotentParameterMismatch */
  createFileSystem(request: m.CreateFileSystemRequest): m.FileSystemResponse;
  /** @throws CloudError FileSystemNotFound (an id that is unknown) */
  describeFileSystems(request: m.DescribeFileSystemsRequest): m.DescribeFileSystemsResponse;
  /** @throws CloudError FileSystemNotFound, FileSystemInUse (it has access points) */
  deleteFileSystem(request: m.FileSystemRequest): m.Empty;
  /**
   * Orders a door to a folder of a file system; one for each claim. The folder is made if need be.
   *
   * @throws CloudError FileSystemNotFound, IncorrectFileSystemLifeCycleState (not available), AccessPointLimitExceeded,
   *   IdempotentParameterMismatch, BadRequest (a path that cannot be)
   */
  createAccessPoint(request: m.CreateAccessPointRequest): m.AccessPointResponse;
  /** @throws CloudError AccessPointNotFound (an id that is unknown), FileSystemNotFound */
  describeAccessPoints(request: m.DescribeAccessPointsRequest): m.DescribeAccessPointsResponse;
  /** Takes the door away, not what is behind it. @throws CloudError AccessPointNotFound */
  deleteAccessPoint(request: m.AccessPointRequest): m.Empty;

  /**
   * Orders a balancer, or returns the one of this name. A target starts out of service, until it has passed its first checks.
   *
   * @throws CloudError DuplicateLoadBalancerName (other kind, scheme or listeners), InvalidConfigurationRequest (name, listeners),
   *   InvalidInstance (an unknown target), TooManyLoadBalancers
   */
  createLoadBalancer(request: m.CreateLoadBalancerRequest): m.LoadBalancerResponse;
  /** Replaces what a balancer listens on and sends to. @throws CloudError LoadBalancerNotFound, InvalidConfigurationRequest, InvalidInstance */
  modifyLoadBalancer(request: m.ModifyLoadBalancerRequest): m.LoadBalancerResponse;
  /** Balancers by name; all without. An unknown name is left out of the answer. */
  describeLoadBalancers(request: m.DescribeLoadBalancersRequest): m.DescribeLoadBalancersResponse;
  /** Safe to repeat. */
  deleteLoadBalancer(request: m.LoadBalancerRequest): m.Empty;

  /** The route table of the network that the machines are in. */
  describeRoutes(request: m.DescribeRoutesRequest): m.DescribeRoutesResponse;
  /** @throws CloudError RouteAlreadyExists, InvalidInstanceID.NotFound, RouteLimitExceeded, InvalidParameterValue (no CIDR range) */
  createRoute(request: m.CreateRouteRequest): m.Empty;
  /** @throws CloudError InvalidRoute.NotFound */
  deleteRoute(request: m.DeleteRouteRequest): m.Empty;
}

/** Registered symbol, because a visitor's plugin may load its own copy of this package. */
export const CLOUD_API: Token<Implementation<CloudApi>> = token('@slipway/cloud/CloudApi');
