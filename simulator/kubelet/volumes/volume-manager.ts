import { type ApiClient, Informer } from '@slipway/client';
import type { Device, Mount } from '@slipway/cri';
import type { Host } from '@slipway/host';
import { Cell, milliseconds, minutes, type Owner, type Process, seconds, sleep, sleepUntil, until } from '@slipway/kernel';
import type { Container, Node, Pod } from '@slipway/kube';
import { isHostNetwork } from '../decisions/containers.ts';
import { isExpectedFailure } from '../failure.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import type { Variable } from '../runtime/environment.ts';
import { hostsFile, podDirectory, podsDirectory, volumesDirectory } from '../runtime/pod-paths.ts';
import { hostsFileContent } from '../runtime/pod-sandbox-config.ts';
import { containerDevices, containerMounts } from './container-mounts.ts';
import { CsiKind } from './csi/csi-kind.ts';
import { CsiDrivers, type CsiDriverRegistry } from './csi/driver-registry.ts';
import { NodeInfo } from './csi/node-info.ts';
import { builtInKinds } from './kinds/index.ts';
import { followsObjects } from './kinds/object-files.ts';
import type { VolumeKind } from './kinds/volume-kind.ts';
import { Populator, type PodVolumes } from './reconcile/populator.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { reconstruct } from './reconcile/reconstruction.ts';
import { VolumeExpander } from './reconcile/volume-expander.ts';
import { VolumeOperations } from './reconcile/volume-operations.ts';
import { ActualState } from './state/actual-state.ts';
import { type DesiredPod, DesiredState } from './state/desired-state.ts';
import { VolumeError, VolumeTimeout } from './volume-error.ts';
import { claimNameOf, expectedVolumes } from './volume-spec.ts';

/** Longest wait for a pod's volumes to come or to go, and how often it is looked. Source: `pkg/kubelet/volumemanager/volume_manager.go`. */
const waitTimeout = minutes(2) + seconds(3);
const waitPeriod = milliseconds(300);
/** Pause before the node is asked for again. */
const nodeRetryPause = milliseconds(100);

/** What a volume manager is made from. */
export interface VolumeManagerOptions {
  readonly owner: Owner;
  readonly api: ApiClient;
  readonly host: Host;
  readonly events: KubeletEvents;
  readonly nodeName: string;
  readonly clusterDomain: string;
  readonly node: () => Node | undefined;
  readonly hostIPs: () => readonly string[];
  /** True once the node is in the API. */
  readonly registered: Cell<boolean>;
  /** Every pod that may want volumes has been looked at; see `hasSeen`. */
  readonly podsSeen: () => boolean;
  /** `volumesInUse` tells something else than before. */
  readonly onInUseChange: () => void;
  /** Nothing of the pod's volumes is left on the node. */
  readonly onUnmounted: (uid: string) => void;
}

/** A pod whose volumes are to go. */
interface Leaving {
  readonly changed: Cell<number>;
  /** Volumes that it wanted. */
  readonly volumes: readonly string[];
}

/**
 * Brings pods' volumes to the node and takes them away: it keeps what pods want and what is there, and a loop in the background makes
 * the one of the other.
 *
 * Source: `pkg/kubelet/volumemanager/volume_manager.go`.
 */
export class VolumeManager {
  /** What drivers add to Node and CSINode. */
  readonly nodeInfo: NodeInfo;
  readonly #options: VolumeManagerOptions;
  readonly #drivers: CsiDrivers;
  readonly #kinds: readonly VolumeKind[];
  readonly #desired = new DesiredState();
  readonly #actual = new ActualState();
  readonly #populator: Populator;
  readonly #reconciler: Reconciler;
  /** Pods whose volumes are being looked for. */
  readonly #finding = new Set<string>();
  readonly #leaving = new Map<string, Leaving>();
  #node: Informer<Node> | undefined;
  /** What an earlier kubelet left is known as well as can be. */
  #synced = false;

