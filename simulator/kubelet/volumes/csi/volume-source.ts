import type { CSIPersistentVolumeSource, CSIVolumeSource, PersistentVolume } from '@slipway/kube';
import { specName, type VolumeSpec } from '../volume-spec.ts';
import { inlineHandle } from './names.ts';

type AccessModes = PersistentVolume['spec']['accessModes'];

/** A CSI volume, persistent or inline, in one shape. */
export interface CsiVolume {
  readonly driver: string;
  readonly handle: string;
  /** See `specName`. */
  readonly name: string;
  readonly mode: 'Persistent' | 'Ephemeral';
  readonly readOnly: boolean;
  readonly fsType: string | undefined;
  readonly attributes: { readonly [key: string]: string };
  readonly accessModes: AccessModes;
  readonly mountOptions: readonly string[];
  readonly persistent: CSIPersistentVolumeSource | undefined;
  readonly inline: CSIVolumeSource | undefined;
}

export const isCsi = ({ volume, persistentVolume }: VolumeSpec): boolean =>
  (persistentVolume ? persistentVolume.spec.csi : volume?.csi) !== undefined;

/** @param uid of the pod, by which an inline volume is told from others. Source: `pkg/volume/csi/csi_plugin.go` NewMounter */
export function csiVolume(spec: VolumeSpec, uid: string): CsiVolume {
  const name = specName(spec);
  const persistent = spec.persistentVolume?.spec.csi;
  const inline = spec.volume?.csi;
  return {
    driver: persistent?.driver ?? inline?.driver ?? '',
    handle: persistent?.volumeHandle ?? inlineHandle(uid, name),
    name,
    mode: persistent ? 'Persistent' : 'Ephemeral',
    readOnly: persistent ? spec.readOnly : inline?.readOnly === true,
    fsType: persistent ? persistent.fsType : inline?.fsType,
    attributes: persistent?.volumeAttributes ?? inline?.volumeAttributes ?? {},
    accessModes: spec.persistentVolume?.spec.accessModes,
    mountOptions: spec.persistentVolume?.spec.mountOptions ?? [],
    persistent,
    inline,
  };
}
