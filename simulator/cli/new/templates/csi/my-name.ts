import type { CloudApi } from '@slipway/cloud';
import { type CsiController, CsiError, type CsiNode } from '@slipway/csi';
import type * as csi from '@slipway/csi';
import type { Host } from '@slipway/host';
import { type Client, codeOf, type Implementation, milliseconds, type Process, sleep } from '@slipway/kernel';
import type { CSIDriver, StorageClass } from '@slipway/kube';
import { definePlugin } from '@slipway/plugin';

const DRIVER = 'my-name.example.com';
/** Of the one file system that all volumes are folders of. */
const FILE_SYSTEM = 'my-name';

/**
 * The half that runs once for the cluster: side-cars call it when a claim wants a volume, and when one is to go. It keeps nothing itself,
 * since it may crash between any two calls; what there is, the cloud knows. CSI 1.12, "Controller Service RPC".
 */
class MyNameController implements Implementation<CsiController> {
  readonly #cloud: Client<CloudApi>;

  constructor(cloud: Client<CloudApi>) {
    this.#cloud = cloud;
  }

  controllerGetCapabilities(): csi.ControllerGetCapabilitiesResponse {
    return { capabilities: [{ rpc: { type: 'CREATE_DELETE_VOLUME' } }] };
  }

  /** Called again after any failure, so the same name must give the same volume. It waits for the cloud: hence a generator. */
  *createVolume({ name, capacityRange, volumeCapabilities }: csi.CreateVolumeRequest): Process<csi.CreateVolumeResponse> {
    if (volumeCapabilities.some((capability) => 'block' in capability))
      throw new CsiError('INVALID_ARGUMENT', 'there are no block volumes');
    const capacityBytes = capacityRange?.requiredBytes ?? 0;
    const fileSystemId = yield* this.#fileSystem();
    const { accessPoints } = yield* this.#cloud.describeAccessPoints({ fileSystemId });
    const there = accessPoints.find(({ tags, state }) => tags['name'] === name && state !== 'deleting');
    if (there && there.tags['bytes'] !== String(capacityBytes)) throw new CsiError('ALREADY_EXISTS', `${name} exists with another size`);
    const { accessPointId } =
      there ??
      (yield* this.#cloud.createAccessPoint({
        clientToken: name,
        fileSystemId,
        rootDirectory: `/${name}`,
        tags: { name, bytes: String(capacityBytes) },
      })).accessPoint;
    return { volume: { volumeId: accessPointId, capacityBytes } };
  }

  /** What is gone already is success. */
  *deleteVolume({ volumeId }: csi.DeleteVolumeRequest): Process<csi.DeleteVolumeResponse> {
    try {
      yield* this.#cloud.deleteAccessPoint({ accessPointId: volumeId });
    } catch (error) {
      if (codeOf(error) !== 'AccessPointNotFound') throw new CsiError('INTERNAL', `cannot delete ${volumeId}: ${codeOf(error)}`);
    }
    return {};
  }

  *validateVolumeCapabilities({
    volumeId,
    volumeCapabilities,
  }: csi.ValidateVolumeCapabilitiesRequest): Process<csi.ValidateVolumeCapabilitiesResponse> {
    yield* findVolume(this.#cloud, volumeId);
    if (volumeCapabilities.some((capability) => 'block' in capability)) return { message: 'there are no block volumes' };
    return { confirmed: { volumeCapabilities } };
  }

  /** Ordered by whoever comes first; the token makes the order safe to repeat. */
  *#fileSystem(): Process<string> {
    for (;;) {
      const { fileSystem } = yield* this.#cloud.createFileSystem({ creationToken: FILE_SYSTEM });
      if (fileSystem.state === 'available') return fileSystem.fileSystemId;
      yield* sleep(milliseconds(500)); // virtual time
    }
  }
}

/**
 * The half that runs on each node: the kubelet calls it before a pod's containers start, and after they are gone. What it has mounted is
 * gone with the machine's power. CSI 1.12, "Node Service RPC".
 */
class MyNameNode implements Implementation<CsiNode> {
  readonly #host: Host;
  readonly #cloud: Client<CloudApi>;

  constructor(host: Host, cloud: Client<CloudApi>) {
    this.#host = host;
    this.#cloud = cloud;
  }

  nodeGetCapabilities(): csi.NodeGetCapabilitiesResponse {
    return {};
  }

  nodeGetInfo(): csi.NodeGetInfoResponse {
    return { nodeId: this.#host.name };
  }

  /** The same request again is success; the same path in another way is not. */
  *nodePublishVolume(request: csi.NodePublishVolumeRequest): Process<csi.NodePublishVolumeResponse> {
    const { volumeId, targetPath, volumeCapability, readonly = false } = request;
    if ('block' in volumeCapability) throw new CsiError('INVALID_ARGUMENT', 'there are no block volumes');
    const { fileSystemId, rootDirectory } = yield* findVolume(this.#cloud, volumeId);
    const { fileSystems } = yield* this.#cloud.describeFileSystems({ fileSystemIds: [fileSystemId] });
    const source = `${fileSystems[0]?.dnsName}:${rootDirectory}`;
    const { mounts } = this.#host;
    const there = mounts.at(targetPath);
    if (there) {
      if (there.source !== source || there.readOnly !== readonly) throw new CsiError('ALREADY_EXISTS', `${targetPath} is in use`);
      return {};
    }
    mounts.makeDirectory(targetPath, { recursive: true });
    mounts.mount(source, targetPath, { type: 'nfs4', readOnly: readonly });
    return {};
  }

  nodeUnpublishVolume({ targetPath }: csi.NodeUnpublishVolumeRequest): csi.NodeUnpublishVolumeResponse {
    const { mounts } = this.#host;
    if (mounts.at(targetPath)) mounts.unmount(targetPath);
    if (mounts.exists(targetPath)) mounts.remove(targetPath);
    return {};
  }
}

/** @throws CsiError NOT_FOUND */
function* findVolume(cloud: Client<CloudApi>, accessPointId: string): Process<{ fileSystemId: string; rootDirectory: string }> {
  try {
    const { accessPoints } = yield* cloud.describeAccessPoints({ accessPointIds: [accessPointId] });
    if (accessPoints[0]) return accessPoints[0];
  } catch (error) {
    if (codeOf(error) !== 'AccessPointNotFound') throw new CsiError('INTERNAL', `cannot look for ${accessPointId}: ${codeOf(error)}`);
  }
  throw new CsiError('NOT_FOUND', `there is no volume ${accessPointId}`);
}

/** What an administrator would install beside the driver. Nothing need be attached: a network file system is everywhere at once. */
const driver: CSIDriver = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: { name: DRIVER },
  spec: { attachRequired: false },
};

const storageClass: StorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'my-name' },
  provisioner: DRIVER,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'Immediate',
};

export default definePlugin({
  interface: 'csi',
  name: 'my-name',
  description: 'Folders of one file system that every node shares',
  latency: { nodePublishVolume: '30ms..90ms', '*': '1ms..3ms' },
  manifests: [driver, storageClass],
  // Called once for the cluster, without a host, and once per node, with one.
  create({ cloud, host }) {
    const identity = {
      getPluginInfo: () => ({ name: DRIVER, vendorVersion: '0.1.0' }),
      getPluginCapabilities: () => ({ capabilities: [{ service: { type: 'CONTROLLER_SERVICE' } }] as const }),
      probe: () => ({ ready: true }),
    };
    return host ? { identity, node: new MyNameNode(host, cloud) } : { identity, controller: new MyNameController(cloud) };
  },
});
