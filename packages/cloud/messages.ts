/** Labels that a cloud keeps for its user. */
export type Tags = Readonly<Record<string, string>>;

/** A tag that has one of these values. */
export interface TagFilter {
  readonly key: string;
  readonly values: readonly string[];
}

/** No content. */
export type Empty = Readonly<Record<never, never>>;

export type DescribeZonesRequest = Empty;
export interface DescribeZonesResponse {
  /** `us-east-1`. */
  readonly region: string;
  /** By name: `us-east-1a`. */
  readonly zones: readonly string[];
}

// Machines.

export type InstanceState = 'pending' | 'running' | 'stopping' | 'stopped' | 'shutting-down' | 'terminated';

/** A machine. */
export interface Instance {
  /** `i-` and 17 hexadecimal digits. */
  readonly instanceId: string;
  /** Name of the host that it is; the node has the same name. */
  readonly name: string;
  /** `m5.xlarge`. */
  readonly instanceType: string;
  readonly zone: string;
  readonly state: InstanceState;
  /** Empty until the machine is there for the first time. */
  readonly privateIp: string;
  /** Left out: the machine is reached from inside only. */
  readonly publicIp?: string;
  /** `ip-172-18-0-2.ec2.internal`; empty as long as `privateIp` is. */
  readonly privateDns: string;
  readonly tags: Tags;
}

export interface RunInstanceRequest {
  /** Makes the order safe to repeat. */
  readonly clientToken: string;
  readonly name: string;
  /** Left out: the cloud's default. */
  readonly instanceType?: string;
  /** Left out: the first. */
  readonly zone?: string;
  readonly tags?: Tags;
}
export interface InstanceResponse {
  readonly instance: Instance;
}
export interface InstanceRequest {
  readonly instanceId: string;
}
export interface DescribeInstancesRequest {
  readonly instanceIds?: readonly string[];
  readonly names?: readonly string[];
}
export interface DescribeInstancesResponse {
  /** By id. */
  readonly instances: readonly Instance[];
}

// Disks.

export type DiskState = 'creating' | 'available' | 'in-use' | 'deleting';

/** Where a disk is plugged in. */
export interface DiskAttachment {
  readonly volumeId: string;
  readonly instanceId: string;
  /** As the machine sees it: `/dev/xvdba`. */
  readonly device: string;
  readonly state: 'attaching' | 'attached' | 'detaching';
}

/** A disk of one zone. */
export interface CloudDisk {
  /** `vol-` and 17 hexadecimal digits. */
  readonly volumeId: string;
  readonly zone: string;
  readonly sizeGiB: number;
  /** `gp3`, `gp2`, `io1`, `io2`, `st1`, `sc1`, `standard`. */
  readonly volumeType: string;
  readonly iops?: number;
  /** MiB/s. */
  readonly throughput?: number;
  readonly encrypted: boolean;
  readonly snapshotId?: string;
  readonly state: DiskState;
  /** After an order to modify: `modifying` until it has what was ordered, `optimizing` until the next order is taken. */
  readonly modification?: 'modifying' | 'optimizing';
  /** At most one. */
  readonly attachments: readonly DiskAttachment[];
  readonly tags: Tags;
}

export interface CreateDiskRequest {
  /** Makes the order safe to repeat. */
  readonly clientToken: string;
  readonly zone: string;
  readonly sizeGiB: number;
  /** Left out: `gp3`. */
  readonly volumeType?: string;
  readonly iops?: number;
  readonly throughput?: number;
  readonly encrypted?: boolean;
  readonly snapshotId?: string;
  readonly tags?: Tags;
}
export interface DiskResponse {
  readonly volume: CloudDisk;
}
export interface DiskRequest {
  readonly volumeId: string;
}
export interface DescribeDisksRequest {
  readonly volumeIds?: readonly string[];
  /** All of them must be there. */
  readonly tags?: Tags;
  readonly tagged?: TagFilter;
}
export interface DescribeDisksResponse {
  /** By id. */
  readonly volumes: readonly CloudDisk[];
}
export interface AttachDiskRequest {
  readonly volumeId: string;
  readonly instanceId: string;
  /** Left out: the next free name. */
  readonly device?: string;
}
export interface DetachDiskRequest {
  readonly volumeId: string;
  /** Left out: wherever it is. */
  readonly instanceId?: string;
  /** Pulls it out at once; what the machine has not written back is lost either way. */
  readonly force?: boolean;
}
export interface ModifyDiskRequest {
  readonly volumeId: string;
  readonly sizeGiB?: number;
  readonly volumeType?: string;
  readonly iops?: number;
  readonly throughput?: number;
}

// Copies of disks.

/** A disk as it was. */
export interface DiskSnapshot {
  /** `snap-` and 17 hexadecimal digits. */
  readonly snapshotId: string;
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly state: 'pending' | 'completed' | 'error';
  /** Nanoseconds since the epoch. */
  readonly startTime: bigint;
  readonly tags: Tags;
}
export interface CreateSnapshotRequest {
  /** Makes the order safe to repeat. */
  readonly clientToken: string;
  readonly volumeId: string;
  readonly tags?: Tags;
}
export interface SnapshotResponse {
  readonly snapshot: DiskSnapshot;
}
export interface SnapshotRequest {
  readonly snapshotId: string;
}
export interface DescribeSnapshotsRequest {
  readonly snapshotIds?: readonly string[];
  readonly volumeId?: string;
  readonly tags?: Tags;
  readonly tagged?: TagFilter;
}
export interface DescribeSnapshotsResponse {
  /** By id. */
  readonly snapshots: readonly DiskSnapshot[];
}

