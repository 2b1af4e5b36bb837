import type { WatchEvent, WatchRequest } from '@slipway/client';
import { isStream, type Stream, type StreamListener } from '@slipway/kernel';
import {
  type FieldRequirement,
  type KubeObject,
  type LabelRequirement,
  matchesFields,
  matchesRequirements,
  parseFieldSelector,
  parseLabelSelector,
} from '@slipway/kube';
import type { CommittedWrite } from '../../apiserver/index.ts';
import type { Check, Exchange, Watched } from '../invariant.ts';

/** A watch that a client has opened, seen where the server hands its events to the connection. */
export interface OpenWatch {
  readonly resource: string;
  /** Who watches: `kubelet/node-1`. */
  readonly client: string;
  readonly request: WatchRequest;
  readonly stream: Stream<WatchEvent>;
}

/** Told of watches as they go on. */
export interface WatchListener {
  /** Before the first event. */
  opened?(watch: OpenWatch): void;
  /** @param revision the event's own; NaN when it says none */
  event?(watch: OpenWatch, event: WatchEvent, revision: number): void;
}

/** Every watch that is opened over a link. */
export class OpenWatches implements Check {
  readonly answered: NonNullable<Check['answered']>;
  readonly #listeners: WatchListener[] = [];

  constructor(_world: Watched) {
    this.answered = { 'api.Server/Watch': (exchange) => this.#answered(exchange) };
  }

  listen(listener: WatchListener): void {
    this.#listeners.push(listener);
  }

  #answered({ call, answer, ok }: Exchange): void {
    if (!ok || this.#listeners.length === 0 || !isStream(answer.full)) return;
    const request = call.full as WatchRequest;
    const stream = answer.full as Stream<WatchEvent>;
    const watch: OpenWatch = { resource: request.resource, client: call.actor, request, stream };
    // Items are no trace events. The link is about to connect this stream to the client's; what passes there is looked at in passing.
    const { pipe } = stream;
    stream.pipe = (listener: StreamListener<WatchEvent>) => {
      for (const each of this.#listeners) each.opened?.(watch);
      pipe.call(stream, {
        item: (event, cause) => {
          const revision = Number(event.object.metadata.resourceVersion ?? Number.NaN);
          for (const each of this.#listeners) each.event?.(watch, event, revision);
          listener.item(event, cause);
        },
        end: (error) => listener.end(error),
      });
    };
  }
}

/** What a watch selects, worked out anew from its request. */
export class WatchSelection {
  readonly resource: string;
  readonly namespace: string | undefined;
  /** Of `metadata.name=…`. */
  readonly name: string | undefined;
  /** Of `spec.nodeName=…`. */
  readonly node: string | undefined;
  readonly #fields: readonly FieldRequirement[];
  readonly #labels: readonly LabelRequirement[];

  constructor({ resource, namespace, fieldSelector = '', labelSelector = '' }: WatchRequest) {
    this.resource = resource;
    this.namespace = namespace;
    this.#fields = parseFieldSelector(fieldSelector, resource);
    this.#labels = parseLabelSelector(labelSelector);
    this.name = this.#equal('metadata.name');
    this.node = this.#equal('spec.nodeName');
  }

  /** Whether the watch hears of a write: the object is selected, or was. */
  concerns({ object, old }: Pick<CommittedWrite, 'object' | 'old'>): boolean {
    return this.#selects(object) || (old !== undefined && this.#selects(old));
  }

  #selects(object: KubeObject): boolean {
    if (this.namespace !== undefined && object.metadata.namespace !== undefined && object.metadata.namespace !== this.namespace)
      return false;
    if (this.#fields.length > 0 && !matchesFields(this.resource, this.#fields, object)) return false;
    return this.#labels.length === 0 || matchesRequirements(this.#labels, object.metadata.labels);
  }

  #equal(field: string): string | undefined {
    return this.#fields.find((requirement) => requirement.field === field && requirement.equal)?.value;
  }
}
