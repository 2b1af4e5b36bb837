import type { TraceRecord } from '@slipway/kernel';
import type { Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

interface NodeRequest {
  readonly volumeId: string;
  readonly targetPath?: string;
  readonly volumePath?: string;
  readonly stagingTargetPath?: string;
}

interface Operation {
  readonly call: TraceRecord;
  readonly volumeId: string;
  /** Of the pod that it is for; undefined for what concerns the whole volume. */
  readonly path: string | undefined;
  /** Which start of the kubelet it belongs to. */
  readonly start: number;
  driver: string | undefined;
  /** Those that were under way when this one began. */
  readonly over: Operation[];
}

const METHODS = ['NodeStageVolume', 'NodeUnstageVolume', 'NodePublishVolume', 'NodeUnpublishVolume', 'NodeExpandVolume'] as const;
const ABOUT_VOLUME: ReadonlySet<string> = new Set(['csi.Node/NodeStageVolume', 'csi.Node/NodeUnstageVolume']);
const MOUNTS: ReadonlySet<string> = new Set(['csi.Node/NodeStageVolume', 'csi.Node/NodePublishVolume']);

/**
 * The kubelet's part: it waits for an answer before it asks anything else about the volume, but pods at different paths may be served side
 * by side (`pkg/util/goroutinemap`, nestedpendingoperations). The driver's part, should it be asked anything twice all the same: whatever
 * it makes of that, nothing is mounted twice at one path.
 */
export const oneOpPerVolume: Invariant = {
  id: 'CSI-03',
  name: 'one-op-per-volume',
  kind: 'S',
  holds: 'node operations on one volume never overlap; a driver that is busy answers Aborted',
  watch: (world, { violated, met }, { volumes }) => {
    const open = new Map<string, Map<number, Operation>>();
    /** Paths with two mounts, so that each is reported once. */
    const doubled = new Set<string>();
    const called = (call: TraceRecord): void => {
      const { volumeId, targetPath, volumePath } = call.full as NodeRequest;
      const key = `${call.actor} ${volumeId}`;
      let pending = open.get(key);
      if (!pending) open.set(key, (pending = new Map()));
      const start = volumes.startOf(call.actor);
      const path = ABOUT_VOLUME.has(call.name) ? undefined : (targetPath ?? volumePath);
      // What an earlier start of the kubelet asked for is nobody's any more.
      for (const [seq, other] of pending) if (other.start !== start) pending.delete(seq);
      const over = [...pending.values()].filter((other) => other.path === undefined || path === undefined || other.path === path);
      pending.set(call.seq, { call, volumeId, path, start, driver: undefined, over });
    };
    const answered = ({ call, answer, ok }: Exchange): void => {
      const { volumeId } = call.full as NodeRequest;
      const key = `${call.actor} ${volumeId}`;
      const pending = open.get(key);
      const operation = pending?.get(call.seq);
      pending?.delete(call.seq);
      if (pending?.size === 0) open.delete(key);
      if (operation) {
        met();
        operation.driver = answer.actor;
        // Ids are a driver's own: the volume is the same only if the same driver answers.
        const others = [...operation.over, ...[...(pending?.values() ?? [])].filter(({ over }) => over.includes(operation))];
        for (const other of others) {
          if (other.driver !== answer.actor) continue;
          const [first, second] = other.call.seq < call.seq ? [other, operation] : [operation, other];
          violated(
            `${call.actor} called ${second.call.name} of volume ${volumeId} while its ${first.call.name} was under way`,
            `Volume ${volumeId}`,
          );
        }
      }
      if (ok) judgeMounts(call, answer.actor);
    };
    const judgeMounts = (call: TraceRecord, driver: string): void => {
      const { volumeId, targetPath, stagingTargetPath } = call.full as NodeRequest;
      const path = ABOUT_VOLUME.has(call.name) ? stagingTargetPath : targetPath;
      const node = nodeOf(call.actor);
      const host = world.nodes.get(node)?.host;
      if (!host?.on || path === undefined || !MOUNTS.has(call.name)) return;
      const found = host.mounts.all().filter(({ target }) => target === path).length;
      const key = `${node} ${path}`;
      if (found < 2) doubled.delete(key);
      else if (!doubled.has(key)) {
        doubled.add(key);
        violated(`${driver} mounted volume ${volumeId} ${found} times at ${path}`, `Volume ${volumeId}`);
      }
    };
    return {
      called: Object.fromEntries(METHODS.map((method) => [`csi.Node/${method}`, called])),
      answered: Object.fromEntries(METHODS.map((method) => [`csi.Node/${method}`, answered])),
    };
  },
};