  constructor(options: VolumeManagerOptions) {
    const { owner, api, host, events, nodeName, node, hostIPs, registered, podsSeen, onInUseChange } = options;
    const { kernel } = owner;
    this.#options = options;
    this.nodeInfo = new NodeInfo(api, nodeName);
    this.#drivers = new CsiDrivers(this.nodeInfo, registered);
    const csi = new CsiKind({ kernel, api, host, node: nodeName, drivers: this.#drivers });
    this.#kinds = [...builtInKinds({ api, host, node, hostIPs }), csi];
    this.#populator = new Populator(api, this.#kinds);
    const expander = new VolumeExpander({ kernel, api, events, nodeName });
    this.#reconciler = new Reconciler({
      owner,
      desired: this.#desired,
      actual: this.#actual,
      operations: new VolumeOperations({ api, events, nodeName, node, actual: this.#actual, expander }),
      mayUnmount: () => this.#synced,
      podsSeen,
      isReleased: (uid) => this.#leaving.has(uid),
      isSaidAttached: (volume) => this.#isSaidAttached(volume),
      onChange: (uids) => this.#onChange(uids),
      onAttachableChange: onInUseChange,
    });
  }

  /** Where CSI drivers make themselves known. */
  get csiDrivers(): CsiDriverRegistry {
    return this.#drivers;
  }

  /** Looks at what an earlier kubelet left. */
  start(): void {
    const { owner, host } = this.#options;
    const found = reconstruct(host, this.#kinds, this.#actual);
    if (found.length === 0) this.#synced = true;
    else owner.spawn('reconstructed volumes', this.#learnAttachability(found));
  }

  /** The pod has volumes that change without telling anybody, which a later sync brings up to date. */
  follows(pod: Pod): boolean {
    return expectedVolumes(pod).some(
      (volume) => followsObjects(volume) || volume.csi !== undefined || claimNameOf(pod, volume) !== undefined,
    );
  }

  /**
   * Waits until all volumes that the pod's containers use are there. Those that were there before are brought up to date in the background.
   *
   * @param cancelled asked when `interrupt` has been called: the pod is to end instead
   * @throws VolumeTimeout when time is up, VolumeError for volumes that cannot be told
   */
  *waitForMount(pod: Pod, podIPs: readonly string[], cancelled: () => boolean): Process {
    const names = expectedVolumes(pod).map(({ name }) => name);
    const entry = this.#desired.track(pod, podIPs);
    entry.errors = [];
    let seen = entry.changed.version;
    const simple = this.#populate(entry, names);
    if (simple) yield* this.#reconciler.settle(simple);
    if (this.#unmounted(entry, names).length === 0) return;
    const { kernel } = this.#options.owner;
    const start = kernel.now;
    const deadline = start + waitTimeout;
    const cancelAlarm = kernel.after(waitTimeout, () => bump(entry.changed));
    try {
      for (;;) {
        yield* until(entry.changed, seen);
        seen = entry.changed.version;
        if (cancelled()) throw this.#missing(entry, names, 'context canceled');
        if (kernel.now < deadline) yield* sleepUntil(nextPoll(start, kernel.now));
        if (entry.errors.length > 0) throw this.#missing(entry, names, entry.errors.join('; '), true);
        if (this.#unmounted(entry, names).length === 0) return;
        if (kernel.now >= deadline) throw this.#missing(entry, names, 'context deadline exceeded');
      }
    } finally {
      cancelAlarm();
    }
  }

  /** The pod is to end: a wait for its volumes looks up. */
  interrupt(uid: string): void {
    const entry = this.#desired.pod(uid);
    if (entry) bump(entry.changed);
  }

  /** Waits until nothing of the pod's volumes is left, once all its containers have ended. @throws VolumeTimeout when time is up */
  *waitForUnmount(uid: string): Process {
    const left = this.#leave(uid);
    const [simple, others] = split(left, (name) => this.#actual.volume(name)?.kind.inspect === undefined);
    this.#reconciler.look(others);
    yield* this.#reconciler.settle(simple);
    const leaving = this.#leaving.get(uid);
    if (!leaving || !this.#isThere(uid, leaving)) return;
    const { kernel } = this.#options.owner;
    const start = kernel.now;
    const cancelAlarm = kernel.after(waitTimeout, () => bump(leaving.changed));
    try {
      while (this.#isThere(uid, leaving)) {
        yield* until(leaving.changed);
        const mounted = [...this.#actual.mountsOf(uid)].filter(([, { state }]) => state === 'mounted').map(([{ name }]) => name);
        // What may be there, and may not, is waited for without end.
        if (kernel.now - start >= waitTimeout && mounted.length > 0) {
          throw new VolumeTimeout(`mounted volumes=[${mounted.sort().join(' ')}]: context deadline exceeded`);
        }
      }
    } finally {
      cancelAlarm();
    }
    yield* sleepUntil(nextPoll(start, kernel.now));
    if (!this.#options.host.files.exists(podDirectory(uid))) this.#leaving.delete(uid);
  }

  /** All of the pod's containers have ended for good: its volumes are taken away. Safe to repeat. */
  release(uid: string): void {
    this.#reconciler.look(this.#leave(uid));
  }

  /** @returns the volumes that the pod leaves, the first time */
  #leave(uid: string): readonly string[] {
    if (this.#leaving.has(uid)) return [];
    const mounted = [...this.#actual.mountsOf(uid)].map(([{ name }]) => name);
    const attaches = [...(this.#desired.pod(uid)?.volumes.values() ?? [])].some(({ attachable }) => attachable);
    const wanted = this.#desired.remove(uid);
    if (mounted.length + wanted.length === 0) return [];
    this.#leaving.set(uid, { changed: new Cell(0), volumes: wanted });
    this.#reconciler.lookAtHeld();
    if (attaches) this.#options.onInUseChange();
    return [...new Set([...wanted, ...mounted])];
  }

  /** Every pod may have been looked at. */
  lookAtHeld(): void {
    this.#reconciler.lookAtHeld();
  }

  /** It is known which volumes the pod wants. */
  hasSeen(pod: Pod): boolean {
    return expectedVolumes(pod).length === 0 || this.#desired.pod(pod.metadata.uid ?? '')?.found === true;
  }

  /** What a container mounts. @throws ConfigError for a mount of a volume that the pod has not */
  mounts(pod: Pod, container: Container, variables: readonly Variable[], podIPs: readonly string[]): readonly Mount[] {
    const { host, clusterDomain } = this.#options;
    const uid = pod.metadata.uid ?? '';
    const mounts = containerMounts(host, container, (volume) => this.#pathOf(uid, volume), variables);
    const ownsHosts = mounts.some(({ containerPath }) => containerPath === '/etc/hosts');
    if (ownsHosts || isHostNetwork(pod) || podIPs.length === 0) return mounts;
    const path = hostsFile(uid);
    host.files.write(path, hostsFileContent(pod, podIPs, clusterDomain), { parents: true });
    return [...mounts, { containerPath: '/etc/hosts', hostPath: path }];
  }

  /** The devices that a container gets. @throws ConfigError for a volume that the pod has not */
  devices(pod: Pod, container: Container): readonly Device[] {
    const uid = pod.metadata.uid ?? '';
    const isReadOnly = (volume: string) => this.#desired.pod(uid)?.volumes.get(volume)?.spec.readOnly === true;
    return containerDevices(container, (volume) => this.#pathOf(uid, volume), isReadOnly);
  }

  /** Removes what is left of a pod that is gone, unless one of its volumes may still be mounted. @returns false then */
  removePod(uid: string): boolean {
    const { files, mounts } = this.#options.host;
    const leaving = this.#leaving.get(uid);
    if (!this.#synced || this.#actual.hasMounts(uid) || (leaving && this.#isThere(uid, leaving))) return false;
    try {
      // Nobody knows any more how these were made. Source: `reconciler/reconstruct_common.go` cleanupMounts.
      for (const { target } of mounts.below(volumesDirectory(uid)).reverse()) mounts.unmount(target);
      if (files.exists(podDirectory(uid))) files.remove(podDirectory(uid), { recursive: true });
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      return false;
    }
    this.#leaving.delete(uid);
    return true;
  }

  /** Uids of pods that have a directory. */
  podsOnDisk(): readonly string[] {
    const { files } = this.#options.host;
    return files.exists(podsDirectory) ? files.list(podsDirectory) : [];
  }

  /** Volumes that must not be detached, for the node's status; undefined while that is not known. Source: `volume_manager.go` GetVolumesInUse. */
  volumesInUse(): readonly string[] | undefined {
    if (!this.#synced) return undefined;
    const names = new Set(this.#desired.attachable());
    for (const { name, attachable } of this.#actual.volumes()) if (attachable) names.add(name);
    return [...names].sort();
  }

  /** The API has been told that these are in use. */
  reportedInUse(names: readonly string[]): void {
    this.#desired.markReported(names);
    if (this.#reconciler.isWaiting) this.#reconciler.lookAtWaiting();
  }

  /** @returns the pod's volumes if there is something to be done for them that needs no driver */
  #populate(entry: DesiredPod, names: readonly string[]): readonly string[] | undefined {
    if (names.length === 0) return undefined;
    if (this.#populator.asks(entry.pod)) {
      if (this.#finding.has(entry.uid)) return undefined;
      this.#finding.add(entry.uid);
      this.#options.owner.spawn('volumes of a pod', this.#find(entry));
      return undefined;
    }
    const isNew = names.some((name) => !entry.volumes.has(name));
    const isDue = [...entry.volumes.values()].some(({ refreshed }) => refreshed) || this.#unmounted(entry, names).length > 0;
    return isNew || isDue ? this.#take(entry, this.#populator.known(entry)) : undefined;
  }

  *#find(entry: DesiredPod): Process {
    const found = yield* this.#populator.find(entry);
    this.#finding.delete(entry.uid);
    // The pod may have gone meanwhile.
    if (this.#desired.pod(entry.uid) === entry) this.#reconciler.look(this.#take(entry, found));
  }

  /** @returns names of the volumes */
  #take(entry: DesiredPod, { volumes, errors }: PodVolumes): readonly string[] {
    const before = entry.volumes;
    this.#desired.set(entry, volumes);
    entry.found = true;
    entry.errors = errors;
    for (const { name, refreshed, attachable, claimBytes } of volumes.values()) {
      const volume = this.#actual.volume(name);
      const mount = volume?.mounts.get(entry.uid);
      if (mount && refreshed) mount.refresh = true;
      if (!volume) continue;
      volume.attachable = attachable;
      volume.sizeBytes ??= claimBytes;
      if (volume.expansion === 'waiting') volume.expansion = 'open';
    }
    this.#reconciler.lookAtHeld();
    const attaches = [...volumes.values()].filter(({ attachable }) => attachable);
    if (attaches.length > 0) this.#watchNode();
    if (attaches.some(({ outerNames: [outer = ''] }) => !before.has(outer))) this.#options.onInUseChange();
    if (errors.length > 0) bump(entry.changed);
    return [...volumes.values()].map(({ name }) => name);
  }

  /** The first volume that is to be attached makes the kubelet follow its node, to see when it is. */
  #watchNode(): void {
    if (this.#node) return;
    const { owner, api, nodeName } = this.#options;
    this.#node = new Informer(api.nodes, { fieldSelector: `metadata.name=${nodeName}` });
    this.#node.onChange(() => this.#reconciler.lookAtWaiting());
    owner.spawn('volumes of the node', this.#node.run());
  }

  #isSaidAttached(volume: string): boolean {
    const { status } = this.#node?.get(this.#options.nodeName) ?? {};
    return status?.volumesAttached?.some(({ name }) => name === volume) ?? false;
  }

  *#learnAttachability(found: readonly string[]): Process {
    const { api, nodeName, onInUseChange } = this.#options;
    for (;;) {
      try {
        const { status } = yield* api.nodes.get({ name: nodeName });
        const attached = new Set(status?.volumesAttached?.map(({ name }) => name));
        for (const name of found) {
          const volume = this.#actual.volume(name);
          if (volume && this.#desired.wishes(name).size === 0) volume.attachable = attached.has(name);
        }
        break;
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        yield* sleep(nodeRetryPause);
      }
    }
    this.#synced = true;
    this.#reconciler.look(found);
    onInUseChange();
    // Directories that had to wait.
    for (const uid of this.#leaving.keys()) this.#options.onUnmounted(uid);
  }

  #onChange(uids: readonly string[]): void {
    for (const uid of uids) {
      const entry = this.#desired.pod(uid);
      if (entry && [...entry.volumes.values()].every(({ name }) => this.#actual.isMounted(name, uid))) bump(entry.changed);
      const leaving = this.#leaving.get(uid);
      if (!leaving || this.#isThere(uid, leaving)) continue;
      bump(leaving.changed);
      this.#options.onUnmounted(uid);
    }
  }

  /** Some volume of the pod is on the node, or may be, or is about to be. */
  #isThere(uid: string, { volumes }: Leaving): boolean {
    return this.#actual.hasMounts(uid) || volumes.some((volume) => this.#reconciler.isBusyFor(volume, uid));
  }

  #pathOf(uid: string, volume: string): string | undefined {
    const wish = this.#desired.pod(uid)?.volumes.get(volume);
    return wish && this.#actual.isMounted(wish.name, uid) ? wish.kind.path(uid, wish.spec) : undefined;
  }

  #unmounted({ uid, volumes }: DesiredPod, names: readonly string[]): readonly string[] {
    return names.filter((name) => {
      const wish = volumes.get(name);
      return wish === undefined || !this.#actual.isMounted(wish.name, uid);
    });
  }

  #missing(entry: DesiredPod, names: readonly string[], why: string, told = false): VolumeError | VolumeTimeout {
    const list = (found: readonly string[]) => `[${[...found].sort().join(' ')}]`;
    const unmounted = this.#unmounted(entry, names);
    const unattached = [...entry.volumes]
      .filter(([, { attachable, name }]) => attachable && this.#actual.volume(name) === undefined)
      .map(([name]) => name);
    const unknown = names.filter((name) => !entry.volumes.has(name));
    const text = `unmounted volumes=${list(unmounted)}, unattached volumes=${list(unattached)}, failed to process volumes=${list(unknown)}: ${why}`;
    return told ? new VolumeError(text) : new VolumeTimeout(text);
  }
}

function split<T>(list: readonly T[], holds: (item: T) => boolean): readonly [readonly T[], readonly T[]] {
  return [list.filter((item) => holds(item)), list.filter((item) => !holds(item))];
}

const bump = (cell: Cell<number>): void => cell.set(cell.value + 1);

/** Waits look at once, and then on a grid of their own. */
const nextPoll = (start: number, now: number): number => start + Math.max(1, Math.ceil((now - start) / waitPeriod)) * waitPeriod;
