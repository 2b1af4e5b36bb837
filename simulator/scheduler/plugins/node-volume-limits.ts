import type { CSINode, PersistentVolumeClaim, Pod } from '@slipway/kube';
import type { NodeInfo } from '../cache/node-info.ts';
import { StateKey } from '../framework/cycle-state.ts';
import { asPod, isUnplaced } from '../framework/hints.ts';
import { skip, type Status, success, unschedulable, unschedulableAndUnresolvable } from '../framework/status.ts';
import type { FilterPlugin, FrameworkHandle, PreFilterPlugin } from '../framework/types.ts';
import { classOf } from '../volumes/binding-facts.ts';
import { type ClaimUse, claimsOf, strangerProblem, usesClaim } from '../volumes/pod-claims.ts';
import type { VolumeView } from '../volumes/volume-view.ts';

/** Driver by volume; a volume is named by its driver and handle, so that one that several pods share counts once. */
type VolumesByName = ReadonlyMap<string, string>;

interface NewVolumes {
  readonly volumes: VolumesByName;
  readonly refusal?: Status;
}

const newVolumesKey = new StateKey<NewVolumes>('PreFilterNodeVolumeLimits');
const refusal = unschedulable('node(s) exceed max volume count');

/**
 * As many volumes of a driver on a node as its CSINode allows: those of its pods, and those that are attached although no pod has them
 * any more. Source: `plugins/nodevolumelimits/csi.go`. Volumes of in-tree drivers are not simulated, so none is translated.
 */
export function nodeVolumeLimits(): PreFilterPlugin & FilterPlugin {
  let handle: FrameworkHandle;
  return {
    name: 'NodeVolumeLimits',
    initialize(given) {
      handle = given;
    },
    preFilter(pod, _nodes, state) {
      const { claims } = state.podInfo;
      if (claims.length === 0) return skip;
      // The same on every node, so it is worked out once; a missing claim is still told node by node, as upstream does.
      const found = newVolumes(pod, claims, handle.volumes);
      if (found.volumes.size === 0 && !found.refusal) return skip;
      state.write(newVolumesKey, found);
      return success;
    },
    filter(_pod, nodeInfo, state) {
      const wanted = state.read(newVolumesKey);
      if (!wanted) return success;
      return wanted.refusal ?? (exceedsLimit(wanted.volumes, nodeInfo, handle.volumes) ? refusal : success);
    },
    eventsToRegister: [
      { resource: 'CSINode', actionType: ['Add'] },
      {
        resource: 'CSINode',
        actionType: ['Update'],
        hint: (_pod, before, after) => (someLimitGrew(before as CSINode, after as CSINode) ? 'Queue' : 'QueueSkip'),
      },
      {
        resource: 'Pod',
        actionType: ['Delete'],
        hint(_pod, before) {
          const deleted = asPod(before);
          return deleted && !isUnplaced(deleted) && claimsOf(deleted).length > 0 ? 'Queue' : 'QueueSkip';
        },
      },
      {
        resource: 'PersistentVolumeClaim',
        actionType: ['Add'],
        hint: (pod, _before, after) => (usesClaim(pod, after as PersistentVolumeClaim) ? 'Queue' : 'QueueSkip'),
      },
      {
        resource: 'VolumeAttachment',
        actionType: ['Delete'],
        hint: (pod) => (claimsOf(pod).some(({ ephemeral }) => !ephemeral) ? 'Queue' : 'QueueSkip'),
      },
    ],
  };
}

function newVolumes(pod: Pod, claims: readonly ClaimUse[], view: VolumeView): NewVolumes {
  const volumes = new Map<string, string>();
  for (const { key, name, ephemeral } of claims) {
    const claim = view.claim(key);
    const problem = claim ? ephemeral && strangerProblem(pod, claim) : `looking up PVC ${key}: persistentvolumeclaim "${name}" not found`;
    if (problem) return { volumes, refusal: claim ? { code: 'Error', reasons: [problem] } : unschedulableAndUnresolvable(problem) };
    if (claim) addVolume(volumes, claim, key, view);
  }
  return { volumes };
}

/** Would the node have more volumes of some driver than it takes? @param wanted the new pod's */
export function exceedsLimit(wanted: VolumesByName, { node, podsWithClaims }: NodeInfo, view: VolumeView): boolean {
  const limits = limitsOf(view.csiNode(node.metadata.name));
  if (limits.size === 0) return false;
  const attached = new Map<string, string>();
  for (const { claims } of podsWithClaims) {
    for (const { key } of claims) {
      const claim = view.claim(key);
      if (claim) addVolume(attached, claim, key, view);
    }
  }
  const coming = new Map([...wanted].filter(([name]) => !attached.has(name)));
  // Being detached, or attached by hand: it takes a place all the same, and so, as upstream counts, does a coming pod's own.
  for (const { spec } of view.attachments(node.metadata.name)) {
    const handle = view.volume(spec.source.persistentVolumeName ?? '')?.spec.csi?.volumeHandle;
    if (spec.attacher !== '' && handle !== undefined) attached.set(`${spec.attacher}/${handle}`, spec.attacher);
  }
  const counts = countByDriver(attached);
  for (const [driver, count] of countByDriver(coming)) {
    const limit = limits.get(driver);
    if (limit !== undefined && (counts.get(driver) ?? 0) + count > limit) return true;
  }
  return false;
}

/** A claim without a volume counts for the driver of its class, which will make one. */
function addVolume(volumes: Map<string, string>, claim: PersistentVolumeClaim, key: string, view: VolumeView): void {
  const volume = view.volume(claim.spec.volumeName ?? '');
  if (volume) {
    const { csi } = volume.spec;
    if (csi) volumes.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    return;
  }
  const driver = view.storageClass(classOf(claim))?.provisioner;
  // Upstream has a random prefix here, so that no driver's handle is the same; a colon before the first slash does as well.
  if (driver !== undefined) volumes.set(`unbound:${driver}/${key}`, driver);
}

function limitsOf(csiNode: CSINode | undefined): ReadonlyMap<string, number> {
  const limits = new Map<string, number>();
  for (const { name, allocatable } of csiNode?.spec.drivers ?? []) {
    if (allocatable?.count !== undefined) limits.set(name, allocatable.count);
  }
  return limits;
}

function countByDriver(volumes: VolumesByName): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const driver of volumes.values()) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  return counts;
}

function someLimitGrew(before: CSINode, after: CSINode): boolean {
  const was = limitsOf(before);
  return [...limitsOf(after)].some(([driver, limit]) => limit > (was.get(driver) ?? 0));
}
