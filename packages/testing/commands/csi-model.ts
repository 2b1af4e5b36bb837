import type { Volume } from '@slipway/csi';
import type { CsiBench, CsiUse } from '@slipway/csi/conformance';
import { must } from '@slipway/kernel';

/** How far a volume is on its way to a workload. */
export type VolumeState = 'created' | 'attached' | 'staged' | 'published';

const STATES: readonly VolumeState[] = ['created', 'attached', 'staged', 'published'];

export interface ModelVolume {
  readonly volume: Volume;
  /** What was asked for; the driver may have rounded it up. */
  bytes: number;
  /** Whether it has been expanded since. */
  grown: boolean;
  state: VolumeState;
  /** Where it is; there from `attached` on. */
  use: CsiUse | undefined;
  /** What was last written; undefined: nothing yet. */
  text: string | undefined;
}

/** The simplest storage: which names have which volumes, where those are, and what is in them. */
export class CsiModel {
  /** By name. */
  readonly volumes = new Map<string, ModelVolume>();
  /** Ids of volumes that are deleted, by name. */
  readonly deleted = new Map<string, string>();
  readonly bench: CsiBench;

  constructor(bench: CsiBench) {
    this.bench = bench;
  }

  /** Whether the volume is there and at least so far. */
  reached(name: string, state: VolumeState): boolean {
    const volume = this.volumes.get(name);
    return volume !== undefined && STATES.indexOf(volume.state) >= STATES.indexOf(state);
  }

  /** The volume, which must be there. */
  get(name: string): ModelVolume {
    const volume = this.volumes.get(name);
    must(volume !== undefined, `the model has ${name}`);
    return volume;
  }

  /** A node lost its mounts: what was on it is merely attached. */
  losePower(at: number): void {
    for (const volume of this.volumes.values()) if (volume.use?.at === at && volume.state !== 'created') volume.state = 'attached';
  }

  /** What holds after every step: published volumes have what was last written, and the list has the volumes that there are. */
  async verify(): Promise<void> {
    const { bench } = this;
    for (const [name, { state, use, text }] of this.volumes) {
      if (state !== 'published' || !use || bench.noFiles(use)) continue;
      const found = bench.read(use, 'file');
      must(found === text, `${name} has ${text ?? 'nothing'}, not ${found ?? 'nothing'}`);
    }
    if (!(await bench.has('controller:LIST_VOLUMES'))) return;
    const listed = (await bench.listed()).map(({ volume }) => volume.volumeId).sort();
    const wanted = [...this.volumes.values()].map(({ volume }) => volume.volumeId).sort();
    must(listed.join() === wanted.join(), `${wanted.join(', ') || 'nothing'} is listed, not ${listed.join(', ') || 'nothing'}`);
  }
}