// File systems.

/** A file system of the region. Its size is whatever is in it. */
export interface CloudFileSystem {
  /** `fs-` and 17 hexadecimal digits. */
  readonly fileSystemId: string;
  readonly state: 'creating' | 'available' | 'deleting';
  /** What machines mount: `fs-….efs.us-east-1.amazonaws.com`. */
  readonly dnsName: string;
  readonly sizeBytes: number;
  readonly tags: Tags;
}
export interface CreateFileSystemRequest {
  /** Makes the order safe to repeat. */
  readonly creationToken: string;
  readonly tags?: Tags;
}
export interface FileSystemResponse {
  readonly fileSystem: CloudFileSystem;
}
export interface FileSystemRequest {
  readonly fileSystemId: string;
}
export interface DescribeFileSystemsRequest {
  readonly fileSystemIds?: readonly string[];
  readonly creationToken?: string;
}
export interface DescribeFileSystemsResponse {
  /** By id. */
  readonly fileSystems: readonly CloudFileSystem[];
}

/** A door to one folder of a file system. */
export interface AccessPoint {
  /** `fsap-` and 17 hexadecimal digits. */
  readonly accessPointId: string;
  readonly fileSystemId: string;
  /** Folder that its users see as the root. */
  readonly rootDirectory: string;
  readonly state: 'creating' | 'available' | 'deleting';
  readonly tags: Tags;
}
export interface CreateAccessPointRequest {
  /** Makes the order safe to repeat. */
  readonly clientToken: string;
  readonly fileSystemId: string;
  /** Made if it is not there. */
  readonly rootDirectory: string;
  readonly tags?: Tags;
}
export interface AccessPointResponse {
  readonly accessPoint: AccessPoint;
}
export interface AccessPointRequest {
  readonly accessPointId: string;
}
export interface DescribeAccessPointsRequest {
  readonly accessPointIds?: readonly string[];
  readonly fileSystemId?: string;
}
export interface DescribeAccessPointsResponse {
  /** By id. */
  readonly accessPoints: readonly AccessPoint[];
}

// Balancers.

/** A port of a balancer and where its connections go. */
export interface Listener {
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  /** On each target: a node port. */
  readonly targetPort: number;
}

/** How a balancer finds out which targets it may use. */
export interface HealthCheck {
  readonly protocol: 'TCP' | 'HTTP';
  readonly port: number;
  /** For HTTP. */
  readonly path?: string;
}

/** Spreads connections from outside over machines. */
export interface LoadBalancer {
  readonly name: string;
  readonly kind: 'classic' | 'network';
  readonly scheme: 'internet-facing' | 'internal';
  /** What clients use; addresses are the cloud's own business. */
  readonly dnsName: string;
  readonly state: 'provisioning' | 'active';
  readonly listeners: readonly Listener[];
  readonly healthCheck: HealthCheck;
  /** By instance id. */
  readonly targets: readonly string[];
  /** Who may connect; CIDRs. */
  readonly sourceRanges: readonly string[];
  readonly tags: Tags;
}
export interface CreateLoadBalancerRequest {
  /** At most 32 letters, digits and dashes. */
  readonly name: string;
  /** Left out: classic. */
  readonly kind?: LoadBalancer['kind'];
  /** Left out: internet-facing. */
  readonly scheme?: LoadBalancer['scheme'];
  readonly listeners: readonly Listener[];
  readonly healthCheck: HealthCheck;
  readonly targets: readonly string[];
  /** Left out: everybody. */
  readonly sourceRanges?: readonly string[];
  readonly tags?: Tags;
}
export interface ModifyLoadBalancerRequest {
  readonly name: string;
  /** What is left out stays. */
  readonly listeners?: readonly Listener[];
  readonly healthCheck?: HealthCheck;
  readonly targets?: readonly string[];
  readonly sourceRanges?: readonly string[];
}
export interface LoadBalancerResponse {
  readonly loadBalancer: LoadBalancer;
}
export interface LoadBalancerRequest {
  readonly name: string;
}
export interface DescribeLoadBalancersRequest {
  readonly names?: readonly string[];
}
export interface DescribeLoadBalancersResponse {
  /** By name. */
  readonly loadBalancers: readonly LoadBalancer[];
}

// Routes.

/** Sends a range of addresses to a machine. */
export interface CloudRoute {
  readonly destinationCidr: string;
  readonly instanceId: string;
  /** `blackhole`: the machine is gone. */
  readonly state: 'active' | 'blackhole';
}
export type DescribeRoutesRequest = Empty;
export interface DescribeRoutesResponse {
  /** By range. */
  readonly routes: readonly CloudRoute[];
}
export interface CreateRouteRequest {
  readonly destinationCidr: string;
  readonly instanceId: string;
}
export interface DeleteRouteRequest {
  readonly destinationCidr: string;
}
