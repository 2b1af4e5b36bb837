import type { ApiClient } from '@slipway/client';
import type { Mount, MountPropagation } from '@slipway/cri';
import { type Kernel, messageOf, milliseconds, minutes, type Process, seconds, sleep } from '@slipway/kernel';
import type { Host } from '@slipway/host';
import type { Container, Node, Pod, Volume, VolumeMount } from '@slipway/kube';
import { isHostNetwork } from '../decisions/containers.ts';
import { isExpectedFailure } from '../failure.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import type { Variable } from '../runtime/environment.ts';
import { expand } from '../runtime/expansion.ts';
import { ConfigError } from '../runtime/field-values.ts';
import { PodObjects } from '../runtime/pod-objects.ts';
import { hostsFile, podDirectory, volumeDirectory, volumesDirectory } from '../runtime/pod-paths.ts';
import { hostsFileContent } from '../runtime/pod-sandbox-config.ts';
import { VolumeError, volumeFiles, volumeReferences } from './volume-files.ts';

/** Longest wait for a pod's volumes in one sync. Source: `pkg/kubelet/volumemanager/volume_manager.go`. */
const mountTimeout = minutes(2) + seconds(3);
const mountPoll = milliseconds(300);
/** Pause after a volume that failed. Source: `pkg/util/goroutinemap/exponentialbackoff/exponential_backoff.go`. */
const firstRetry = milliseconds(500);
const longestRetry = minutes(2) + seconds(2);

/** What volumes are made from. */
export interface VolumesOptions {
  readonly kernel: Kernel;
  readonly api: ApiClient;
  readonly host: Host;
  readonly events: KubeletEvents;
  readonly clusterDomain: string;
  readonly node: () => Node | undefined;
  readonly hostIPs: () => readonly string[];
}

/** Raised when a pod's volumes are not there in time; nothing is reported, since each failure was. */
export class VolumeTimeout extends Error {
  readonly code = 'VolumeTimeout';
}

interface Retry {
  readonly at: number;
  readonly delay: number;
}

/**
 * Puts a pod's volumes on the node as directories and files: emptyDir, hostPath, configMap, secret, downwardAPI, projected.
 *
 * Source: `pkg/kubelet/volumemanager/`, `pkg/kubelet/kubelet_pods.go` makeMounts.
 */
export class Volumes {
  readonly #options: VolumesOptions;
  /** Where each volume of a pod is on the node, by pod uid. */
  readonly #mounted = new Map<string, Map<string, string>>();

  constructor(options: VolumesOptions) {
    this.#options = options;
  }

  /** The pod has volumes whose content follows objects of the API, which a later sync brings up to date. */
  follows(pod: Pod): boolean {
    return (pod.spec.volumes ?? []).some(followsObjects);
  }

