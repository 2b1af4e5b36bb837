import type { NodePublishVolumeRequest } from '@slipway/csi';
import { type Host, folderOf } from '@slipway/host';
import type { Kernel, Process } from '@slipway/kernel';
import { type CSIDriverSpec, formatTime, type Pod } from '@slipway/kube';
import type { MountedVolume, SetUpRequest } from '../kinds/volume-kind.ts';
import { serviceAccountToken } from '../kinds/volume-files.ts';
import { progressOf, VolumeError } from '../volume-error.ts';
import type { ClusterObjects } from './cluster-objects.ts';
import type { CsiDrivers } from './driver-registry.ts';
import {
  attachmentName,
  blockDataFolder,
  blockMapPath,
  blockPublishPath,
  blockStagingPath,
  csiPlugin,
  stagingPath,
  targetFolder,
  targetPath,
} from './names.ts';
import { driverCall, nodeCapabilities, type NodeCapabilities, volumeCapability } from './node-calls.ts';
import { cleanUp, quietly } from './stage.ts';
import { loadVolumeData, removeMountDirectory, saveVolumeData } from './volume-data.ts';
import { type CsiVolume, csiVolume } from './volume-source.ts';

/** What gives volumes to pods, and takes them back. */
export interface PublishOptions {
  readonly kernel: Kernel;
  readonly host: Host;
  readonly node: string;
  readonly drivers: CsiDrivers;
  readonly objects: ClusterObjects;
}

/** Seconds for which a token holds that names no time. Source: `pkg/apis/authentication/v1/defaults.go`. */
const defaultTokenSeconds = 3600;

/** Publishes the volume where the pod's containers find it. @throws VolumeError. Source: `pkg/volume/csi/csi_mounter.go` SetUpAt */
export function* publish(options: PublishOptions, request: SetUpRequest): Process {
  const { host, drivers, objects } = options;
  const { pod, again, reconstructed } = request;
  const uid = pod.metadata.uid ?? '';
  const volume = csiVolume(request.spec, uid);
  const client = drivers.client(volume.driver, 'mounter.SetUpAt failed to get CSI client');
  const driver = yield* objects.driver(volume.driver);
  checkMode(volume, driver);
  const checking = `${csiPlugin}: mounter.SetUpAt failed to check for STAGE_UNSTAGE_VOLUME capability: `;
  const capabilities = yield* nodeCapabilities(client, checking);
  const path = targetPath(uid, volume.name);
  host.files.makeDirectory(targetFolder(uid, volume.name), { recursive: true });
  const call = yield* publishRequest(options, request, volume, driver, capabilities, path);
  saveVolumeData(host.files, targetFolder(uid, volume.name), {
    specVolID: volume.name,
    volumeHandle: volume.handle,
    driverName: volume.driver,
    nodeName: options.node,
    volumeLifecycleMode: volume.mode,
    attachmentID: attachmentName(volume.handle, volume.driver, options.node),
  });
  try {
    yield* driverCall(client.nodePublishVolume(call));
  } catch (error) {
    // What a pod uses is never taken away because bringing it up to date failed.
    if (progressOf(error) === 'finished' && !again && !reconstructed) quietly(() => removeMountDirectory(host, path));
    throw error;
  }
  if (wantsGroup(volume, pod, driver, capabilities)) {
    host.warn(`pod ${pod.metadata.name}: securityContext.fsGroup: files have no owner here, so their group is not changed`);
  }
}

/** Takes the volume back from a pod. @throws VolumeError. Source: `csi_mounter.go` TearDownAt */
export function* unpublish({ host, drivers }: PublishOptions, { uid, name }: MountedVolume): Process {
  const data = loadVolumeData(host.files, targetFolder(uid, name));
  const path = targetPath(uid, name);
  // Nothing was begun, or everything has been undone.
  if (!data) {
    if (host.mounts.at(path)) throw new VolumeError(`${csiPlugin}: unmounter failed to load volume data file [${path}]`);
    return;
  }
  const client = drivers.client(data.driverName, 'Unmounter.TearDownAt failed to get CSI client');
  const request = { volumeId: data.volumeHandle, targetPath: path };
  yield* driverCall(client.nodeUnpublishVolume(request), `${csiPlugin}: Unmounter.TearDownAt failed: `);
  yield* cleanUp(`Unmounter.TearDownAt failed to clean mount dir [${path}]`, () => removeMountDirectory(host, path));
}

