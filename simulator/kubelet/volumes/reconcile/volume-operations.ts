import type { ApiClient } from '@slipway/client';
import { messageOf, type Process } from '@slipway/kernel';
import { matchesNodeSelector, type Node } from '@slipway/kube';
import { isExpectedFailure } from '../../failure.ts';
import type { KubeletEvents } from '../../kubelet-events.ts';
import type { PublishContext } from '../kinds/volume-kind.ts';
import type { ActualState, ActualVolume } from '../state/actual-state.ts';
import type { DesiredVolume } from '../state/desired-state.ts';
import { progressOf, VolumeError } from '../volume-error.ts';
import { isBlock, specName } from '../volume-spec.ts';
import type { VolumeExpander } from './volume-expander.ts';
import type { VolumeOperation } from './operation-executor.ts';
import type { VolumeStep } from './next-steps.ts';

/** What operations on volumes are made from. */
export interface VolumeOperationsOptions {
  readonly api: ApiClient;
  readonly events: KubeletEvents;
  readonly nodeName: string;
  readonly node: () => Node | undefined;
  readonly actual: ActualState;
  readonly expander: VolumeExpander;
}

/** A step that takes time. */
export type LongStep = Exclude<VolumeStep, { step: 'wait for attach' | 'wait for pods' | 'attach' | 'detach' }>;

/** Upstream's names of what happens to a file system, and to a bare device. */
const mountWords = {
  operation: 'MountVolume',
  event: 'FailedMount',
  device: 'MountDevice failed',
  setUp: 'SetUp failed',
  oneAtATime: 'SetUp failed',
  expand: 'Setup failed while expanding volume',
} as const;
const mapWords = {
  operation: 'MapVolume',
  event: 'FailedMapVolume',
  device: 'SetUpDevice failed',
  setUp: 'MapPodDevice failed',
  oneAtATime: 'SetUpDevice failed',
  expand: 'MarkVolumeAsMounted failed while expanding volume',
} as const;

const wordsFor = ({ spec }: DesiredVolume) => (isBlock(spec) ? mapWords : mountWords);

/**
 * What is done to volumes, step by step; each leaves the actual state as it then is for all that is known.
 *
 * Source: `pkg/volume/util/operationexecutor/operation_generator.go`.
 */
export class VolumeOperations {
  readonly #options: VolumeOperationsOptions;

  constructor(options: VolumeOperationsOptions) {
    this.#options = options;
  }

  /** @param name of the volume */
  operation(name: string, step: LongStep): VolumeOperation {
    const { events, expander } = this.#options;
    switch (step.step) {
      case 'verify attached':
        return { key: 'verify_controller_attached_volume', run: () => this.#verify(step.wish), onFailure: nothing };
      case 'mount': {
        const { wish, again } = step;
        const { uid } = wish.pod;
        return {
          key: `volume_mount/${uid}`,
          uid,
          run: () => this.#mount(wish, again),
          onFailure: (message) => events.pod(wish.pod.pod, 'Warning', wordsFor(wish).event, message),
        };
      }
      case 'unmount':
        return { key: `volume_unmount/${step.uid}`, uid: step.uid, run: () => this.#unmount(name, step.uid), onFailure: nothing };
      case 'unmount device':
        return { key: 'unmount_device', run: () => this.#unmountDevice(name), onFailure: nothing };
      case 'expand':
        return {
          key: 'volume_fs_resize',
          uid: step.wish.pod.uid,
          run: () => expander.expandInUse(this.#actual(name), step.wish, step.bytes),
          onFailure: (message) => events.pod(step.wish.pod.pod, 'Warning', 'VolumeResizeFailed', message),
        };
    }
  }

  *#verify({ name, kind, spec, attachable, claimBytes }: DesiredVolume): Process {
    const { api, nodeName, actual } = this.#options;
    const node = yield* attempt(api.nodes.get({ name: nodeName }), (error) =>
      said('VerifyControllerAttachedVolume failed fetching node from API server', specName(spec), messageOf(error)),
    );
    const attached = node.status?.volumesAttached?.some((volume) => volume.name === name) ?? false;
    if (!attached) throw new VolumeError(`Volume not attached according to node status for volume "${specName(spec)}" `);
    actual.attach(name, kind, spec, attachable, claimBytes);
  }

  *#mount(wish: DesiredVolume, again: boolean): Process {
    const { actual, expander } = this.#options;
    const { kind, spec, pod } = wish;
    const words = wordsFor(wish);
    const fail = (what: string, error: unknown) => {
      const text = said(`${words.operation}.${what}`, specName(spec), messageOf(error));
      return new VolumeError(text, progressOf(error));
    };
    const volume = this.#actual(wish.name);
    this.#check(wish, volume, fail);
    const waiting = wish.attachable && kind.waitForAttach ? kind.waitForAttach(spec) : undefined;
    const context = waiting ? yield* attempt(waiting, (error) => fail('WaitForAttach failed', error)) : undefined;
    yield* this.#mountDevice(wish, volume, context, (error) => fail(words.device, error));
    const before = volume.mounts.get(pod.uid);
    try {
      const reconstructed = before?.reconstructed ?? false;
      yield* kind.setUp({ spec, pod: pod.pod, podIPs: pod.podIPs, publishContext: context, again, reconstructed });
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      this.#noteFailedSetUp(wish, volume, error);
      throw fail(words.setUp, error);
    }
    // Whatever comes now, the pod has it.
    const mount = { uid: pod.uid, name: specName(spec), spec, state: 'uncertain', reconstructed: false, refresh: false } as const;
    if (!again) actual.setMount(volume, { ...mount });
    try {
      yield* expander.expandDuringMount(volume, wish);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      throw fail(words.expand, error);
    }
    volume.spec = spec;
    actual.setMount(volume, { ...mount, state: 'mounted' });
    if (isBlock(spec) && !again) this.#tellOfMapping(wish);
  }

  #check({ kind, spec, pod }: DesiredVolume, volume: ActualVolume, fail: (what: string, error: unknown) => VolumeError): void {
    const { nodeAffinity, mountOptions = [], accessModes = [] } = spec.persistentVolume?.spec ?? {};
    const node = this.#options.node();
    if (nodeAffinity?.required && node && !matchesNodeSelector(nodeAffinity.required, node)) {
      throw fail('NodeAffinity check failed', new VolumeError('no matching NodeSelectorTerms', 'transient'));
    }
    if (mountOptions.length > 0 && !kind.takesMountOptions) {
      throw fail('MountOptionSupport check failed', new VolumeError('mount options are not supported for this volume type', 'transient'));
    }
    // With several modes it cannot be told which one the pod means.
    const isOnePodOnly = accessModes.length === 1 && accessModes[0] === 'ReadWriteOncePod';
    if (isOnePodOnly && [...volume.mounts.keys()].some((uid) => uid !== pod.uid)) {
      const why = 'volume uses the ReadWriteOncePod access mode and is already in use by another pod';
      const { oneAtATime } = isBlock(spec) ? mapWords : mountWords;
      throw fail(oneAtATime, new VolumeError(why, 'transient'));
    }
  }

  *#mountDevice(
    { kind, spec, pod }: DesiredVolume,
    volume: ActualVolume,
    context: PublishContext | undefined,
    fail: (error: unknown) => VolumeError,
  ): Process {
    if (!kind.mountDevice || kind.deviceOf?.(spec) === undefined || volume.device === 'mounted') return;
    try {
      yield* kind.mountDevice(spec, pod.pod, context);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      const progress = progressOf(error);
      // What an earlier kubelet left must be undone for sure, whatever is said of this try.
      if (progress === 'finished' && volume.device === 'uncertain' && !volume.reconstructed) volume.device = 'unmounted';
      if (progress === 'uncertain' && volume.device === 'unmounted') volume.device = 'uncertain';
      throw fail(error);
    }
    volume.device = 'mounted';
    volume.reconstructed = false;
  }

