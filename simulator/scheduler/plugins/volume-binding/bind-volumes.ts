import type { ApiClient } from '@slipway/client';
import { type Micros, now, type Process, race, seconds, sleepUntil, until } from '@slipway/kernel';
import { keyOf, type Node, type PersistentVolume, type PersistentVolumeClaim, type Pod, type Stored } from '@slipway/kube';
import { error, type Status, success } from '../../framework/status.ts';
import { annotations, isFullyBound, isReachableFrom } from '../../volumes/binding-facts.ts';
import { uidOf } from '../../cache/pod-info.ts';
import type { Followers } from '../../volumes/followers.ts';
import type { PodVolumes, StaticBinding } from './find-pod-volumes.ts';

/** Longest wait for the binder and the provisioner. Source: `apis/config/v1/defaults.go`. */
export const BIND_TIMEOUT: Micros = seconds(600);
/** How often upstream looks; the first look is one period after the writes. */
export const BIND_POLL: Micros = seconds(1);

/** What the API server says of the objects of a binding. */
export interface BindingSight {
  readonly node: Node | undefined;
  /** The pod is still there. */
  readonly podExists: boolean;
  volume(name: string): Stored<PersistentVolume> | undefined;
  claim(key: string): Stored<PersistentVolumeClaim> | undefined;
}

/** `waiting`: look again later. */
export type BindingVerdict = 'bound' | 'waiting' | { readonly broken: string };

/** Have the binder and the provisioner done their part? Source: `plugins/volumebinding/binder.go` checkBindings. */
export function bindingVerdict(pod: Pod, nodeName: string, { bindings, provisions }: PodVolumes, sight: BindingSight): BindingVerdict {
  if (!sight.node) return { broken: `failed to get node "${nodeName}": node "${nodeName}" not found` };
  if (!sight.podExists) return { broken: `pod does not exist any more: pod "${pod.metadata.name}" not found` };
  for (const binding of bindings) {
    const verdict = verdictOfBinding(binding, sight.node, sight);
    if (verdict !== 'bound') return verdict;
  }
  for (const claim of provisions) {
    const verdict = verdictOfProvision(claim, sight.node, sight);
    if (verdict !== 'bound') return verdict;
  }
  return 'bound';
}

function verdictOfBinding(binding: StaticBinding, node: Node, sight: BindingSight): BindingVerdict {
  const { name } = binding.volume.metadata;
  const volume = sight.volume(name);
  if (!volume) return { broken: `failed to check binding: persistentvolume "${name}" not found` };
  const claim = sight.claim(keyOf(binding.claim));
  if (!claim) return { broken: `failed to check binding: persistentvolumeclaim "${keyOf(binding.claim)}" not found` };
  // What this scheduler wrote has not come back yet.
  if (isOlder(volume, binding.volume)) return 'waiting';
  if (!isReachableFrom(volume, node)) return { broken: mismatch(name, node) };
  if ((volume.spec.claimRef?.uid ?? '') === '') return { broken: `ClaimRef got reset for pv "${name}"` };
  return isFullyBound(claim) ? 'bound' : 'waiting';
}

function verdictOfProvision(written: Stored<PersistentVolumeClaim>, node: Node, sight: BindingSight): BindingVerdict {
  const { name } = written.metadata;
  const claim = sight.claim(keyOf(written));
  if (!claim) return { broken: `failed to check provisioning pvc: persistentvolumeclaim "${keyOf(written)}" not found` };
  if (isOlder(claim, written)) return 'waiting';
  const own = claim.metadata.annotations;
  if (own === undefined) return { broken: `selectedNode annotation reset for PVC "${name}"` };
  // A provisioner that cannot serve this node takes the annotation away, so that another node is tried.
  if (own[annotations.selectedNode] !== node.metadata.name) return { broken: `provisioning failed for PVC "${name}"` };
  const { volumeName = '' } = claim.spec;
  if (volumeName !== '') {
    const volume = sight.volume(volumeName);
    if (!volume) return 'waiting';
    if (!isReachableFrom(volume, node)) return { broken: mismatch(volumeName, node) };
  }
  return isFullyBound(claim) ? 'bound' : 'waiting';
}

