import type { CloudApi } from '@slipway/cloud';
import type { Host } from '@slipway/host';
import type { Client, Implementation, Process } from '@slipway/kernel';
import type { CsiNode } from '../../contract.ts';
import { CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { ask } from '../ebs/cloud-errors.ts';
import { NodeMounts } from '../node-mounts.ts';
import { partsOf } from './efs-controller.ts';

/** The node service of aws-efs-csi-driver: mounts a file system over the network, wherever the node is. */
export class EfsNode implements Implementation<CsiNode> {
  readonly #host: Host;
  readonly #cloud: Client<CloudApi>;
  readonly #mounts: NodeMounts;

  constructor(host: Host, cloud: Client<CloudApi>) {
    this.#host = host;
    this.#cloud = cloud;
    this.#mounts = new NodeMounts(host);
  }

  nodeGetCapabilities(): m.NodeGetCapabilitiesResponse {
    return {};
  }

  *nodeGetInfo(): Process<m.NodeGetInfoResponse> {
    const { instances } = yield* ask('Could not read instance metadata', this.#cloud.describeInstances({ names: [this.#host.name] }));
    const [instance] = instances;
    if (!instance) throw new CsiError('INTERNAL', `${this.#host.name} is no machine of this cloud`);
    return { nodeId: instance.instanceId };
  }

  *nodePublishVolume({
    volumeId,
    targetPath,
    volumeCapability,
    readonly,
  }: m.NodePublishVolumeRequest): Process<m.NodePublishVolumeResponse> {
    if ('block' in volumeCapability) throw new CsiError('INVALID_ARGUMENT', 'Volume capability access type must be mount');
    const { fileSystemId, accessPointId } = partsOf(volumeId);
    const what = `Could not mount ${volumeId} at ${targetPath}`;
    this.#mounts.claim(targetPath, volumeCapability, readonly);
    if (this.#mounts.isMounted(targetPath)) return {};
    const { fileSystems } = yield* ask(what, this.#cloud.describeFileSystems({ fileSystemIds: [fileSystemId] }));
    const { accessPoints } = yield* ask(what, this.#cloud.describeAccessPoints({ accessPointIds: [accessPointId] }));
    const [fileSystem, accessPoint] = [fileSystems[0], accessPoints[0]];
    if (!fileSystem || !accessPoint) throw new CsiError('NOT_FOUND', `Volume not found: ${volumeId}`);
    this.#mounts.mount(
      `${fileSystem.dnsName}:${accessPoint.rootDirectory}`,
      targetPath,
      'nfs4',
      readonly,
      volumeCapability.mount.mountFlags,
    );
    return {};
  }

  nodeUnpublishVolume({ targetPath }: m.NodeUnpublishVolumeRequest): m.NodeUnpublishVolumeResponse {
    this.#mounts.clear(targetPath);
    return {};
  }
}
