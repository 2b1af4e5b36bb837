import { Cell, type Ids, type Implementation, type Micros, type Process } from '@slipway/kernel';
import type { CloudApi } from '../../contract.ts';
import type * as m from '../../messages.ts';
import type { CloudNetwork, DataCentre } from '../../plugin.ts';
import { Balancers } from './balancers.ts';
import { Disks } from './disks.ts';
import { FileSystems } from './file-systems.ts';
import { Instances } from './instances.ts';
import type { AwsOptions } from './options.ts';
import type { Way } from './rates.ts';
import type { Region } from './region.ts';
import { Routes } from './routes.ts';
import { Snapshots } from './snapshots.ts';
import { Throttle } from './throttle.ts';

/** What the cloud is made from: of a plugin's context just this. */
export interface AwsSurroundings {
  readonly options: AwsOptions;
  readonly dataCentre: DataCentre;
  readonly ids: Ids;
  now(): Micros;
}

/** One region of a simulated Amazon. Its books are all here; disks and machines are the data centre's. */
export class AwsCloud implements Implementation<CloudApi> {
  readonly changed = new Cell(0);
  readonly network: CloudNetwork;
  readonly #options: AwsOptions;
  readonly #throttle: Throttle;
  readonly #instances: Instances;
  readonly #snapshots: Snapshots;
  readonly #disks: Disks;
  readonly #fileSystems: FileSystems;
  readonly #balancers: Balancers;
  readonly #routes: Routes;

  constructor({ options, dataCentre, ids, now }: AwsSurroundings) {
    const region: Region = { options, dataCentre, ids, now, changed: this.changed, knownZones: new Set() };
    this.#options = options;
    this.#throttle = new Throttle(now);
    this.#instances = new Instances(region);
    this.#snapshots = new Snapshots(region);
    this.#disks = new Disks(region, this.#instances, this.#snapshots);
    this.#fileSystems = new FileSystems(region);
    this.#balancers = new Balancers(region, this.#instances);
    this.#routes = new Routes(region, this.#instances);
    this.network = {
      resolve: (name) => this.#balancers.resolve(name),
      balance: (address, port, protocol) => this.#balancers.balance(address, port, protocol),
      routed: (address) => this.#routes.routed(address),
    };
  }

  describeZones(): m.DescribeZonesResponse {
    return this.#read('describeZones', () => this.#instances.describeZones());
  }
  runInstance(order: m.RunInstanceRequest): Process<m.InstanceResponse> {
    return this.#write('runInstance', () => this.#instances.runInstance(order));
  }
  describeInstances(request: m.DescribeInstancesRequest): m.DescribeInstancesResponse {
    const { instanceIds, names } = request;
    // One machine by its name: in life it asks its own metadata service, which no other machine's questions wear out.
    const [name] = !instanceIds && names?.length === 1 ? names : [];
    if (name !== undefined) this.#take(`metadata of ${name}`, 'metadata');
    else this.#take('describeInstances', wayOf(instanceIds ?? names));
    return this.#instances.describeInstances(request);
  }
  stopInstance(request: m.InstanceRequest): Process<m.InstanceResponse> {
    return this.#write('stopInstance', () => this.#instances.stopInstance(request));
  }
  startInstance(request: m.InstanceRequest): Process<m.InstanceResponse> {
    return this.#write('startInstance', () => this.#instances.startInstance(request));
  }
  terminateInstance(request: m.InstanceRequest): Process<m.InstanceResponse> {
    return this.#write('terminateInstance', () => this.#instances.terminateInstance(request));
  }

