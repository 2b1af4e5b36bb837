import { type Implementation, type LinkCode, type Stream, seconds, service, type Service, token } from '@slipway/kernel';
import { ApiError, type ApiErrorReason, type KubeObject, type ObjectMeta, type Preconditions, type Stored } from '@slipway/kube';

/**
 * What a request is about: one resource by its plural (`pods`), with its group when two groups share a plural
 * (`volumesnapshots.snapshot.storage.k8s.io`). Built-in plurals need no group.
 */
export interface ResourceRequest {
  readonly resource: string;
}

/** One object of a resource. Cluster-scoped resources have no `namespace`; a namespaced request without one means `default`. */
export interface ObjectRequest extends ResourceRequest {
  readonly namespace?: string;
  readonly name: string;
}

export interface SelectionRequest extends ResourceRequest {
  /** Left out: all namespaces. */
  readonly namespace?: string;
  /** As kubectl's `-l`: `app=web,tier in (a,b),!legacy`. */
  readonly labelSelector?: string;
  /** `spec.nodeName=node-1,status.phase!=Failed`. Which fields a kind offers: api-machinery, "Selectors". */
  readonly fieldSelector?: string;
}

export interface ListRequest extends SelectionRequest {
  /** Left out or `0`: the newest state. N: at least N; in the future: Timeout. */
  readonly resourceVersion?: string;
}

/** Items in the order of their keys, bytewise. */
export interface ListResponse<T extends KubeObject = KubeObject> {
  readonly items: readonly Stored<T>[];
  /** The store's revision at the time of reading; a watch from it sees every later change. */
  readonly resourceVersion: string;
}

export interface CreateRequest extends ResourceRequest {
  /** Its `metadata.namespace` says where; left out on a namespaced kind: `default`. */
  readonly object: KubeObject;
}

export interface UpdateRequest extends ResourceRequest {
  readonly object: KubeObject;
}

/** RFC 6902, RFC 7386, strategic merge, and kubectl's client-side apply (which also creates). */
export type PatchType = 'json' | 'merge' | 'strategic' | 'apply';

export interface PatchRequest extends ObjectRequest {
  /** A document for `merge`, `strategic` and `apply`, a list of operations for `json`. */
  readonly patch: unknown;
  /** Left out: `merge`. */
  readonly type?: PatchType;
  /** `scale` takes and answers an autoscaling/v1 Scale. Left out: the object itself. */
  readonly subresource?: 'status' | 'scale';
}

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  /** Pods only. Left out: the pod's own `terminationGracePeriodSeconds`. 0 removes at once. */
  readonly gracePeriodSeconds?: number;
  /** Conflict when the stored object has another uid or resourceVersion. */
  readonly preconditions?: Preconditions;
  /** Left out: Background; for a raw delete of Jobs and ReplicationControllers Orphan. */
  readonly propagationPolicy?: PropagationPolicy;
}

export interface DeleteRequest extends ObjectRequest, DeleteOptions {}

/** `gone`: the object was removed by this call. Otherwise it stays, being deleted, until its finalizers or its kubelet let it go. */
export interface DeleteResponse<T extends KubeObject = KubeObject> {
  readonly object: Stored<T>;
  readonly gone: boolean;
}

export interface DeleteCollectionRequest extends SelectionRequest, DeleteOptions {}

/** How many objects the call deleted or marked. */
export interface DeleteCollectionResponse {
  readonly count: number;
}

export interface WatchRequest extends SelectionRequest {
  /** Left out or `0`: first ADDED for all that exists. N: changes after N. */
  readonly resourceVersion?: string;
  /** Asks for a BOOKMARK about every minute in which something was written. */
  readonly allowWatchBookmarks?: boolean;
  /** The server ends the watch cleanly after this time. Left out: it does not. */
  readonly timeoutSeconds?: number;
}

/** What a bookmark carries: everything up to this revision has been sent. */
export interface BookmarkObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, 'resourceVersion' | 'annotations'>;
}

/**
 * One step of a watch. DELETED has the content before the delete (or before it left the selection) under the delete's own revision.
 * What HTTP sends as an ERROR frame ends the stream with that `ApiError`.
 */
export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Stored<T> }
  | { readonly type: 'BOOKMARK'; readonly object: BookmarkObject };

/** `POST pods/{name}/binding`. */
export interface BindRequest {
  readonly namespace: string;
  readonly name: string;
  /** Conflict when the pod of this name is another one. */
  readonly uid?: string;
  readonly nodeName: string;
  /** Copied onto the pod. */
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
}

/** `POST pods/{name}/eviction`. */
export interface EvictRequest extends DeleteOptions {
  readonly namespace: string;
  readonly name: string;
}

/** A heartbeat. */
export interface RenewLeaseRequest {
  /** Left out: `kube-node-lease`. */
  readonly namespace?: string;
  readonly name: string;
  readonly holderIdentity: string;
  /** Left out: the lease keeps what it has; 40 for a new one. */
  readonly leaseDurationSeconds?: number;
  /** For a new lease: usually its Node. */
  readonly ownerReferences?: ObjectMeta['ownerReferences'];
}

/** `PUT namespaces/{name}/finalize`: replaces `spec.finalizers`. */
export interface FinalizeRequest {
  readonly name: string;
  readonly finalizers: readonly string[];
}

/**
 * The API server as its clients see it: the REST verbs of every resource behind one service, and the subresources that have a meaning
 * of their own. Kubernetes 1.36. All errors are `ApiError`s of `@slipway/kube`; `code` is the Status reason.
 */
