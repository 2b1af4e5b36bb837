import type { NodePublishVolumeRequest, NodeStageVolumeRequest } from '@slipway/csi';
import type { TraceRecord } from '@slipway/kernel';
import { isEqual } from '@slipway/kube';
import { isLinkFailure } from '../dispatch.ts';
import { requestOf } from '../facts/published-volumes.ts';
import type { Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { KeptFiles } from './kept-files.ts';

interface Undo {
  readonly volumeId: string;
  readonly targetPath?: string;
  readonly stagingTargetPath?: string;
}

const STAGING: ReadonlySet<string> = new Set(['csi.Node/NodeStageVolume', 'csi.Node/NodeUnstageVolume']);

/** What is left of the disk when it counts as full: then a driver may fail for no fault of its own. */
const ROOM = 1 << 20;

/**
 * Repeated with the same arguments after success, and nothing undone meanwhile, a call succeeds; and "the same outcome" is looked for on
 * the machine: what was undone is mounted no more, and a volume that comes back has the files that it had.
 */
export const nodeOpsIdempotent: Invariant = {
  id: 'CSI-08',
  name: 'node-ops-idempotent',
  kind: 'S',
  holds: 'stage, unstage, publish and unpublish can each be repeated with the same outcome',
  watch: (world, { violated, met }, { volumes, published }) => {
    const files = new KeptFiles(world);
    /** Requests that succeeded and still count, by path, with the power-up in which they did. */
    const done = new Map<string, { readonly request: object; readonly power: object | undefined; readonly publishedAt: number }>();
    /** Paths that were undone with success and not asked for since. */
    const undone = new Set<string>();
    /** Calls that repeat what was done, when they were sent. */
    const repeats = new Set<number>();
    /** Calls under way, by path: while there are others, the state at the path is anybody's. */
    const open = new Map<string, Set<number>>();
    const keyOf = (call: TraceRecord): string => {
      const { volumeId, targetPath, stagingTargetPath } = call.full as Undo;
      const path = STAGING.has(call.name) ? stagingTargetPath : targetPath;
      return `${nodeOf(call.actor)} ${volumeId} ${path}`;
    };
    const begin = (call: TraceRecord, key: string): void => {
      let calls = open.get(key);
      if (!calls) open.set(key, (calls = new Set()));
      calls.add(call.seq);
    };
    /** @returns whether it was the only one */
    const end = (call: TraceRecord, key: string): boolean => {
      const calls = open.get(key);
      calls?.delete(call.seq);
      if (calls?.size !== 0) return false;
      open.delete(key);
      return true;
    };
    const isFull = (node: string): boolean => {
      const { capacityBytes = Number.POSITIVE_INFINITY, usedBytes = 0 } = world.nodes.get(node)?.host.disk ?? {};
      return capacityBytes - usedBytes < ROOM;
    };
    const refused = ({ call, answer, code, disturbed }: Exchange): void => {
      if (!repeats.has(call.seq) || disturbed || isLinkFailure(code) || code === 'ABORTED' || isFull(nodeOf(call.actor))) return;
      const { volumeId } = call.full as Undo;
      violated(`${answer.actor} answered ${call.name} of volume ${volumeId} with ${code}, which it had done before`, `Volume ${volumeId}`);
    };
    const asked = (call: TraceRecord): void => {
      const key = keyOf(call);
      undone.delete(key);
      begin(call, key);
      const before = done.get(key);
      const { volumeId } = call.full as Undo;
      if (!before || before.power !== volumes.powerOf(nodeOf(call.actor)) || before.publishedAt !== published.changedAt(volumeId)) return;
      if (isEqual(before.request, comparable(call.full as object))) repeats.add(call.seq);
    };
    const answered = (exchange: Exchange): void => {
      const { call, ok } = exchange;
      const key = keyOf(call);
      end(call, key);
      if (repeats.has(call.seq)) met();
      if (!ok) refused(exchange);
      else {
        const { volumeId } = call.full as Undo;
        const publishedAt = published.changedAt(volumeId);
        done.set(key, { request: comparable(call.full as object), power: volumes.powerOf(nodeOf(call.actor)), publishedAt });
        if (call.name === 'csi.Node/NodePublishVolume') {
          const lost = files.published(nodeOf(call.actor), requestOf<NodePublishVolumeRequest>(call));
          if (lost !== undefined)
            violated(`${exchange.answer.actor} published volume ${volumeId} without ${lost}, which was there before`, `Volume ${volumeId}`);
        }
      }
      repeats.delete(call.seq);
    };
    const askedToUndo = (call: TraceRecord): void => {
      const key = keyOf(call);
      done.delete(key);
      begin(call, key);
      if (undone.has(key)) repeats.add(call.seq);
      if (call.name === 'csi.Node/NodeUnpublishVolume') files.leaving(nodeOf(call.actor), call.full as NodePublishVolumeRequest, volumes);
    };
    const answeredUndo = (exchange: Exchange): void => {
      const { call, answer, ok, disturbed } = exchange;
      const key = keyOf(call);
      const alone = end(call, key);
      if (repeats.has(call.seq)) met();
      if (!ok) refused(exchange);
      repeats.delete(call.seq);
      if (!ok) return;
      undone.add(key);
      const { volumeId, targetPath, stagingTargetPath } = call.full as Undo;
      if (call.name === 'csi.Node/NodeUnstageVolume') files.putAway(nodeOf(call.actor), volumeId);
      const path = call.name === 'csi.Node/NodeUnstageVolume' ? stagingTargetPath : targetPath;
      const host = world.nodes.get(nodeOf(call.actor))?.host;
      if (!alone || disturbed || !host?.on || path === undefined || !host.mounts.at(path)) return;
      violated(
        `${answer.actor} answered ${call.name} of volume ${volumeId} with success, and it is still mounted at ${path}`,
        `Volume ${volumeId}`,
      );
    };
    return {
      called: {
        'csi.Node/NodeStageVolume': asked,
        'csi.Node/NodePublishVolume': asked,
        'csi.Node/NodeUnpublishVolume': askedToUndo,
        'csi.Node/NodeUnstageVolume': askedToUndo,
      },
      answered: {
        'csi.Node/NodeStageVolume': answered,
        'csi.Node/NodePublishVolume': answered,
        'csi.Node/NodeUnpublishVolume': answeredUndo,
        'csi.Node/NodeUnstageVolume': answeredUndo,
        'csi.Controller/DeleteVolume': ({ call }) => files.forget((call.full as Undo).volumeId),
      },
    };
  },
};

/** A request without what may differ each time: secrets, and the tokens of pods. */
function comparable(request: object): object {
  const { secrets: _, ...rest } = request as NodeStageVolumeRequest;
  const context = Object.entries(rest.volumeContext ?? {}).filter(([key]) => !key.startsWith('csi.storage.k8s.io/serviceAccount.tokens'));
  return { ...rest, volumeContext: Object.fromEntries(context) };
}