/** The same in block mode: the pod gets a device. @throws VolumeError. Source: `csi_block.go` MapPodDevice */
export function* publishBlock(options: PublishOptions, request: SetUpRequest): Process {
  const { host, drivers, objects, node } = options;
  const uid = request.pod.metadata.uid ?? '';
  const volume = csiVolume(request.spec, uid);
  const { handle, name } = volume;
  const client = drivers.client(volume.driver, 'blockMapper.MapPodDevice failed to get CSI client');
  const capabilities = yield* nodeCapabilities(client);
  const path = blockPublishPath(uid, name);
  saveVolumeData(host.files, blockDataFolder(name), {
    specVolID: name,
    volumeHandle: handle,
    driverName: volume.driver,
    nodeName: node,
    attachmentID: attachmentName(handle, volume.driver, node),
  });
  host.files.makeDirectory(folderOf(path), { recursive: true });
  const link = blockMapPath(uid, name);
  host.files.makeDirectory(folderOf(link), { recursive: true });
  if (!linkExists(host, link)) host.files.symlink(path, link);
  const driver = yield* objects.driver(volume.driver);
  try {
    yield* driverCall(client.nodePublishVolume(yield* publishRequest(options, request, volume, driver, capabilities, path)));
  } catch (error) {
    if (progressOf(error) === 'finished' && !request.again && !request.reconstructed) host.files.remove(link);
    throw error;
  }
}

/** Takes the device back from a pod. @throws VolumeError. Source: `csi_block.go` UnmapPodDevice */
export function* unpublishBlock({ host, drivers }: PublishOptions, { uid, name, spec }: MountedVolume): Process {
  const volume = csiVolume(spec, uid);
  const client = drivers.client(volume.driver, 'blockMapper.UnmapPodDevice failed to get CSI client');
  const path = blockPublishPath(uid, name);
  const request = { volumeId: volume.handle, targetPath: path };
  yield* driverCall(client.nodeUnpublishVolume(request), `${csiPlugin}: blockMapper.unpublishVolumeForBlock failed: `);
  if (host.files.exists(path) && !host.mounts.at(path)) host.files.remove(path, { recursive: true });
  const link = blockMapPath(uid, name);
  if (linkExists(host, link)) host.files.remove(link);
}

function* publishRequest(
  { kernel, objects }: PublishOptions,
  { pod, publishContext }: SetUpRequest,
  volume: CsiVolume,
  driver: CSIDriverSpec | undefined,
  capabilities: NodeCapabilities,
  path: string,
): Process<NodePublishVolumeRequest> {
  const { persistent, inline, handle, name } = volume;
  const isBlock = path === blockPublishPath(pod.metadata.uid ?? '', name);
  const ofInline = inline?.nodePublishSecretRef && {
    name: inline.nodePublishSecretRef.name,
    namespace: pod.metadata.namespace ?? 'default',
  };
  const secrets = yield* objects.secrets(persistent?.nodePublishSecretRef ?? ofInline, 'fetching NodePublishSecretRef');
  const tokens = tokensFor(pod, driver, kernel.unixMicros);
  const asSecrets = driver?.serviceAccountTokenInSecrets === true;
  const allSecrets = asSecrets ? { ...secrets, ...tokens } : secrets;
  const staging = isBlock ? blockStagingPath(name) : stagingPath(volume.driver, handle);
  const fsGroup = pod.spec.securityContext?.fsGroup;
  const access = isBlock ? ({ block: true } as const) : { fsType: volume.fsType, mountFlags: volume.mountOptions, fsGroup };
  return {
    volumeId: handle,
    targetPath: path,
    readonly: volume.readOnly,
    volumeCapability: volumeCapability(volume.accessModes, capabilities, access),
    volumeContext: {
      ...volume.attributes,
      ...(driver?.podInfoOnMount ? podInfo(pod, volume) : {}),
      ...(asSecrets ? {} : tokens),
    },
    ...(volume.mode === 'Persistent' && capabilities.has('STAGE_UNSTAGE_VOLUME') ? { stagingTargetPath: staging } : {}),
    ...(publishContext ? { publishContext } : {}),
    ...(allSecrets ? { secrets: allSecrets } : {}),
  };
}

