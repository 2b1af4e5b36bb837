import { isEqual, nodeLabels, type PersistentVolume, type PersistentVolumeClaim, type StorageClass } from '@slipway/kube';
import { StateKey } from '../framework/cycle-state.ts';
import { skip, type Status, success, unschedulableAndUnresolvable } from '../framework/status.ts';
import type { FilterPlugin, FrameworkHandle, PreFilterPlugin } from '../framework/types.ts';
import { classOf } from '../volumes/binding-facts.ts';
import { type ClaimUse, usesClaim } from '../volumes/pod-claims.ts';
import type { VolumeView } from '../volumes/volume-view.ts';

/** A topology label of a volume: a node must have one of the values. */
export interface VolumeTopology {
  readonly key: string;
  readonly values: ReadonlySet<string>;
}

const BETA_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const BETA_REGION = 'failure-domain.beta.kubernetes.io/region';
const topologyLabels: readonly string[] = [BETA_ZONE, BETA_REGION, nodeLabels.zone, nodeLabels.region];
const todaysName: Readonly<Record<string, string>> = { [BETA_ZONE]: nodeLabels.zone, [BETA_REGION]: nodeLabels.region };
/** Between the zones of a volume that is in several. */
const SEPARATOR = '__';

const topologiesKey = new StateKey<readonly VolumeTopology[]>('PreFilterVolumeZone');
const refusal = unschedulableAndUnresolvable('node(s) had no available volume zone');

/**
 * Zone and region labels of bound volumes must match the node's. Node affinity of volumes is VolumeBinding's.
 * Source: `plugins/volumezone/volume_zone.go`.
 */
export function volumeZone(): PreFilterPlugin & FilterPlugin {
  let handle: FrameworkHandle;
  return {
    name: 'VolumeZone',
    initialize(given) {
      handle = given;
    },
    preFilter(_pod, _nodes, state) {
      if (state.podInfo.claims.length === 0) return skip;
      const topologies = topologiesOfClaims(state.podInfo.claims, handle.volumes);
      if ('refusal' in topologies) return topologies.refusal;
      if (topologies.all.length === 0) return skip;
      state.write(topologiesKey, topologies.all);
      return success;
    },
    filter: (_pod, { node }, state) => (suitsZone(state.read(topologiesKey) ?? [], node.metadata.labels ?? {}) ? success : refusal),
    eventsToRegister: [
      {
        resource: 'StorageClass',
        actionType: ['Add'],
        hint: (_pod, _before, after) => ((after as StorageClass).volumeBindingMode === 'WaitForFirstConsumer' ? 'Queue' : 'QueueSkip'),
      },
      { resource: 'Node', actionType: ['Add', 'UpdateNodeLabel'] },
      {
        resource: 'PersistentVolumeClaim',
        actionType: ['Add', 'Update'],
        hint: (pod, _before, after) => (usesClaim(pod, after as PersistentVolumeClaim) ? 'Queue' : 'QueueSkip'),
      },
      {
        resource: 'PersistentVolume',
        actionType: ['Add', 'Update'],
        hint(_pod, before, after) {
          const labels = (volume: unknown): readonly unknown[] =>
            topologyLabels.map((key) => (volume as PersistentVolume).metadata.labels?.[key]);
          return before === undefined || !isEqual(labels(before), labels(after)) ? 'Queue' : 'QueueSkip';
        },
      },
    ],
  };
}

function topologiesOfClaims(
  claims: readonly ClaimUse[],
  view: VolumeView,
): { readonly all: readonly VolumeTopology[] } | { readonly refusal: Status } {
  const all: VolumeTopology[] = [];
  const no = (reason: string): { readonly refusal: Status } => ({ refusal: unschedulableAndUnresolvable(reason) });
  for (const { key, name, ephemeral } of claims) {
    if (ephemeral) continue;
    const claim = view.claim(key);
    if (!claim) return no(`persistentvolumeclaim "${name}" not found`);
    const { volumeName = '' } = claim.spec;
    if (volumeName === '') {
      const className = classOf(claim);
      if (className === '') return no('PersistentVolumeClaim had no pv name and storageClass name');
      const storageClass = view.storageClass(className);
      if (!storageClass) return no(`storageclass.storage.k8s.io "${className}" not found`);
      if (storageClass.volumeBindingMode === undefined) return no(`VolumeBindingMode not set for StorageClass "${className}"`);
      // Its volume will be where the pod is.
      if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') continue;
      return no('PersistentVolume had no name');
    }
    const volume = view.volume(volumeName);
    if (!volume) return no(`persistentvolume "${volumeName}" not found`);
    all.push(...topologiesOf(volume));
  }
  return { all };
}

/** A label with an empty zone in its list is ignored, as upstream ignores what it cannot parse. */
export function topologiesOf({ metadata: { labels = {} } }: PersistentVolume): readonly VolumeTopology[] {
  return topologyLabels.flatMap((key) => {
    const zones = labels[key]?.split(SEPARATOR).map((zone) => zone.trim());
    return zones === undefined || zones.includes('') ? [] : [{ key, values: new Set(zones) }];
  });
}

/** A node without any topology label is in a cluster without zones, and suits all. */
export function suitsZone(topologies: readonly VolumeTopology[], labels: Readonly<Record<string, string>>): boolean {
  if (topologyLabels.every((key) => labels[key] === undefined)) return true;
  return topologies.every(({ key, values }) => {
    const value = labels[key] ?? labels[todaysName[key] ?? key];
    return value !== undefined && values.has(value);
  });
}