const isOlder = (a: Stored<PersistentVolume | PersistentVolumeClaim>, b: Stored<PersistentVolume | PersistentVolumeClaim>): boolean =>
  Number(a.metadata.resourceVersion) < Number(b.metadata.resourceVersion);

const mismatch = (volume: string, node: Node): string =>
  `pv "${volume}" node affinity doesn't match node "${node.metadata.name}": no matching NodeSelectorTerms`;

export interface BindVolumesOptions {
  readonly api: ApiClient;
  readonly followers: Followers;
  /** Called at each look. */
  readonly sight: () => BindingSight;
  /** Called after each write, with what the API server answered in place of what was assumed. */
  readonly written: (volumes: PodVolumes) => void;
}

/**
 * Writes what was assumed, and waits until it is true: volumes name their claims, claims name the node for which a volume is made.
 * Looks at the points of a one-second grid, but only at those before which something changed.
 * Source: `plugins/volumebinding/binder.go` BindPodVolumes.
 */
export function* bindVolumes(pod: Pod, nodeName: string, volumes: PodVolumes, options: BindVolumesOptions): Process<Status> {
  const following = options.followers.follow([
    `pods/${uidOf(pod)}`,
    `nodes/${nodeName}`,
    ...volumes.bindings.flatMap(({ claim, volume }) => [
      `persistentvolumes/${volume.metadata.name}`,
      `persistentvolumeclaims/${keyOf(claim)}`,
    ]),
    ...volumes.provisions.map((claim) => `persistentvolumeclaims/${keyOf(claim)}`),
  ]);
  try {
    const writtenVolumes = yield* write(volumes, options);
    const start = yield* now();
    const deadline = start + BIND_TIMEOUT;
    for (let look = start + BIND_POLL; look < deadline; ) {
      yield* sleepUntil(look);
      const seen = following.changed.version;
      const verdict = bindingVerdict(pod, nodeName, writtenVolumes, options.sight());
      if (verdict === 'bound') return success;
      if (verdict !== 'waiting') return error(`binding volumes: ${verdict.broken}`);
      // A claim that names a volume which is not in the cache yet waits for an object that nobody follows: that one look is a poll.
      const unseen = namesUnseenVolume(writtenVolumes, options.sight());
      yield* race<unknown>([until(following.changed, seen), sleepUntil(unseen ? look + BIND_POLL : deadline)]);
      look = start + Math.max(BIND_POLL, Math.ceil(((yield* now()) - start) / BIND_POLL) * BIND_POLL);
    }
    yield* sleepUntil(deadline);
    return error('binding volumes: context deadline exceeded');
  } finally {
    following.leave();
  }
}

function namesUnseenVolume({ provisions }: PodVolumes, sight: BindingSight): boolean {
  return provisions.some((written) => {
    const volumeName = sight.claim(keyOf(written))?.spec.volumeName ?? '';
    return volumeName !== '' && sight.volume(volumeName) === undefined;
  });
}

/** One by one; a refusal leaves the rest unwritten and what is written as it is, since the binder may have acted upon it. */
function* write(volumes: PodVolumes, { api, written }: BindVolumesOptions): Process<PodVolumes> {
  let { bindings, provisions } = volumes;
  for (const [index, binding] of volumes.bindings.entries()) {
    const volume = yield* api.persistentvolumes.update(binding.volume);
    bindings = bindings.with(index, { ...binding, volume });
    written({ bindings, provisions });
  }
  for (const [index, claim] of volumes.provisions.entries()) {
    provisions = provisions.with(index, yield* api.persistentvolumeclaims.update(claim));
    written({ bindings, provisions });
  }
  return { bindings, provisions };
}
