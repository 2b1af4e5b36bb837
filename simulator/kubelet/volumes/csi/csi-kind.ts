import type { ApiClient } from '@slipway/client';
import type { Host } from '@slipway/host';
import { codeOf, type Kernel, type Process } from '@slipway/kernel';
import type { PersistentVolume, Pod } from '@slipway/kube';
import { isExpectedFailure, rpcText } from '../../failure.ts';
import type { ExpandRequest, MountedVolume, PublishContext, SetUpRequest, VolumeFacts, VolumeKind } from '../kinds/volume-kind.ts';
import { ExpansionRefused, VolumeError } from '../volume-error.ts';
import { isBlock, type VolumeSpec } from '../volume-spec.ts';
import { ClusterObjects } from './cluster-objects.ts';
import type { CsiDrivers } from './driver-registry.ts';
import { blockDataFolder, blockPublishPath, blockStagingPath, csiPlugin, stagingPath, targetFolder, targetPath } from './names.ts';
import { nodeCapabilities, volumeCapability } from './node-calls.ts';
import { publish, publishBlock, type PublishOptions, unpublish, unpublishBlock } from './publish.ts';
import { stage, stageBlock, unstage, unstageBlock } from './stage.ts';
import { loadVolumeData } from './volume-data.ts';
import { csiVolume, isCsi } from './volume-source.ts';

/** What CSI volumes are made from. */
export interface CsiKindOptions {
  readonly kernel: Kernel;
  readonly api: ApiClient;
  readonly host: Host;
  readonly node: string;
  readonly drivers: CsiDrivers;
}

/** Volumes of CSI drivers: persistent ones, staged and published, and those that a pod has inline, which are published only. */
export class CsiKind implements VolumeKind {
  readonly name = csiPlugin;
  readonly takesMountOptions = true;
  readonly #options: PublishOptions;

  constructor({ kernel, api, host, node, drivers }: CsiKindOptions) {
    this.#options = { kernel, host, node, drivers, objects: new ClusterObjects(api, node) };
  }

  supports(spec: VolumeSpec): boolean {
    return isCsi(spec);
  }

  path(uid: string, spec: VolumeSpec): string {
    const { name } = csiVolume(spec, uid);
    return isBlock(spec) ? blockPublishPath(uid, name) : targetPath(uid, name);
  }

  deviceOf(spec: VolumeSpec): string | undefined {
    const { driver, handle, mode } = csiVolume(spec, '');
    return mode === 'Persistent' ? `${driver}^${handle}` : undefined;
  }

  *inspect(spec: VolumeSpec): Process<VolumeFacts> {
    const { driver, mode } = csiVolume(spec, '');
    const object = yield* this.#options.objects.driver(driver);
    // A driver without an object is taken to need attaching.
    return { attachable: mode === 'Persistent' && object?.attachRequired !== false, refreshed: object?.requiresRepublish === true };
  }

  waitForAttach(spec: VolumeSpec): Process<PublishContext> {
    const { driver, handle } = csiVolume(spec, '');
    return this.#options.objects.publishContext(driver, handle);
  }

  mountDevice(spec: VolumeSpec, pod: Pod, publishContext: PublishContext | undefined): Process {
    const volume = csiVolume(spec, '');
    return isBlock(spec) ? stageBlock(this.#options, volume, publishContext) : stage(this.#options, volume, pod, publishContext);
  }

  unmountDevice(spec: VolumeSpec): Process {
    const volume = csiVolume(spec, '');
    return isBlock(spec) ? unstageBlock(this.#options, volume) : unstage(this.#options, volume);
  }

  setUp(request: SetUpRequest): Process {
    return isBlock(request.spec) ? publishBlock(this.#options, request) : publish(this.#options, request);
  }

  tearDown(volume: MountedVolume): Process {
    return isBlock(volume.spec) ? unpublishBlock(this.#options, volume) : unpublish(this.#options, volume);
  }

  /** Source: `pkg/volume/csi/expander.go` NodeExpand. */
  *expand({ spec, uid, bytes }: ExpandRequest): Process<boolean> {
    const { drivers, objects } = this.#options;
    const volume = csiVolume(spec, uid);
    const client = drivers.client(volume.driver, 'Expander.NodeExpand failed');
    const capabilities = yield* nodeCapabilities(client, 'Expander.NodeExpand failed to check if node supports expansion : ');
    if (!capabilities.has('EXPAND_VOLUME')) return false;
    const secrets = yield* objects.secrets(volume.persistent?.nodeExpandSecretRef, 'fetching NodeExpandSecretRef');
    const access = isBlock(spec) ? ({ block: true } as const) : { fsType: volume.fsType, mountFlags: volume.mountOptions };
    const staging = isBlock(spec) ? blockStagingPath(volume.name) : stagingPath(volume.driver, volume.handle);
    try {
      yield* client.nodeExpandVolume({
        volumeId: volume.handle,
        volumePath: this.path(uid, spec),
        capacityRange: { requiredBytes: bytes },
        volumeCapability: volumeCapability(volume.accessModes, capabilities, access),
        ...(capabilities.has('STAGE_UNSTAGE_VOLUME') ? { stagingTargetPath: staging } : {}),
        ...(secrets ? { secrets } : {}),
      });
      return true;
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      throw expansionFailure(error);
    }
  }

  restore(uid: string, name: string, block: boolean): VolumeSpec | undefined {
    const data = loadVolumeData(this.#options.host.files, block ? blockDataFolder(name) : targetFolder(uid, name));
    if (!data) return undefined;
    const { driverName: driver, volumeHandle, volumeLifecycleMode, specVolID = name } = data;
    if (volumeLifecycleMode === 'Ephemeral') return { volume: { name: specVolID, csi: { driver } }, readOnly: false };
    return { persistentVolume: restored(specVolID, driver, volumeHandle, block), readOnly: false };
  }
}

/** All that the node's disk tells of a persistent volume. */
export function restored(name: string, driver: string, volumeHandle: string, block: boolean): PersistentVolume {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { csi: { driver, volumeHandle }, volumeMode: block ? 'Block' : 'Filesystem' },
  };
}

function expansionFailure(error: unknown): Error {
  switch (codeOf(error)) {
    case 'FAILED_PRECONDITION':
      return new ExpansionRefused(`Expander.NodeExpand failed to expand the volume : ${rpcText(error)}`, 'inUse');
    case 'INVALID_ARGUMENT':
    case 'OUT_OF_RANGE':
    case 'NOT_FOUND':
      return new ExpansionRefused(`Expander.NodeExpand failed to expand the volume ${rpcText(error)}`, 'infeasible');
    default:
      return new VolumeError(`Expander.NodeExpand failed to expand the volume : ${rpcText(error)}`, 'finished');
  }
}
