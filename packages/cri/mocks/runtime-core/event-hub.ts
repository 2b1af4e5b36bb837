import { Stream } from '@slipway/kernel';
import type { ContainerEventResponse, ContainerEventType } from '../../messages/index.ts';
import type { Sandbox } from './sandboxes/sandbox.ts';
import { nanos } from './timestamps.ts';

/** Tells every subscriber each step of every container. Without subscribers nothing is built. */
export class EventHub {
  readonly #now: () => number;
  readonly #streams = new Set<Stream<ContainerEventResponse>>();

  constructor(now: () => number) {
    this.#now = now;
  }

  subscribe(): Stream<ContainerEventResponse> {
    const stream = new Stream<ContainerEventResponse>();
    this.#streams.add(stream);
    stream.onClose = () => this.#streams.delete(stream);
    return stream;
  }

  /** @param id of a container, or of the sandbox itself */
  tell(containerEventType: ContainerEventType, id: string, sandbox: Sandbox): void {
    if (this.#streams.size === 0) return;
    const event: ContainerEventResponse = {
      containerId: id,
      containerEventType,
      createdAt: nanos(this.#now()),
      podSandboxStatus: sandbox.status,
      containersStatuses: [...sandbox.containers.values()].map(({ status }) => status),
    };
    for (const stream of this.#streams) stream.offer(event);
  }
}