  createVolume(order: m.CreateDiskRequest): m.DiskResponse {
    return this.#write('createVolume', () => this.#disks.createVolume(order));
  }
  describeVolumes(request: m.DescribeDisksRequest): m.DescribeDisksResponse {
    return this.#read(
      'describeVolumes',
      () => this.#disks.describeVolumes(request),
      wayOf(request.volumeIds ?? request.tags ?? request.tagged),
    );
  }
  deleteVolume(request: m.DiskRequest): m.Empty {
    return this.#write('deleteVolume', () => this.#disks.deleteVolume(request));
  }
  attachVolume(request: m.AttachDiskRequest): Process<m.DiskAttachment> {
    return this.#write('attachVolume', () => this.#disks.attachVolume(request));
  }
  detachVolume(request: m.DetachDiskRequest): Process<m.Empty> {
    return this.#write('detachVolume', () => this.#disks.detachVolume(request));
  }
  modifyVolume(order: m.ModifyDiskRequest): Process<m.DiskResponse> {
    return this.#write('modifyVolume', () => this.#disks.modifyVolume(order));
  }

  createSnapshot(order: m.CreateSnapshotRequest): Process<m.SnapshotResponse> {
    return this.#write('createSnapshot', () => this.#snapshots.createSnapshot(order, (id) => this.#disks.need(id)));
  }
  describeSnapshots(request: m.DescribeSnapshotsRequest): m.DescribeSnapshotsResponse {
    const { snapshotIds, volumeId, tags, tagged } = request;
    const way = wayOf(snapshotIds ?? volumeId ?? tags ?? tagged);
    return this.#read('describeSnapshots', () => this.#snapshots.describeSnapshots(request), way);
  }
  deleteSnapshot(request: m.SnapshotRequest): m.Empty {
    return this.#write('deleteSnapshot', () => this.#snapshots.deleteSnapshot(request));
  }

  createFileSystem(order: m.CreateFileSystemRequest): Process<m.FileSystemResponse> {
    return this.#write('createFileSystem', () => this.#fileSystems.createFileSystem(order));
  }
  describeFileSystems(request: m.DescribeFileSystemsRequest): m.DescribeFileSystemsResponse {
    return this.#read('describeFileSystems', () => this.#fileSystems.describeFileSystems(request));
  }
  deleteFileSystem(request: m.FileSystemRequest): m.Empty {
    return this.#write('deleteFileSystem', () => this.#fileSystems.deleteFileSystem(request));
  }
  createAccessPoint(order: m.CreateAccessPointRequest): m.AccessPointResponse {
    return this.#write('createAccessPoint', () => this.#fileSystems.createAccessPoint(order));
  }
  describeAccessPoints(request: m.DescribeAccessPointsRequest): m.DescribeAccessPointsResponse {
    return this.#read('describeAccessPoints', () => this.#fileSystems.describeAccessPoints(request));
  }
  deleteAccessPoint(request: m.AccessPointRequest): m.Empty {
    return this.#write('deleteAccessPoint', () => this.#fileSystems.deleteAccessPoint(request));
  }

  createLoadBalancer(order: m.CreateLoadBalancerRequest): m.LoadBalancerResponse {
    return this.#write('createLoadBalancer', () => this.#balancers.createLoadBalancer(order));
  }
  modifyLoadBalancer(order: m.ModifyLoadBalancerRequest): m.LoadBalancerResponse {
    return this.#write('modifyLoadBalancer', () => this.#balancers.modifyLoadBalancer(order));
  }
  describeLoadBalancers(request: m.DescribeLoadBalancersRequest): m.DescribeLoadBalancersResponse {
    return this.#read('describeLoadBalancers', () => this.#balancers.describeLoadBalancers(request));
  }
  deleteLoadBalancer(request: m.LoadBalancerRequest): m.Empty {
    return this.#write('deleteLoadBalancer', () => this.#balancers.deleteLoadBalancer(request));
  }

  describeRoutes(): m.DescribeRoutesResponse {
    return this.#read('describeRoutes', () => this.#routes.describeRoutes());
  }
  createRoute(request: m.CreateRouteRequest): m.Empty {
    return this.#write('createRoute', () => this.#routes.createRoute(request));
  }
  deleteRoute(request: m.DeleteRouteRequest): m.Empty {
    return this.#write('deleteRoute', () => this.#routes.deleteRoute(request));
  }

  #read<T>(action: string, answer: () => T, way: Way = 'reads'): T {
    this.#take(action, way);
    return answer();
  }

  #write<T>(action: string, answer: () => T): T {
    this.#take(action, 'writes');
    return answer();
  }

  /** @throws CloudError RequestLimitExceeded */
  #take(action: string, way: Way): void {
    if (this.#options.throttle) this.#throttle.take(way === 'listings' ? `all of ${action}` : action, this.#options[way]);
  }
}

const wayOf = (filter: unknown): Way => (filter === undefined ? 'listings' : 'reads');
