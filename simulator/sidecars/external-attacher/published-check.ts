import { Cell, every, messageOf, type Micros, minutes, type Process } from '@slipway/kernel';
import { callDriver, isAnswer } from '../driver-error.ts';
import { type AttachTools, CALL_LIMIT, publishedAs } from './attach.ts';

const PERIOD: Micros = minutes(1);

/**
 * Compares the attachments with what the driver lists, every minute. What differs is handled once more. Left out while there is no
 * attachment of the driver. Source: external-attacher `pkg/controller/csi_handler.go`, ReconcileVA.
 */
export class PublishedCheck {
  readonly #tools: AttachTools;
  readonly #force: (name: string) => void;
  readonly #changed = new Cell(0);

  /** @param force handles an attachment whatever its status says */
  constructor(tools: AttachTools, force: (name: string) => void) {
    this.#tools = tools;
    this.#force = force;
  }

  noteChange(): void {
    this.#changed.set(this.#changed.value + 1);
  }

  *run(): Process<never> {
    const { info, context } = this.#tools;
    const beat = every(PERIOD);
    for (;;) {
      const attachments = context.informers.get('volumeattachments').byIndex('attacher', info.name);
      yield* beat.next(attachments.length > 0 ? undefined : { unless: [this.#changed] });
      try {
        yield* this.#compare();
      } catch (error) {
        if (!isAnswer(error)) throw error;
        context.log(`failed to ListVolumes: ${messageOf(error)}`);
      }
    }
  }

  *#compare(): Process {
    const { info, context } = this.#tools;
    const attachments = context.informers.get('volumeattachments').byIndex('attacher', info.name);
    if (attachments.length === 0) return;
    const published = yield* this.#published();
    for (const attachment of [...attachments].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
      const at = publishedAs(attachment, info.name, context);
      if (!at) continue;
      const isPublished = published.get(at.volumeId)?.has(at.nodeId) ?? false;
      if (isPublished !== (attachment.status?.attached ?? false)) this.#force(attachment.metadata.name);
    }
  }

  /** Ids of the nodes that each volume is published to. */
  *#published(): Process<ReadonlyMap<string, ReadonlySet<string>>> {
    const found = new Map<string, Set<string>>();
    for (let startingToken = ''; ; ) {
      const request = startingToken === '' ? {} : { startingToken };
      const { entries = [], nextToken = '' } = yield* callDriver(this.#tools.controller.listVolumes(request), CALL_LIMIT);
      for (const { volume, status } of entries) found.set(volume.volumeId, new Set(status?.publishedNodeIds ?? []));
      if (nextToken === '') return found;
      startingToken = nextToken;
    }
  }
}
