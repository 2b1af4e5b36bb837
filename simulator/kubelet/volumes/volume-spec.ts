import { type PersistentVolume, type Pod, quantityValue, type Volume } from '@slipway/kube';

/** What is to be mounted: a volume as the pod has it, or the persistent volume that its claim leads to. Source: `pkg/volume/plugins.go` Spec. */
export interface VolumeSpec {
  readonly volume?: Volume;
  readonly persistentVolume?: PersistentVolume;
  /** The pod wants its claim read-only. */
  readonly readOnly: boolean;
}

/** The name by which a volume's directory and messages go: of the persistent volume where there is one. */
export const specName = ({ volume, persistentVolume }: VolumeSpec): string => persistentVolume?.metadata.name ?? volume?.name ?? '';

/** The pod gets the bare device. */
export const isBlock = ({ persistentVolume }: VolumeSpec): boolean => persistentVolume?.spec.volumeMode === 'Block';

/** Size of a persistent volume in bytes. */
export function capacityOf({ persistentVolume }: VolumeSpec): number | undefined {
  const text = persistentVolume?.spec.capacity?.storage;
  return text === undefined ? undefined : quantityValue(text);
}

/** Names of the volumes that some container uses, and how. Others are left alone. Source: `pkg/volume/util/util.go` GetPodVolumeNames. */
export interface UsedVolumes {
  readonly mounts: ReadonlySet<string>;
  readonly devices: ReadonlySet<string>;
}

export function usedVolumes({ spec }: Pod): UsedVolumes {
  const mounts = new Set<string>();
  const devices = new Set<string>();
  for (const containers of [spec.containers, spec.initContainers ?? [], spec.ephemeralContainers ?? []]) {
    for (const { volumeMounts, volumeDevices } of containers) {
      if (volumeMounts) for (const { name } of volumeMounts) mounts.add(name);
      if (volumeDevices) for (const { name } of volumeDevices) devices.add(name);
    }
  }
  return { mounts, devices };
}

/** The pod's volumes that some container uses, in the pod's order. */
export function expectedVolumes(pod: Pod): readonly Volume[] {
  const { volumes } = pod.spec;
  if (!volumes || volumes.length === 0) return [];
  const { mounts, devices } = usedVolumes(pod);
  return volumes.filter(({ name }) => mounts.has(name) || devices.has(name));
}

/** The claim that a volume leads to. Source: component-helpers `storage/ephemeral`. */
export function claimNameOf(pod: Pod, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined {
  return persistentVolumeClaim?.claimName ?? (ephemeral ? `${pod.metadata.name}-${name}` : undefined);
}