/** Source: `csi_mounter.go` supportsVolumeLifecycleMode. */
function checkMode({ mode, driver: name }: CsiVolume, driver: CSIDriverSpec | undefined): void {
  const refuse = (why: string): never => {
    const words = `volume mode "${mode}" not supported by driver ${name} (${why})`;
    throw new VolumeError(`${csiPlugin}: mounter.SetupAt failed to check volume lifecycle mode: ${words}`, 'transient');
  };
  if (!driver) {
    if (mode === 'Ephemeral') refuse('no CSIDriver object');
    return;
  }
  const { volumeLifecycleModes = ['Persistent'] } = driver;
  if (!volumeLifecycleModes.includes(mode)) refuse(`only supports [${volumeLifecycleModes.map((each) => `"${each}"`).join(' ')}]`);
}

/** Source: `csi_util.go` getPodInfoAttrs. */
const podInfo = ({ metadata, spec }: Pod, { mode }: CsiVolume): { readonly [key: string]: string } => ({
  'csi.storage.k8s.io/pod.name': metadata.name,
  'csi.storage.k8s.io/pod.namespace': metadata.namespace ?? 'default',
  'csi.storage.k8s.io/pod.uid': metadata.uid ?? '',
  'csi.storage.k8s.io/serviceAccount.name': spec.serviceAccountName ?? '',
  'csi.storage.k8s.io/ephemeral': String(mode === 'Ephemeral'),
});

/** Source: `csi_mounter.go` podServiceAccountTokenAttrs. */
function tokensFor(pod: Pod, driver: CSIDriverSpec | undefined, now: number): { readonly [key: string]: string } {
  const { tokenRequests = [] } = driver ?? {};
  if (tokenRequests.length === 0) return {};
  const tokens = tokenRequests.map(({ audience, expirationSeconds = defaultTokenSeconds }) => {
    const expirationTimestamp = formatTime(now + expirationSeconds * 1_000_000);
    return [audience, { token: serviceAccountToken(audience, pod), expirationTimestamp }] as const;
  });
  return { 'csi.storage.k8s.io/serviceAccount.tokens': JSON.stringify(Object.fromEntries(tokens)) };
}

/** Whether upstream would now give the files to the pod's group. Source: `csi_mounter.go` supportsFSGroup. */
function wantsGroup(volume: CsiVolume, pod: Pod, driver: CSIDriverSpec | undefined, capabilities: NodeCapabilities): boolean {
  const policy = driver?.fsGroupPolicy ?? 'ReadWriteOnceWithFSType';
  if (pod.spec.securityContext?.fsGroup === undefined || policy === 'None' || volume.readOnly) return false;
  if (capabilities.has('VOLUME_MOUNT_GROUP')) return false;
  if (policy === 'File') return true;
  const writesOnce = volume.accessModes?.some((mode) => mode === 'ReadWriteOnce' || mode === 'ReadWriteOncePod') ?? false;
  return Boolean(volume.fsType) && (volume.mode === 'Ephemeral' || writesOnce);
}

function linkExists({ files }: Host, path: string): boolean {
  const folder = folderOf(path);
  return files.exists(folder) && files.list(folder).includes(path.slice(folder.length + 1));
}
