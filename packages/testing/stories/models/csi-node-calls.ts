import type { CsiNode, Volume } from '@slipway/csi';
import { CsiBench, type CsiSubject, type CsiUse } from '@slipway/csi/conformance';
import type { Client, Process } from '@slipway/kernel';

/** How far a volume is on its way to a workload, as a kubelet knows it. */
export type Level = 'attached' | 'staged' | 'published';

/** A call of a kubelet. */
export type NodeCall = 'stage' | 'publish' | 'unpublish' | 'unstage';

/** From which level each call comes, repeats included, and to which it leads. */
const STEPS: Readonly<Record<NodeCall, { readonly from: readonly Level[]; readonly to: Level }>> = {
  stage: { from: ['attached', 'staged'], to: 'staged' },
  publish: { from: ['staged', 'published'], to: 'published' },
  unpublish: { from: ['published', 'staged'], to: 'staged' },
  unstage: { from: ['staged', 'attached'], to: 'attached' },
};

/** What a kubelet found where it published: the text of its file; `none` when it cannot look. */
export interface Found {
  readonly found: string | null | 'none';
}

/** The kubelets of a story: where each volume is, how far, and with what the calls about it are made. */
export class CsiKubelets {
  readonly #bench: CsiBench;
  readonly #uses = new Map<string, CsiUse>();
  readonly #levels = new Map<string, Level>();
  #stages: boolean | undefined;

  constructor(subject: CsiSubject) {
    this.#bench = new CsiBench(subject);
  }

  /** The volume is attached to the node, with what the controller said of it. */
  attached(volume: Volume, at: number, publishContext: Readonly<Record<string, string>>): void {
    const known = this.#uses.get(volume.volumeId);
    // A driver that has no attaching says yes to every node; the kubelets know better.
    if (known && known.at !== at && this.isBusy(volume.volumeId)) return;
    const target = known?.target ?? this.#bench.targetPath(volume);
    this.#uses.set(volume.volumeId, { volume, at, capability: this.#bench.capability(), readonly: false, publishContext, target });
    if (known === undefined) this.#levels.set(volume.volumeId, 'attached');
  }

  /** @param at left out: wherever it is */
  detached(volumeId: string, at?: number): void {
    if (at !== undefined && this.#uses.get(volumeId)?.at !== at) return;
    this.#uses.delete(volumeId);
    this.#levels.delete(volumeId);
  }

  /** Whether anything of the volume is on a node, so that it must not be detached. */
  isBusy(volumeId: string): boolean {
    const level = this.#levels.get(volumeId);
    return level !== undefined && level !== 'attached';
  }

  /** Whether a kubelet may make the call now. */
  may(call: NodeCall, volumeId: string): boolean {
    const level = this.#levels.get(volumeId);
    return level !== undefined && STEPS[call].from.includes(level);
  }

  done(call: NodeCall, volumeId: string): void {
    this.#levels.set(volumeId, STEPS[call].to);
  }

  /** Makes the call; after a publish, reads the workload's file and writes it anew. */
  *make(call: NodeCall, volumeId: string, text: string): Process<Found | object> {
    const bench = this.#bench;
    const use = this.#uses.get(volumeId);
    const node: Client<CsiNode> | undefined = use && bench.machine(use.at).node;
    if (!use || !node) return { found: 'none' };
    if (this.#stages === undefined) {
      const { capabilities = [] } = yield* node.nodeGetCapabilities({});
      this.#stages = capabilities.some(({ rpc }) => rpc.type === 'STAGE_UNSTAGE_VOLUME');
    }
    const stagingTargetPath = bench.stagingPath(use.volume);
    const { files } = bench.host(use.at);
    if (call === 'unpublish') return yield* node.nodeUnpublishVolume({ volumeId, targetPath: use.target });
    if (call === 'publish') {
      files.makeDirectory(use.target.slice(0, use.target.lastIndexOf('/')), { recursive: true });
      const { stagingTargetPath: _, ...request } = bench.stageRequest(use);
      const staged = this.#stages ? { stagingTargetPath } : {};
      yield* node.nodePublishVolume({ ...request, ...staged, targetPath: use.target, readonly: false });
      if (bench.noFiles(use)) return { found: 'none' };
      const found = bench.read(use, 'file') ?? null;
      bench.write(use, 'file', text);
      return { found };
    }
    if (!this.#stages) return {};
    if (call === 'unstage') return yield* node.nodeUnstageVolume({ volumeId, stagingTargetPath });
    files.makeDirectory(stagingTargetPath, { recursive: true });
    return yield* node.nodeStageVolume(bench.stageRequest(use));
  }
}
