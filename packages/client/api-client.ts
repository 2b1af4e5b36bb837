import type { Client, Process, Source } from '@slipway/kernel';
import {
  type GenericObject,
  type KindMap,
  type KubeObject,
  kinds,
  type Lease,
  type Pod,
  type ResourceName,
  type Stored,
} from '@slipway/kube';
import type {
  ApiServer,
  BindRequest,
  DeleteCollectionResponse,
  DeleteOptions,
  DeleteResponse,
  EvictRequest,
  FinalizeRequest,
  ListRequest,
  ListResponse,
  ObjectRequest,
  PatchRequest,
  RenewLeaseRequest,
  SelectionRequest,
  WatchEvent,
  WatchRequest,
} from './contract.ts';

type Without<Q> = Omit<Q, 'resource'>;

/**
 * One resource, typed. Each method is one call over the caller's link, and returns the link's process itself: no generator frame of its
 * own. For parameters and errors see `ApiServer`.
 */
export class Resource<T extends KubeObject> {
  /** The plural: `pods`. */
  readonly name: string;
  protected readonly link: Client<ApiServer>;

  constructor(link: Client<ApiServer>, name: string) {
    this.link = link;
    this.name = name;
  }

  get(request: Without<ObjectRequest>): Process<Stored<T>> {
    return this.link.get({ resource: this.name, ...request }) as Process<Stored<T>>;
  }

  list(request: Without<ListRequest> = {}): Process<ListResponse<T>> {
    return this.link.list({ resource: this.name, ...request }) as Process<ListResponse<T>>;
  }

  create(object: T): Process<Stored<T>> {
    return this.link.create({ resource: this.name, object }) as Process<Stored<T>>;
  }

  update(object: T): Process<Stored<T>> {
    return this.link.update({ resource: this.name, object }) as Process<Stored<T>>;
  }

  updateStatus(object: T): Process<Stored<T>> {
    return this.link.updateStatus({ resource: this.name, object }) as Process<Stored<T>>;
  }

  patch(request: Without<PatchRequest>): Process<Stored<T>> {
    return this.link.patch({ resource: this.name, ...request }) as Process<Stored<T>>;
  }

  delete(request: Without<ObjectRequest> & DeleteOptions): Process<DeleteResponse<T>> {
    return this.link.delete({ resource: this.name, ...request }) as Process<DeleteResponse<T>>;
  }

  deleteCollection(request: Without<SelectionRequest> & DeleteOptions = {}): Process<DeleteCollectionResponse> {
    return this.link.deleteCollection({ resource: this.name, ...request });
  }

  watch(request: Without<WatchRequest> = {}): Process<Source<WatchEvent<T>>> {
    return this.link.watch({ resource: this.name, ...request }) as unknown as Process<Source<WatchEvent<T>>>;
  }
}

/** Pods have two subresources that are verbs of their own. */
export class PodResource extends Resource<Pod> {
  bind(request: BindRequest): Process<Stored<Pod>> {
    return this.link.bind(request) as Process<Stored<Pod>>;
  }

  evict(request: EvictRequest): Process<DeleteResponse<Pod>> {
    return this.link.evict(request) as Process<DeleteResponse<Pod>>;
  }
}

/** A `Resource` for every built-in plural: `api.deployments.list()`. */
export type TypedResources = { readonly [P in Exclude<ResourceName, 'pods'>]: Resource<KindMap[P]> } & { readonly pods: PodResource };

/** How anything talks to a cluster: a typed façade over one link to the API server. */
export interface ApiClient extends TypedResources {
  /** The link itself, for what is known by name only at run time. */
  readonly link: Client<ApiServer>;
  /** A resource by its plural; custom ones too. */
  resource<P extends ResourceName>(plural: P): Resource<KindMap[P]>;
  resource<T extends KubeObject = GenericObject>(plural: string): Resource<T>;
  /** A heartbeat; see `ApiServer.renewLease`. */
  renewLease(request: RenewLeaseRequest): Process<Stored<Lease>>;
  /** Replaces a namespace's `spec.finalizers`. */
  finalizeNamespace(request: FinalizeRequest): Process<Stored<KindMap['namespaces']>>;
}

class LinkedApiClient {
  readonly link: Client<ApiServer>;
  // Made at first use: thousands of kubelets hold a client each, and use a handful of resources.
  readonly #resources = new Map<string, Resource<KubeObject>>();

  constructor(link: Client<ApiServer>) {
    this.link = link;
  }

  resource(plural: string): Resource<KubeObject> {
    const known = this.#resources.get(plural);
    if (known) return known;
    const made: Resource<KubeObject> =
      plural === 'pods' ? (new PodResource(this.link, plural) as unknown as Resource<KubeObject>) : new Resource(this.link, plural);
    this.#resources.set(plural, made);
    return made;
  }

  renewLease(request: RenewLeaseRequest): Process<Stored<KubeObject>> {
    return this.link.renewLease(request);
  }

  finalizeNamespace(request: FinalizeRequest): Process<Stored<KubeObject>> {
    return this.link.finalize(request);
  }

  static {
    for (const { plural } of kinds) {
      Object.defineProperty(LinkedApiClient.prototype, plural, {
        get(this: LinkedApiClient) {
          return this.resource(plural);
        },
      });
    }
  }
}

/** The typed façade over a link to an API server. */
export function apiClient(link: Client<ApiServer>): ApiClient {
  // The getters of the plurals are defined from the table of kinds, which the compiler cannot follow.
  return new LinkedApiClient(link) as unknown as ApiClient;
}
