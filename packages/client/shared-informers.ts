import { type Micros, type Owner, type Process } from '@slipway/kernel';
import type { GenericObject, KindMap, KubeObject, ResourceName } from '@slipway/kube';
import type { ApiClient } from './api-client.ts';
import { Informer, type InformerOptions } from './informer.ts';

export interface SharedInformersOptions {
  readonly api: ApiClient;
  /** Runs them. */
  readonly owner: Owner;
  /** Staleness of every one of them. */
  readonly lag?: Micros;
}

/** One informer per resource and selection for all the controllers of one actor, started when first asked for. */
export class SharedInformers {
  readonly #options: SharedInformersOptions;
  readonly #informers = new Map<string, Informer<KubeObject>>();
  /** Those of everything of a resource, by plural: reconcilers ask for one at nearly every turn. */
  readonly #whole = new Map<string, Informer<KubeObject>>();

  constructor(options: SharedInformersOptions) {
    this.#options = options;
  }

  /** The informer of a resource; asked for again with further indexers, the same one gets these too. */
  get<P extends ResourceName>(plural: P, options?: InformerOptions<KindMap[P]>): Informer<KindMap[P]>;
  get<T extends KubeObject = GenericObject>(plural: string, options?: InformerOptions<T>): Informer<T>;
  get(plural: string, options: InformerOptions<KubeObject> = WHOLE): Informer<KubeObject> {
    const whole = options === WHOLE ? this.#whole.get(plural) : undefined;
    if (whole) return whole;
    const informer = this.#get(plural, options);
    if (options === WHOLE) this.#whole.set(plural, informer);
    return informer;
  }

  #get(plural: string, options: InformerOptions<KubeObject>): Informer<KubeObject> {
    const { api, owner, lag } = this.#options;
    const { namespace, labelSelector, fieldSelector, indexers } = options;
    const id = [plural, namespace, labelSelector, fieldSelector].map((part) => part ?? '').join('|');
    const known = this.#informers.get(id);
    if (known) {
      if (indexers) known.addIndexers(indexers);
      return known;
    }
    const resource = api.resource<KubeObject>(plural);
    const made = new Informer<KubeObject>(resource, lag === undefined ? options : { lag, ...options });
    this.#informers.set(id, made);
    owner.spawn(`informer ${plural}`, made.run());
    return made;
  }

  /** Waits until all that were asked for have their first list. */
  *waitForSync(): Process {
    for (const informer of this.#informers.values()) yield* informer.waitForSync();
  }
}

const WHOLE: InformerOptions<KubeObject> = {};
