import type { ControllerUnpublishVolumeRequest } from '@slipway/csi';
import { type Micros, minutes, type TraceRecord } from '@slipway/kernel';
import { findCondition, type Node, type PersistentVolume, taintKeys, type VolumeAttachment } from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Check, Watched } from '../invariant.ts';
import { requestOf } from './published-volumes.ts';
import type { NodeVolumes } from './node-volumes.ts';
import type { Staleness } from './staleness.ts';

/** So long a node has to have been well before nobody can have taken it for down. */
const WELL: Micros = minutes(1);

/** Whether a volume may be taken off a node whatever the node says: when it is down, or perhaps down, or a person wants it. */
export class Detachments implements Check {
  readonly resources = ['nodes', 'volumeattachments'];
  readonly #world: Watched;
  readonly #volumes: NodeVolumes;
  readonly #staleness: Staleness;
  /** Since when each node is well; those that are not are not in it. */
  readonly #wellSince = new Map<string, Micros>();
  /** Volume and node of attachments that a person has deleted. */
  readonly #byHand = new Set<string>();

  constructor(world: Watched, volumes: NodeVolumes, staleness: Staleness) {
    this.#world = world;
    this.#volumes = volumes;
    this.#staleness = staleness;
  }

  write({ resource, type, object }: CommittedWrite, by: TraceRecord | undefined): void {
    if (resource === 'nodes') this.#note(object as Node, type === 'DELETED');
    else this.#noteAttachment(object as VolumeAttachment, by);
  }

  /** The node, if it has been well for long and its volumes may go only when it has put them away. */
  guarded(call: TraceRecord): string | undefined {
    const { volumeId, nodeId = '' } = requestOf<ControllerUnpublishVolumeRequest>(call);
    const node = this.#volumes.nodeNamed(nodeId);
    if (node === undefined || this.#volumes.isGone(nodeId) || this.#byHand.has(`${volumeId} ${node}`)) return undefined;
    const since = this.#wellSince.get(node);
    if (since === undefined || call.at - since < WELL || this.#staleness.seenSince(call.at) <= since) return undefined;
    return node;
  }

  #note({ metadata: { name }, spec, status }: Node, gone: boolean): void {
    const well =
      !gone &&
      findCondition(status?.conditions, 'Ready')?.status === 'True' &&
      !(spec?.taints?.some(({ key }) => key === taintKeys.outOfService) ?? false);
    if (!well) this.#wellSince.delete(name);
    else if (!this.#wellSince.has(name)) this.#wellSince.set(name, this.#world.kernel.now);
  }

  #noteAttachment({ metadata, spec }: VolumeAttachment, by: TraceRecord | undefined): void {
    if (metadata.deletionTimestamp === undefined || by?.actor !== 'kubectl') return;
    const name = spec.source.persistentVolumeName;
    const volume =
      name === undefined ? undefined : (this.#world.server.peek('persistentvolumes', undefined, name) as PersistentVolume | undefined);
    const handle = (volume?.spec ?? spec.source.inlineVolumeSpec)?.csi?.volumeHandle;
    if (handle !== undefined) this.#byHand.add(`${handle} ${spec.nodeName}`);
  }
}