  /**
   * Waits until all volumes are there; later calls bring their content up to date.
   *
   * @param cancelled asked between tries: the pod is to end instead
   * @throws VolumeTimeout when time is up, VolumeError for a kind of volume that is not to be had
   */
  *mount(pod: Pod, podIPs: readonly string[], cancelled: () => boolean): Process {
    const volumes = pod.spec.volumes ?? [];
    if (volumes.length === 0) return;
    const { kernel, events } = this.#options;
    const uid = pod.metadata.uid ?? '';
    const mounted = this.#mounted.get(uid) ?? new Map<string, string>();
    this.#mounted.set(uid, mounted);
    this.#refuseUnsupported(pod, volumes);
    const deadline = kernel.now + mountTimeout;
    const retries = new Map<string, Retry>();
    let left: readonly Volume[] = volumes;
    for (;;) {
      const objects = new PodObjects(this.#options.api, pod);
      const failed: Volume[] = [];
      for (const volume of left) {
        const retry = retries.get(volume.name);
        try {
          if (retry && kernel.now < retry.at) failed.push(volume);
          // In life a sync reads from what the kubelet watches; here it asks the API, but not for what stays as it is.
          else if (!mounted.has(volume.name) || followsObjects(volume) || tellsOfPod(volume))
            mounted.set(volume.name, yield* this.#setUp(pod, volume, podIPs, objects, mounted.has(volume.name)));
        } catch (error) {
          if (!isExpectedFailure(error)) throw error;
          events.pod(pod, 'Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${volume.name}" : ${messageOf(error)}`);
          const delay = retry ? Math.min(2 * retry.delay, longestRetry) : firstRetry;
          retries.set(volume.name, { at: kernel.now + delay, delay });
          failed.push(volume);
        }
      }
      if (failed.length === 0) return;
      if (cancelled()) throw new VolumeTimeout('context canceled');
      if (kernel.now >= deadline) throw new VolumeTimeout(`${unmounted(failed)}: context deadline exceeded`);
      left = failed;
      yield* sleep(mountPoll);
    }
  }

  /** What a container mounts. @throws ConfigError for a mount of a volume that the pod has not */
  mounts(pod: Pod, container: Container, variables: readonly Variable[], podIPs: readonly string[]): readonly Mount[] {
    const { host, clusterDomain } = this.#options;
    const uid = pod.metadata.uid ?? '';
    const mounted = this.#mounted.get(uid);
    const mounts = (container.volumeMounts ?? []).map((mount) => this.#mountOf(pod, container, mount, mounted?.get(mount.name), variables));
    const ownsHosts = mounts.some(({ containerPath }) => containerPath === '/etc/hosts');
    if (ownsHosts || isHostNetwork(pod) || podIPs.length === 0) return mounts;
    const path = hostsFile(uid);
    host.files.write(path, hostsFileContent(pod, podIPs, clusterDomain), { parents: true });
    return [...mounts, { containerPath: '/etc/hosts', hostPath: path }];
  }

  /** Takes the pod's volumes away. @throws HostError EBUSY while a container holds one */
  unmount(uid: string): void {
    const { files, mounts } = this.#options.host;
    const directory = volumesDirectory(uid);
    for (const { target } of mounts.below(directory)) mounts.unmount(target);
    this.#mounted.delete(uid);
    files.remove(directory, { recursive: true });
  }

  /** Removes what is left of a pod that is gone. */
  removePod(uid: string): void {
    const { files } = this.#options.host;
    if (files.exists(podDirectory(uid))) files.remove(podDirectory(uid), { recursive: true });
  }

  /** Uids of pods that have a directory. */
  podsOnDisk(): readonly string[] {
    const { files } = this.#options.host;
    const directory = podDirectory('').slice(0, -1);
    return files.exists(directory) ? files.list(directory) : [];
  }

  #refuseUnsupported(pod: Pod, volumes: readonly Volume[]): void {
    const refused = volumes.filter((volume) => pluginOf(volume) === undefined);
    if (refused.length === 0) return;
    const why = refused.map(({ name, persistentVolumeClaim }) =>
      persistentVolumeClaim
        ? `error processing PVC ${pod.metadata.namespace ?? 'default'}/${persistentVolumeClaim.claimName}: persistent volumes are not simulated`
        : `volume ${name}: this kind of volume is not simulated`,
    );
    throw new VolumeError(`${unmounted(refused)}: ${why.join(', ')}`);
  }

  /** @returns where the volume is on the node */
  *#setUp(pod: Pod, volume: Volume, podIPs: readonly string[], objects: PodObjects, again: boolean): Process<string> {
    const { files, mounts } = this.#options.host;
    const uid = pod.metadata.uid ?? '';
    if (volume.hostPath) {
      if (!again) checkHostPath(files, volume.hostPath);
      return volume.hostPath.path;
    }
    const path = volumeDirectory(uid, pluginOf(volume) ?? '', volume.name);
    if (!again) files.makeDirectory(path, { recursive: true });
    if (volume.emptyDir) {
      if (!again && volume.emptyDir.medium === 'Memory' && !mounts.at(path)) mounts.mount('tmpfs', path, { type: 'tmpfs' });
      return path;
    }
    const { configMaps, secrets } = volumeReferences(volume);
    const content = volumeFiles(volume, {
      pod,
      podIPs,
      hostIPs: this.#options.hostIPs(),
      node: this.#options.node(),
      configMaps: yield* objects.configMaps(configMaps),
      secrets: yield* objects.secrets(secrets),
    });
    for (const [name, bytes] of content) files.write(`${path}/${name}`, bytes, { parents: true });
    return path;
  }

  #mountOf(pod: Pod, container: Container, mount: VolumeMount, path: string | undefined, variables: readonly Variable[]): Mount {
    const volume = pod.spec.volumes?.find(({ name }) => name === mount.name);
    if (!volume || path === undefined)
      throw new ConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    const shared = {
      containerPath: mount.mountPath,
      readonly: mount.readOnly === true,
      propagation: propagations[mount.mountPropagation ?? 'None'],
      recursiveReadOnly: mount.recursiveReadOnly === 'Enabled',
    };
    const subPath = mount.subPathExpr === undefined ? (mount.subPath ?? '') : expandedSubPath(mount.subPathExpr, variables);
    if (subPath === '') return { ...shared, hostPath: path };
    if (subPath.startsWith('/')) throw new ConfigError(`error SubPath \`${subPath}\` must not be an absolute path`);
    const { files } = this.#options.host;
    const hostPath = `${path}/${subPath}`;
    if (!files.exists(hostPath)) files.makeDirectory(hostPath, { recursive: true });
    return { ...shared, hostPath };
  }
}

/** Its content comes from objects of the API that may change. */
function followsObjects(volume: Volume): boolean {
  const { configMaps, secrets } = volumeReferences(volume);
  // Every pod has the cluster's certificate, which never changes.
  return secrets.length > 0 || configMaps.some((name) => name !== 'kube-root-ca.crt');
}

/** Its content comes from the pod itself, beyond what every pod's own token volume says of it: its namespace. */
function tellsOfPod({ downwardAPI, projected }: Volume): boolean {
  const items = [...(downwardAPI?.items ?? []), ...(projected?.sources ?? []).flatMap((source) => source.downwardAPI?.items ?? [])];
  return items.some(({ fieldRef }) => fieldRef?.fieldPath !== 'metadata.namespace');
}

const propagations: Readonly<Record<NonNullable<VolumeMount['mountPropagation']>, MountPropagation>> = {
  None: 'PROPAGATION_PRIVATE',
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
};

const unmounted = (volumes: readonly Volume[]): string => {
  const names = volumes.map(({ name }) => name).join(' ');
  return `unmounted volumes=[${names}], unattached volumes=[], failed to process volumes=[${names}]`;
};

/** The plugin that sets up a volume; undefined for kinds that are not simulated. */
function pluginOf(volume: Volume): string | undefined {
  if (volume.emptyDir) return 'kubernetes.io/empty-dir';
  if (volume.hostPath) return 'kubernetes.io/host-path';
  if (volume.configMap) return 'kubernetes.io/configmap';
  if (volume.secret) return 'kubernetes.io/secret';
  if (volume.projected) return 'kubernetes.io/projected';
  return volume.downwardAPI ? 'kubernetes.io/downward-api' : undefined;
}

/** Source: `pkg/volume/hostpath/host_path.go` checkType. */
function checkHostPath(files: Host['files'], { path, type }: NonNullable<Volume['hostPath']>): void {
  const kind = files.exists(path) ? files.status(path).kind : undefined;
  const refuse = (what: string): never => {
    throw new VolumeError(`hostPath type check failed: ${path} is not a ${what}`);
  };
  switch (type) {
    case 'DirectoryOrCreate':
      if (kind === undefined) files.makeDirectory(path, { recursive: true });
      else if (kind !== 'directory') refuse('directory');
      break;
    case 'FileOrCreate':
      if (kind === undefined) files.write(path, '');
      else if (kind !== 'file') refuse('file');
      break;
    case 'Directory':
      if (kind !== 'directory') refuse('directory');
      break;
    case 'File':
      if (kind !== 'file') refuse('file');
      break;
    case 'Socket':
    case 'CharDevice':
    case 'BlockDevice':
      // Sockets and devices are no files here; what is there under the name has to do.
      if (kind === undefined) refuse(type === 'Socket' ? 'socket' : type === 'CharDevice' ? 'character device' : 'block device');
      break;
    case '':
    case undefined:
      break;
  }
}

function expandedSubPath(expression: string, variables: readonly Variable[]): string {
  const values = new Map(variables.map(({ name, value }) => [name, value]));
  return expand(expression, (name) => {
    const value = values.get(name);
    if (value === undefined) throw new ConfigError(`missing value for "${name}"`);
    return value;
  });
}
