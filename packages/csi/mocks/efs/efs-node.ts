import type { CloudApi, Instance } from '@slipway/cloud';
import type { Host } from '@slipway/host';
import { type Client, codeOf, type Implementation, type Process } from '@slipway/kernel';
import type { CsiNode } from '../../contract.ts';
import { CsiError } from '../../errors.ts';
import type * as m from '../../messages/index.ts';
import { apiError, quoted, troubleOf } from '../aws-calls/cloud-errors.ts';
import { Retryer } from '../aws-calls/retryer.ts';
import { InFlight } from '../in-flight.ts';
import { NodeMounts } from '../node-mounts.ts';
import { unsupported } from './parameters.ts';
import { type EfsVolume, parseVolumeId } from './volume-id.ts';

/** The node service of aws-efs-csi-driver (pkg/driver/node.go): mounts a file system over the network, wherever the node is. */
export class EfsNode implements Implementation<CsiNode> {
  readonly #host: Host;
  readonly #cloud: Client<CloudApi>;
  readonly #withMetrics: boolean;
  readonly #mounts: NodeMounts;
  readonly #retryer = new Retryer('standard');
  readonly #inFlight = new InFlight();
  #instance: Instance | undefined;

  constructor(host: Host, cloud: Client<CloudApi>, withMetrics: boolean) {
    this.#host = host;
    this.#cloud = cloud;
    this.#withMetrics = withMetrics;
    this.#mounts = new NodeMounts(host);
  }

  nodeGetCapabilities(): m.NodeGetCapabilitiesResponse {
    return this.#withMetrics ? { capabilities: [{ rpc: { type: 'GET_VOLUME_STATS' } }] } : {};
  }

  *nodeGetInfo(): Process<m.NodeGetInfoResponse> {
    this.#instance ??= yield* this.#ownMachine();
    return { nodeId: this.#instance.instanceId };
  }

  nodePublishVolume(request: m.NodePublishVolumeRequest): Process<m.NodePublishVolumeResponse> {
    return this.#inFlight.hold(request.targetPath, this.#publish(request));
  }

  *#publish(request: m.NodePublishVolumeRequest): Process<m.NodePublishVolumeResponse> {
    const { volumeId, targetPath, volumeCapability, volumeContext = {}, readonly } = request;
    const wrong = unsupported([volumeCapability]);
    if (wrong !== undefined || 'block' in volumeCapability)
      throw new CsiError('INVALID_ARGUMENT', `Volume capability not supported: ${wrong ?? ''}`);
    const encrypted = encryptInTransit(volumeContext);
    const volume = parseVolumeId(volumeId);
    if (typeof volume === 'string') throw new CsiError('INVALID_ARGUMENT', volume);
    this.#mounts.claim(targetPath, volumeCapability, readonly);
    if (this.#mounts.isMounted(targetPath)) return {};
    const source = yield* this.#source(volume, targetPath);
    const door = volume.accessPointId === undefined ? [] : [`accesspoint=${volume.accessPointId}`];
    const flags = [...door, ...(encrypted ? ['tls'] : []), ...(volumeCapability.mount.mountFlags ?? [])];
    this.#mounts.mount(source, targetPath, 'nfs4', readonly, [...new Set(flags)]);
    return {};
  }

  nodeUnpublishVolume({ targetPath }: m.NodeUnpublishVolumeRequest): m.NodeUnpublishVolumeResponse {
    this.#mounts.clear(targetPath);
    return {};
  }

  nodeGetVolumeStats({ volumePath }: m.NodeGetVolumeStatsRequest): m.NodeGetVolumeStatsResponse {
    if (!this.#withMetrics) throw new CsiError('UNIMPLEMENTED', 'volume metrics are not opted in');
    const mount = this.#host.mounts.at(volumePath);
    if (!mount) throw new CsiError('NOT_FOUND', `Volume Path ${volumePath} does not exist`);
    const { usedBytes: used, capacityBytes } = mount.disk;
    // A file system of EFS grows with what is in it; `df` shows its limit of 8 EiB, which is more than a number holds.
    const total = Math.min(capacityBytes, Number.MAX_SAFE_INTEGER);
    return { usage: [{ unit: 'BYTES', total, used, available: total - used }] };
  }

  /** `server:/path`. In life the mount helper hands the door's id to the server, which knows the folder; here the driver asks for both. */
  *#source({ fileSystemId, path = '/', accessPointId }: EfsVolume, target: string): Process<string> {
    try {
      const { fileSystems } = yield* this.#retryer.call(() => this.#cloud.describeFileSystems({ fileSystemIds: [fileSystemId] }));
      const server = fileSystems[0]?.dnsName ?? '';
      if (accessPointId === undefined) return `${server}:${path}`;
      const { accessPoints } = yield* this.#retryer.call(() => this.#cloud.describeAccessPoints({ accessPointIds: [accessPointId] }));
      const root = accessPoints[0]?.rootDirectory ?? '/';
      return `${server}:${path === '/' ? root : `${root === '/' ? '' : root}${path}`}`;
    } catch (error) {
      const gone = ['FileSystemNotFound', 'AccessPointNotFound'].includes(codeOf(error));
      const what = `Could not mount ${quoted(`${fileSystemId}:${path}`)} at ${quoted(target)}: ${apiError(error)}`;
      throw new CsiError(gone ? 'NOT_FOUND' : troubleOf(error), what);
    }
  }

  *#ownMachine(): Process<Instance> {
    const { name } = this.#host;
    let found: readonly Instance[];
    try {
      found = (yield* this.#retryer.call(() => this.#cloud.describeInstances({ names: [name] }))).instances;
    } catch (error) {
      throw new CsiError(troubleOf(error), `could not get the metadata of node ${name}: ${apiError(error)}`);
    }
    const instance = found.find(({ state }) => state !== 'terminated');
    if (!instance) throw new CsiError('INTERNAL', `could not get the metadata of node ${name}: it is no machine of this cloud`);
    return instance;
  }
}

/** @throws CsiError INVALID_ARGUMENT: no boolean, or a property that the driver does not know */
function encryptInTransit(context: Readonly<Record<string, string>>): boolean {
  let encrypted = true;
  for (const [key, value] of Object.entries(context)) {
    const lower = key.toLowerCase();
    if (lower === 'storage.kubernetes.io/csiprovisioneridentity') continue;
    if (lower !== 'encryptintransit') throw new CsiError('INVALID_ARGUMENT', `Volume context property ${key} not supported.`);
    if (value !== 'true' && value !== 'false')
      throw new CsiError('INVALID_ARGUMENT', `Volume context property ${quoted(key)} must be a boolean value: ${value}`);
    encrypted = value === 'true';
  }
  return encrypted;
}
