import type { Host } from '@slipway/host';
import { pluginDirectory, podsDirectory, volumeDevicesDirectory, volumesDirectory } from '../../runtime/pod-paths.ts';
import { restored } from '../csi/csi-kind.ts';
import { csiPlugin } from '../csi/names.ts';
import { loadVolumeData } from '../csi/volume-data.ts';
import type { VolumeKind } from '../kinds/volume-kind.ts';
import type { ActualState } from '../state/actual-state.ts';
import { specName, type VolumeSpec } from '../volume-spec.ts';
import { uniqueName } from './populator.ts';

/**
 * Finds on the node's disk which volumes an earlier kubelet mounted, and notes them as uncertain: the mounts themselves may be gone with
 * the power. What a pod still wants is then set up once more, and the rest is taken away.
 *
 * @returns names of the volumes found. Source: `pkg/kubelet/volumemanager/reconciler/reconstruct.go`, `reconstruct_common.go`
 */
export function reconstruct({ files }: Host, kinds: readonly VolumeKind[], actual: ActualState): readonly string[] {
  const found = new Set<string>();
  const kindsByName = new Map(kinds.map((kind) => [kind.name, kind]));
  const list = (path: string): readonly string[] => (files.exists(path) ? files.list(path) : []);
  const note = (kind: VolumeKind, spec: VolumeSpec, uid: string | undefined) => {
    const name = uniqueName(kind, spec, uid ?? '');
    // Whether it was attached, only the API can tell.
    const volume = actual.attach(name, kind, spec, false, undefined);
    found.add(name);
    if (uid !== undefined)
      actual.setMount(volume, { uid, name: specName(spec), spec, state: 'uncertain', reconstructed: true, refresh: false });
    if (kind.mountDevice && kind.deviceOf?.(spec) !== undefined) {
      volume.device = 'uncertain';
      volume.reconstructed = true;
    }
  };
  for (const uid of list(podsDirectory)) {
    for (const [directory, block] of [[volumesDirectory(uid), false] as const, [volumeDevicesDirectory(uid), true] as const]) {
      for (const folder of list(directory)) {
        const kind = kindsByName.get(folder.replaceAll('~', '/'));
        if (!kind) continue;
        for (const name of list(`${directory}/${folder}`)) {
          const spec = kind.restore(uid, name, block);
          if (spec) note(kind, spec, uid);
        }
      }
    }
  }
  const csi = kindsByName.get(csiPlugin);
  if (csi) for (const spec of stagedVolumes(files, list)) note(csi, spec, undefined);
  return [...found];
}

/**
 * Volumes that were staged, or about to be, for whichever pod. Upstream looks at the pods' directories only, so what was staged when the
 * kubelet ended, and not yet published, stays for ever once its pod is gone.
 */
function* stagedVolumes(files: Host['files'], list: (path: string) => readonly string[]): Iterable<VolumeSpec> {
  const root = pluginDirectory(csiPlugin);
  for (const driver of list(root)) {
    for (const hash of list(`${root}/${driver}`)) {
      const data = loadVolumeData(files, `${root}/${driver}/${hash}`) ?? loadVolumeData(files, `${root}/${driver}/${hash}/data`);
      if (!data) continue;
      const block = driver === 'volumeDevices';
      yield { persistentVolume: restored(data.specVolID ?? '', data.driverName, data.volumeHandle, block), readOnly: false };
    }
  }
}
