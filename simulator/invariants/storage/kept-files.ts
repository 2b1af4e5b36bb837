import type { NodePublishVolumeRequest } from '@slipway/csi';
import type { FileSystem, Host } from '@slipway/host';
import type { Owner } from '@slipway/kernel';
import type { NodeVolumes } from '../facts/node-volumes.ts';
import type { Watched } from '../invariant.ts';

interface Kept {
  readonly files: ReadonlyMap<string, string>;
  readonly host: Host;
  readonly power: Owner;
  /** It was put away in good order, so that nothing of it can get lost with the machine's power any more. */
  safe: boolean;
}

/** Files of one volume that are looked at; more would cost too much. */
const MOST = 64;

/** What was in volumes of one node when their last pod gave them back, for the next who gets them. */
export class KeptFiles {
  readonly #world: Watched;
  readonly #kept = new Map<string, Kept>();

  constructor(world: Watched) {
    this.#world = world;
  }

  /** A pod gives the volume back: its containers have ended. */
  leaving(node: string, { volumeId, targetPath }: Pick<NodePublishVolumeRequest, 'volumeId' | 'targetPath'>, volumes: NodeVolumes): void {
    const host = this.#world.nodes.get(node)?.host;
    const steps = volumes.stepsOf(volumeId).filter(({ kind }) => kind === 'publish');
    const step = volumes.step('publish', node, volumeId, targetPath);
    if (!host?.on || step?.state !== 'done' || steps.length !== 1) return;
    const { volumeCapability, readonly } = step.request as NodePublishVolumeRequest;
    if (!volumeCapability.accessMode.mode.startsWith('SINGLE_NODE_') || !('mount' in volumeCapability) || readonly) return;
    if (!host.mounts.at(targetPath)) return;
    const files = filesIn(host.mounts, targetPath);
    if (files) this.#kept.set(volumeId, { files, host, power: host.owner, safe: false });
  }

  /** The volume leaves the node in good order. */
  putAway(node: string, volumeId: string): void {
    const kept = this.#kept.get(volumeId);
    if (kept && kept.host === this.#world.nodes.get(node)?.host && kept.host.owner === kept.power) kept.safe = true;
  }

  forget(volumeId: string): void {
    this.#kept.delete(volumeId);
  }

  /** A pod gets the volume: a file that it had and has no more, or has otherwise. */
  published(node: string, { volumeId, targetPath }: NodePublishVolumeRequest): string | undefined {
    const kept = this.#kept.get(volumeId);
    const host = this.#world.nodes.get(node)?.host;
    this.#kept.delete(volumeId);
    if (!kept || !host?.on || !(kept.safe || (kept.host === host && host.owner === kept.power))) return undefined;
    const now = host.mounts.at(targetPath) ? filesIn(host.mounts, targetPath) : new Map<string, string>();
    if (!now) return undefined;
    for (const [path, text] of kept.files) if (now.get(path) !== text) return `its file ${path}`;
    return undefined;
  }
}

/** Texts of all files below a folder; undefined when there are too many, or one cannot be read. */
function filesIn(system: FileSystem, folder: string): Map<string, string> | undefined {
  const files = new Map<string, string>();
  const folders = [folder];
  try {
    for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
      for (const name of system.list(at)) {
        const path = `${at}/${name}`;
        const { kind } = system.linkStatus(path);
        if (kind === 'directory') folders.push(path);
        else if (kind === 'file') files.set(path.slice(folder.length), system.readText(path));
        if (files.size + folders.length > MOST) return undefined;
      }
    }
  } catch {
    // Pulled out, or changed while it is looked at: nothing can be said.
    return undefined;
  }
  return files;
}
