import type { ActualVolume } from '../state/actual-state.ts';
import type { DesiredVolume } from '../state/desired-state.ts';

/** What a volume needs. */
export type VolumeStep =
  /** Take it from a pod. */
  | { readonly step: 'unmount'; readonly uid: string }
  /** Nobody has attached it yet, as far as is known here. */
  | { readonly step: 'wait for attach' }
  /** Ask the API whether it is attached. */
  | { readonly step: 'verify attached'; readonly wish: DesiredVolume }
  /** Put it on the node's list: it needs no attaching. */
  | { readonly step: 'attach'; readonly wish: DesiredVolume }
  /** Give it to a pod, after making its device ready if need be; `again`: the pod has it already. */
  | { readonly step: 'mount'; readonly wish: DesiredVolume; readonly again: boolean }
  | { readonly step: 'expand'; readonly wish: DesiredVolume; readonly bytes: number }
  | { readonly step: 'unmount device' }
  /** Some pod may want what an earlier kubelet left. */
  | { readonly step: 'wait for pods' }
  /** Nothing of it is left. */
  | { readonly step: 'detach' };

/** What the steps are found from. */
export interface VolumeView {
  /** By pod uid. */
  readonly wishes: ReadonlyMap<string, DesiredVolume>;
  readonly actual: ActualVolume | undefined;
  /** What an earlier kubelet left is known well enough to be taken away. */
  readonly mayUnmount: boolean;
  /** It is known which volumes the node's pods want. */
  readonly podsSeen: () => boolean;
  /** All of the pod's containers have ended for good. */
  readonly isReleased: (uid: string) => boolean;
  /** The API has been told that the volume is in use, and says that it is attached. */
  readonly mayBeAttached: boolean;
}

/**
 * What a volume needs, the most urgent first: it goes from pods that are gone, then to pods that want it, then off the node.
 *
 * Source: `pkg/kubelet/volumemanager/reconciler/reconciler_common.go` unmountVolumes, mountOrAttachVolumes, unmountDetachDevices.
 */
export function nextSteps({ wishes, actual, mayUnmount, podsSeen, isReleased, mayBeAttached }: VolumeView): readonly VolumeStep[] {
  const [first] = wishes.values();
  if (!actual) {
    if (!first) return [];
    if (!first.attachable) return [{ step: 'attach', wish: first }];
    return [mayBeAttached ? { step: 'verify attached', wish: first } : { step: 'wait for attach' }];
  }
  const steps: VolumeStep[] = [];
  if (mayUnmount) {
    for (const uid of actual.mounts.keys()) if (!wishes.has(uid) && isReleased(uid)) steps.push({ step: 'unmount', uid });
  }
  for (const [uid, wish] of wishes) {
    const mount = actual.mounts.get(uid);
    if (mount?.state !== 'mounted') steps.push({ step: 'mount', wish, again: false });
    else if (mount.refresh) steps.push({ step: 'mount', wish, again: true });
  }
  // A size is the device's, so one pod's wish speaks for all.
  const { sizeBytes } = first ?? {};
  const isSmaller = sizeBytes !== undefined && actual.sizeBytes !== undefined && actual.sizeBytes < sizeBytes;
  if (
    first &&
    sizeBytes !== undefined &&
    isSmaller &&
    actual.expansion === 'open' &&
    actual.mounts.get(first.pod.uid)?.state === 'mounted'
  ) {
    steps.push({ step: 'expand', wish: first, bytes: sizeBytes });
  }
  if (!first && mayUnmount && actual.mounts.size === 0) {
    if (actual.reconstructed && !podsSeen()) steps.push({ step: 'wait for pods' });
    else steps.push(actual.device === 'unmounted' ? { step: 'detach' } : { step: 'unmount device' });
  }
  return steps;
}