export interface ApiServer {
  /** @throws ApiError NotFound. */
  get(request: ObjectRequest): Stored<KubeObject>;
  /** @throws ApiError BadRequest (bad selector), NotFound (no such resource), Timeout (resourceVersion in the future). */
  list(request: ListRequest): ListResponse;
  /** @throws ApiError AlreadyExists, Invalid, Forbidden (admission), NotFound (namespace). */
  create(request: CreateRequest): Stored<KubeObject>;
  /** Keeps the stored status where status is a subresource. @throws ApiError NotFound, Conflict (stale resourceVersion), Invalid. */
  update(request: UpdateRequest): Stored<KubeObject>;
  /** Keeps the stored spec. @throws ApiError NotFound, Conflict, Invalid. */
  updateStatus(request: UpdateRequest): Stored<KubeObject>;
  /** Applies to the newest state. @throws ApiError NotFound, Conflict (the patch names a stale resourceVersion), Invalid. */
  patch(request: PatchRequest): Stored<KubeObject>;
  /** @throws ApiError NotFound, Conflict (preconditions), Forbidden (protected namespaces). */
  delete(request: DeleteRequest): DeleteResponse;
  /** Not atomic. @throws ApiError BadRequest. */
  deleteCollection(request: DeleteCollectionRequest): DeleteCollectionResponse;
  /** @throws ApiError Expired (resourceVersion no longer kept: list again), BadRequest. The stream ends cleanly when the reader is too slow. */
  watch(request: WatchRequest): Stream<WatchEvent>;
  /** @throws ApiError NotFound, Conflict (bound already, being deleted, gated, other uid). */
  bind(request: BindRequest): Stored<KubeObject>;
  /** Deletes a pod if its disruption budgets allow. @throws ApiError TooManyRequests (budget), NotFound, InternalError (several budgets). */
  evict(request: EvictRequest): DeleteResponse;
  /**
   * Sets the lease's renewTime to now; makes the lease when it is absent. A lease keeps a revision of its own: a renewal moves neither
   * the store's revision nor wakes a watch, and is read back with `get` or `list`. A change of holder is a write like any other.
   */
  renewLease(request: RenewLeaseRequest): Stored<KubeObject>;
  /** @throws ApiError NotFound. A namespace that is being deleted goes when the list gets empty. */
  finalize(request: FinalizeRequest): Stored<KubeObject>;
}

export const API_SERVER = token<Implementation<ApiServer>>('@slipway/client/ApiServer');

const linkReasons: Readonly<Record<LinkCode, ApiErrorReason>> = {
  UNAVAILABLE: 'ServiceUnavailable',
  DEADLINE_EXCEEDED: 'Timeout',
  UNIMPLEMENTED: 'MethodNotAllowed',
  INVALID_ARGUMENT: 'BadRequest',
  INTERNAL: 'InternalError',
  UNKNOWN: 'InternalError',
};

const key = (namespace: string | undefined, name: string): string => (namespace === undefined ? name : `${namespace}/${name}`);
const keyOfMeta = ({ namespace, name, generateName }: ObjectMeta): string => key(namespace, name || `${generateName ?? ''}*`);
const ofObject = (request: ObjectRequest): string => key(request.namespace, request.name);
const ofBody = (request: { readonly object: KubeObject }): string => keyOfMeta(request.object.metadata);
const ofSelection = (request: SelectionRequest): string | undefined => request.namespace;

/** Resource, and once answered the revision. */
const written = (request: ResourceRequest, answer: KubeObject | undefined): readonly string[] =>
  answer === undefined ? [request.resource] : [request.resource, answer.metadata.resourceVersion ?? ''];

const selected = (request: SelectionRequest): string[] => {
  const data = [request.resource];
  if (request.labelSelector !== undefined) data.push(request.labelSelector);
  if (request.fieldSelector !== undefined) data.push(request.fieldSelector);
  return data;
};

/**
 * What the link knows of the API server. Writes, lists, watch openings, binds and evictions are trace events. A plain `get` and a
 * lease renewal are not (they are counted, and traced when they fail): reads change nothing, and a `get` that decides something shows
 * in the write that follows it.
 */
export const apiServer: Service<ApiServer> = service<ApiServer>(
  'api.Server',
  {
    interface: 'api',
    deadline: seconds(60),
    error: (code, message) => new ApiError(linkReasons[code] ?? (code as ApiErrorReason), message),
  },
  {
    get: { heartbeat: true, subject: ofObject, summary: written },
    list: {
      subject: ofSelection,
      summary: (request, answer) =>
        answer === undefined ? selected(request) : [request.resource, answer.items.length, answer.resourceVersion],
    },
    create: { subject: ofBody, summary: written },
    update: { subject: ofBody, summary: written },
    updateStatus: { subject: ofBody, summary: written },
    patch: { subject: ofObject, summary: written },
    delete: {
      subject: ofObject,
      summary: (request, answer) =>
        answer === undefined ? [request.resource] : [request.resource, answer.object.metadata.resourceVersion, answer.gone],
    },
    deleteCollection: {
      subject: ofSelection,
      summary: (request, answer) => (answer === undefined ? selected(request) : [request.resource, answer.count]),
    },
    watch: {
      subject: ofSelection,
      summary: (request, answer) => (answer === undefined ? [...selected(request), request.resourceVersion ?? ''] : []),
    },
    bind: {
      subject: (request) => key(request.namespace, request.name),
      summary: (request, answer) => (answer === undefined ? [request.nodeName] : [answer.metadata.resourceVersion]),
    },
    evict: {
      subject: (request) => key(request.namespace, request.name),
      summary: (_request, answer) => (answer === undefined ? [] : [answer.object.metadata.resourceVersion, answer.gone]),
    },
    renewLease: {
      heartbeat: true,
      subject: (request) => key(request.namespace ?? 'kube-node-lease', request.name),
      summary: (request) => [request.holderIdentity],
    },
    finalize: { subject: (request) => request.name, summary: (request) => [...request.finalizers] },
  },
);
