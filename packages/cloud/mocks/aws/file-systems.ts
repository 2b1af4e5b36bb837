import { Disk, normalPath } from '@slipway/host';
import { codeOf, type Micros, type Process, spawn } from '@slipway/kernel';
import { CloudError } from '../../errors.ts';
import type * as m from '../../messages.ts';
import { carryOut } from './carry-out.ts';
import { nextAwsId } from './names.ts';
import { Orders } from './orders.ts';
import { type Region, select } from './region.ts';

interface BookedFileSystem {
  readonly id: string;
  readonly dnsName: string;
  readonly creationToken: string;
  /** A server has no write cache that matters: what it has taken, it keeps. */
  readonly disk: Disk;
  readonly tags: m.Tags;
  readonly doors: Map<string, BookedDoor>;
  available: boolean;
}

interface BookedDoor {
  readonly id: string;
  readonly fileSystem: BookedFileSystem;
  readonly rootDirectory: string;
  readonly readyAt: Micros;
  readonly tags: m.Tags;
}

/** File systems of the region and the doors to their folders (EFS). */
export class FileSystems {
  readonly #region: Region;
  readonly #orders = new Orders();
  readonly #doorOrders = new Orders();
  readonly #fileSystems = new Map<string, BookedFileSystem>();
  readonly #doors = new Map<string, BookedDoor>();

  constructor(region: Region) {
    this.#region = region;
  }

  *createFileSystem(order: m.CreateFileSystemRequest): Process<m.FileSystemResponse> {
    const known = this.#orders.find(order.creationToken, order);
    if (known !== undefined) return { fileSystem: view(this.#need(known)) };
    const id = nextAwsId(this.#region.ids, 'fs');
    const fileSystem: BookedFileSystem = {
      id,
      dnsName: `${id}.efs.${this.#region.options.region}.amazonaws.com`,
      creationToken: order.creationToken,
      disk: new Disk(),
      tags: order.tags ?? {},
      doors: new Map(),
      available: false,
    };
    this.#fileSystems.set(id, fileSystem);
    this.#orders.note(order.creationToken, order, id);
    yield* spawn(
      `make ${id}`,
      carryOut(this.#region, this.#region.options.createFileSystem, () => this.#open(fileSystem)),
    );
    return { fileSystem: view(fileSystem) };
  }

  describeFileSystems({ fileSystemIds, creationToken }: m.DescribeFileSystemsRequest): m.DescribeFileSystemsResponse {
    const chosen = select(
      this.#fileSystems,
      fileSystemIds,
      undefined,
      (id) => this.#need(id),
      ({ id }) => id,
    );
    return { fileSystems: chosen.filter((each) => creationToken === undefined || each.creationToken === creationToken).map(view) };
  }

  deleteFileSystem({ fileSystemId }: m.FileSystemRequest): m.Empty {
    const fileSystem = this.#need(fileSystemId);
    if (fileSystem.doors.size > 0)
      throw new CloudError('FileSystemInUse', `${fileSystemId} has ${fileSystem.doors.size} access points: delete them first.`);
    this.#fileSystems.delete(fileSystemId);
    this.#orders.forget(fileSystemId);
    this.#region.dataCentre.fileServers.delete(fileSystem.dnsName);
    return {};
  }

  createAccessPoint(order: m.CreateAccessPointRequest): m.AccessPointResponse {
    const known = this.#doorOrders.find(order.clientToken, order);
    if (known !== undefined) return { accessPoint: this.#doorView(this.#needDoor(known)) };
    const fileSystem = this.#need(order.fileSystemId);
    if (!fileSystem.available) throw new CloudError('IncorrectFileSystemLifeCycleState', `File system ${fileSystem.id} is not available.`);
    const limit = this.#region.options.accessPointsPerFileSystem;
    if (fileSystem.doors.size >= limit)
      throw new CloudError(
        'AccessPointLimitExceeded',
        `You have reached the maximum number of access points (${limit}) for ${fileSystem.id}.`,
      );
    if (!order.rootDirectory.startsWith('/'))
      throw new CloudError('BadRequest', `A root directory begins with /, not ${order.rootDirectory}`);
    const rootDirectory = normalPath(order.rootDirectory);
    try {
      fileSystem.disk.makeDirectory(rootDirectory, { recursive: true });
    } catch (error) {
      throw new CloudError('BadRequest', `The root directory ${rootDirectory} cannot be made: ${codeOf(error)}`);
    }
    const door: BookedDoor = {
      id: nextAwsId(this.#region.ids, 'fsap'),
      fileSystem,
      rootDirectory,
      readyAt: this.#region.now() + this.#region.options.createAccessPoint,
      tags: order.tags ?? {},
    };
    this.#doors.set(door.id, door);
    fileSystem.doors.set(door.id, door);
    this.#doorOrders.note(order.clientToken, order, door.id);
    return { accessPoint: this.#doorView(door) };
  }

  describeAccessPoints({ accessPointIds, fileSystemId }: m.DescribeAccessPointsRequest): m.DescribeAccessPointsResponse {
    const doors = fileSystemId === undefined ? this.#doors : this.#need(fileSystemId).doors;
    const chosen = select(
      doors,
      accessPointIds,
      undefined,
      (id) => this.#needDoor(id),
      ({ id }) => id,
    );
    return {
      accessPoints: chosen
        .filter(({ fileSystem }) => fileSystemId === undefined || fileSystem.id === fileSystemId)
        .map((door) => this.#doorView(door)),
    };
  }

  deleteAccessPoint({ accessPointId }: m.AccessPointRequest): m.Empty {
    const { fileSystem } = this.#needDoor(accessPointId);
    this.#doors.delete(accessPointId);
    fileSystem.doors.delete(accessPointId);
    this.#doorOrders.forget(accessPointId);
    return {};
  }

  #open(fileSystem: BookedFileSystem): void {
    if (!this.#fileSystems.has(fileSystem.id)) return;
    fileSystem.available = true;
    this.#region.dataCentre.fileServers.set(fileSystem.dnsName, fileSystem.disk);
  }

  #need(id: string): BookedFileSystem {
    const fileSystem = this.#fileSystems.get(id);
    if (!fileSystem) throw new CloudError('FileSystemNotFound', `File system '${id}' does not exist.`);
    return fileSystem;
  }

  #needDoor(id: string): BookedDoor {
    const door = this.#doors.get(id);
    if (!door) throw new CloudError('AccessPointNotFound', `Access point '${id}' does not exist.`);
    return door;
  }

  #doorView({ id, fileSystem, rootDirectory, readyAt, tags }: BookedDoor): m.AccessPoint {
    const state = this.#region.now() < readyAt ? 'creating' : 'available';
    return { accessPointId: id, fileSystemId: fileSystem.id, rootDirectory, state, tags };
  }
}

const view = ({ id, available, dnsName, disk, tags }: BookedFileSystem): m.CloudFileSystem => ({
  fileSystemId: id,
  state: available ? 'available' : 'creating',
  dnsName,
  sizeBytes: disk.usedBytes,
  tags,
});