  /** Source: markVolumeErrorState. */
  #noteFailedSetUp({ pod, spec }: DesiredVolume, volume: ActualVolume, error: unknown): void {
    const { actual } = this.#options;
    const before = volume.mounts.get(pod.uid);
    const progress = progressOf(error);
    if (progress === 'finished' && before?.state === 'uncertain' && !before.reconstructed) actual.dropMount(volume, pod.uid);
    if (progress !== 'uncertain' || before) return;
    const mount = { uid: pod.uid, name: specName(spec), spec, state: 'uncertain', reconstructed: false, refresh: false } as const;
    actual.setMount(volume, { ...mount });
  }

  #tellOfMapping({ kind, spec, pod }: DesiredVolume): void {
    const path = kind.path(pod.uid, spec);
    const message = `MapVolume.MapPodDevice succeeded for volume "${specName(spec)}" volumeMapPath "${path}"`;
    this.#options.events.pod(pod.pod, 'Normal', 'SuccessfulMountVolume', message);
  }

  *#unmount(name: string, uid: string): Process {
    const volume = this.#actual(name);
    const mount = volume.mounts.get(uid);
    if (!mount) return;
    try {
      yield* volume.kind.tearDown(mount);
    } catch (error) {
      // It may be gone all the same: another pod that wants it must set it up anew.
      mount.state = 'uncertain';
      throw error;
    }
    this.#options.actual.dropMount(volume, uid);
  }

  *#unmountDevice(name: string): Process {
    const volume = this.#actual(name);
    try {
      if (volume.kind.unmountDevice) yield* volume.kind.unmountDevice(volume.spec);
    } catch (error) {
      volume.device = 'uncertain';
      throw error;
    }
    volume.device = 'unmounted';
  }

  #actual(name: string): ActualVolume {
    const volume = this.#options.actual.volume(name);
    if (!volume) throw new VolumeError(`volume "${name}" is not attached`);
    return volume;
  }
}

const nothing = (): void => {};

/** Source: `operation_executor.go` generateVolumeMsg. */
const said = (what: string, volume: string, why: string): string => `${what} for volume "${volume}" : ${why}`;

/** Runs a step; a failure in the course of things gets its words. */
function* attempt<T>(step: Process<T>, words: (error: unknown) => string | VolumeError): Process<T> {
  try {
    return yield* step;
  } catch (error) {
    if (!isExpectedFailure(error)) throw error;
    const failure = words(error);
    throw typeof failure === 'string' ? new VolumeError(failure) : failure;
  }
}
