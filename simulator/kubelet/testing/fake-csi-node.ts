import {
  type CsiNode,
  CsiError,
  type NodeGetInfoResponse,
  type NodePublishVolumeRequest,
  type NodeServiceCapabilityRPCType,
  type NodeStageVolumeRequest,
} from '@slipway/csi';
import type { Host } from '@slipway/host';
import { type Implementation, type Micros, type Process, sleep } from '@slipway/kernel';

/** How the fake driver behaves. */
export interface FakeCsiOptions {
  readonly capabilities?: readonly NodeServiceCapabilityRPCType[];
  readonly info?: Partial<NodeGetInfoResponse>;
  /** How long each call that does something takes. */
  readonly takes?: Micros;
}

/**
 * The node half of a driver of disks, in a hundred lines: it stages by mounting `publishContext.devicePath`, and publishes by binding. It
 * writes down what it is asked, and what its caller must never do.
 */
export class FakeCsiNode implements Implementation<CsiNode> {
  /** `NodeStageVolume vol-1`, `NodePublishVolume vol-1 web` … */
  readonly calls: string[] = [];
  /** Breaches of "one call at a time on a volume" and "stage before publish". */
  readonly breaches: string[] = [];
  /** A kubelet that has ended may have left a call at work: the next one's is then no breach. */
  mayOverlap = false;
  /** Every request, the newest last. */
  readonly requests: { readonly method: string; readonly request: object }[] = [];
  /** Codes that the next calls of a method fail with, one each. */
  readonly failures = new Map<string, string[]>();
  readonly #host: Host;
  readonly #options: FakeCsiOptions;
  readonly #busy = new Set<string>();
  readonly #capabilities: ReadonlySet<NodeServiceCapabilityRPCType>;

  constructor(host: Host, options: FakeCsiOptions = {}) {
    this.#host = host;
    this.#options = options;
    this.#capabilities = new Set(options.capabilities ?? ['STAGE_UNSTAGE_VOLUME', 'EXPAND_VOLUME']);
  }

  nodeGetCapabilities() {
    return { capabilities: [...this.#capabilities].map((type) => ({ rpc: { type } })) };
  }

  nodeGetInfo(): NodeGetInfoResponse {
    this.#fail('nodeGetInfo');
    return {
      nodeId: 'i-1',
      maxVolumesPerNode: 26,
      accessibleTopology: { segments: { 'topology.disk.test/zone': 'a' } },
      ...this.#options.info,
    };
  }

  *nodeStageVolume(request: NodeStageVolumeRequest): Process<Record<never, never>> {
    const { volumeId, stagingTargetPath: path, volumeCapability } = request;
    yield* this.#work('nodeStageVolume', `NodeStageVolume ${volumeId}`, volumeId, request);
    if ('block' in volumeCapability) this.#host.files.write(`${path}/device`, volumeId);
    else if (!this.#host.mounts.at(path)) this.#mount(request.publishContext?.devicePath ?? '', path, volumeCapability.mount.fsType);
    return {};
  }

  *nodeUnstageVolume(request: { readonly volumeId: string; readonly stagingTargetPath: string }): Process<Record<never, never>> {
    const { volumeId, stagingTargetPath: path } = request;
    yield* this.#work('nodeUnstageVolume', `NodeUnstageVolume ${volumeId}`, volumeId, request);
    const { mounts, files } = this.#host;
    if (mounts.at(path)) {
      const { disk } = mounts.at(path) ?? {};
      const bound = mounts.all().filter((mount) => mount.disk === disk && mount.target !== path);
      if (bound.length > 0) this.breaches.push(`unstage of ${volumeId} while it is published`);
      mounts.unmount(path);
    }
    files.remove(`${path}/device`, { recursive: true });
    return {};
  }

  *nodePublishVolume(request: NodePublishVolumeRequest): Process<Record<never, never>> {
    const { volumeId, targetPath, stagingTargetPath: staging, volumeCapability } = request;
    yield* this.#work('nodePublishVolume', `NodePublishVolume ${volumeId}`, volumeId, request);
    const { mounts, files } = this.#host;
    if ('block' in volumeCapability) {
      files.write(targetPath, volumeId);
      return {};
    }
    if (mounts.at(targetPath)) return {};
    files.makeDirectory(targetPath, { recursive: true });
    if (this.#capabilities.has('STAGE_UNSTAGE_VOLUME') && staging !== undefined) {
      if (!mounts.at(staging)) {
        this.breaches.push(`publish of ${volumeId} before it is staged`);
        throw new CsiError('FAILED_PRECONDITION', `${volumeId} is not staged`);
      }
      mounts.mount(staging, targetPath, { type: 'bind', readOnly: request.readonly });
    } else if (request.publishContext?.devicePath) this.#mount(request.publishContext.devicePath, targetPath, undefined);
    else mounts.mount('tmpfs', targetPath, { type: 'tmpfs' });
    return {};
  }

  *nodeUnpublishVolume(request: { readonly volumeId: string; readonly targetPath: string }): Process<Record<never, never>> {
    const { volumeId, targetPath } = request;
    yield* this.#work('nodeUnpublishVolume', `NodeUnpublishVolume ${volumeId}`, volumeId, request);
    const { mounts, files } = this.#host;
    if (mounts.at(targetPath)) mounts.unmount(targetPath);
    if (files.exists(targetPath)) files.remove(targetPath);
    return {};
  }

  *nodeExpandVolume(request: { readonly volumeId: string; readonly volumePath: string }): Process<Record<never, never>> {
    yield* this.#work('nodeExpandVolume', `NodeExpandVolume ${request.volumeId}`, request.volumeId, request);
    return {};
  }

  *#work(method: string, call: string, volumeId: string, request: object): Process {
    this.calls.push(call);
    this.requests.push({ method, request });
    if (this.#busy.has(volumeId)) {
      if (!this.mayOverlap) this.breaches.push(`${call} while another call is at work on the volume`);
      throw new CsiError('ABORTED', `another call is at work on ${volumeId}`);
    }
    this.#busy.add(volumeId);
    try {
      if (this.#options.takes !== undefined) yield* sleep(this.#options.takes);
      this.#fail(method);
    } finally {
      this.#busy.delete(volumeId);
    }
  }

  #fail(method: string): void {
    const code = this.failures.get(method)?.shift();
    if (code !== undefined) throw new CsiError(code as ConstructorParameters<typeof CsiError>[0], `${method} says ${code}`);
  }

  #mount(device: string, path: string, fsType: string | undefined): void {
    const disk = this.#host.devices.get(device);
    if (!disk) throw new CsiError('NOT_FOUND', `no device ${device}`);
    if (disk.fileSystem === undefined) disk.format(fsType ?? 'ext4');
    this.#host.mounts.mount(device, path, { type: disk.fileSystem ?? 'ext4' });
  }
}
