import type {
  ApiServer as ApiServerContract,
  BindRequest,
  CreateRequest,
  DeleteCollectionRequest,
  DeleteCollectionResponse,
  DeleteRequest,
  DeleteResponse,
  EvictRequest,
  FinalizeRequest,
  ListRequest,
  ListResponse,
  ObjectRequest,
  PatchRequest,
  RenewLeaseRequest,
  UpdateRequest,
  WatchEvent,
  WatchRequest,
} from '@slipway/client';
import { type Implementation, isProcess, type Kernel, type Micros, type Owner, type Process, type Stream } from '@slipway/kernel';
import {
  internalError,
  type Kind,
  type KubeObject,
  methodNotAllowed,
  type Namespace,
  resourceOf,
  type Stored,
  type Table as PrintedTable,
  tableFor,
  type TableOptions,
  tooLargeResourceVersion,
} from '@slipway/kube';
import type { MutatingWebhook } from './admission/index.ts';
import { bootstrapObjects } from './bootstrap.ts';
import { create } from './create.ts';
import { printed } from './custom-resources/index.ts';
import { deleteObject, stored } from './delete.ts';
import { isReadyToGo } from './deletion-rules.ts';
import { EventExpiry } from './event-expiry.ts';
import { Leases } from './leases.ts';
import { type Machinery, makeMachinery } from './machinery.ts';
import type { ApiServerSetup } from './options.ts';
import { applyBody, patched, patchedScale, scaleOf } from './patch.ts';
import { bindPod, evictPod } from './pod-verbs.ts';
import { removeObject } from './remove.ts';
import { readSelection } from './selection.ts';
import type { CommittedWrite } from './store.ts';
import type { Table } from './table.ts';
import { checkRevision, current, update } from './update.ts';
import { Validation } from './validation.ts';
import { LaggingReads } from './lagging-reads.ts';
import { openWatch, readRevision } from './watch.ts';

/** The simulated API server and its store. Each request is one step: nothing else happens between its read and its write. */
export class ApiServer implements Implementation<ApiServerContract> {
  readonly kernel: Kernel;
  #owner: Owner;
  readonly #machinery: Machinery;
  readonly #validation = new Validation();
  readonly #leases: Leases;
  readonly #expiry: EventExpiry;

  constructor({ kernel, owner, options = {} }: ApiServerSetup) {
    this.kernel = kernel;
    this.#owner = owner;
    this.#machinery = makeMachinery(kernel, owner.name, options);
    this.#leases = new Leases(this.#machinery);
    this.#expiry = new EventExpiry(this.#machinery.store, this.#machinery.registry.table('events'));
    owner.onEnd(() => this.#machinery.store.bookmarks.stop());
    if (options.bootstrap !== false) this.#bootstrap();
  }

  /** On whose behalf it works; links lead to it. */
  get owner(): Owner {
    return this.#owner;
  }

  /**
   * After its owner's end: another one goes on with the store, which outlives the server as etcd does. What it kept in memory for watches is
   * gone; links have to be led to the new owner.
   */
  comeUpAs(owner: Owner): void {
    this.#owner = owner;
    owner.onEnd(() => this.#machinery.store.bookmarks.stop());
    this.dropWatchCache();
  }

  // What a client asks for.

  get(request: ObjectRequest): Stored<KubeObject> {
    const table = this.#table(request.resource);
    return this.#asRead(table, stored(table, request.namespace, request.name));
  }

  list(request: ListRequest): ListResponse {
    const table = this.#table(request.resource);
    const { revision } = this.#machinery.store;
    const wanted = readRevision(request.resourceVersion);
    if (wanted !== undefined && wanted > revision.current) throw tooLargeResourceVersion(wanted, revision.current);
    const found = table.select(readSelection(request, table.kind.plural));
    const items = table.kind.plural === 'leases' ? found.map((lease) => this.#asRead(table, lease)) : found;
    return { items, resourceVersion: String(revision.current) };
  }

  create({ resource, object }: CreateRequest): Stored<KubeObject> | Process<Stored<KubeObject>> {
    return create(this.#machinery, this.#validation, this.#table(resource), object);
  }

  update({ resource, object }: UpdateRequest): Stored<KubeObject> {
    return this.#update(resource, object, 'main', 'update');
  }

  updateStatus({ resource, object }: UpdateRequest): Stored<KubeObject> {
    return this.#update(resource, object, 'status', 'update status');
  }

  patch(request: PatchRequest): Stored<KubeObject> | Process<Stored<KubeObject>> {
    const table = this.#table(request.resource);
    const { namespace, name, subresource } = request;
    if (request.type === 'apply' && !table.get(table.kind.namespaced ? namespace || 'default' : '', name)) {
      return create(this.#machinery, this.#validation, table, inNamespace(applyBody(request.patch), table.kind, namespace));
    }
    const old = stored(table, namespace, name);
    if (subresource === 'scale') {
      const scaled = update(this.#machinery, this.#validation, table, patchedScale(table, old, request), old, 'main', 'patch scale');
      return scaleOf(table, scaled);
    }
    const seen = this.#asRead(table, old);
    const object = patched(table, seen, request);
    if (object === seen) return seen;
    const part = subresource === 'status' ? 'status' : 'main';
    return update(this.#machinery, this.#validation, table, object, old, part, part === 'status' ? 'patch status' : 'patch');
  }

  delete(request: DeleteRequest): DeleteResponse {
    const table = this.#table(request.resource);
    const old = stored(table, request.namespace, request.name);
    const answer = deleteObject(this.#machinery, table, old, request, 'delete', this.#asRead(table, old));
    this.#forgetLease(table, answer);
    return answer;
  }

  deleteCollection(request: DeleteCollectionRequest): DeleteCollectionResponse {
    const table = this.#table(request.resource);
    // The one resource without this verb. Source: `pkg/registry/core/namespace/storage/storage.go`.
    if (table.kind === resourceOf('namespaces')) throw methodNotAllowed(table.kind, 'deletecollection');
    const found = table.select(readSelection(request, table.kind.plural));
    for (const object of found) this.#forgetLease(table, deleteObject(this.#machinery, table, object, request));
    return { count: found.length };
  }

  watch(request: WatchRequest): Stream<WatchEvent> {
    return openWatch(this.#machinery, this.#table(request.resource), request);
  }

  bind(request: BindRequest): Stored<KubeObject> {
    return bindPod(this.#machinery, request);
  }

  evict(request: EvictRequest): DeleteResponse {
    return evictPod(this.#machinery, request);
  }

  renewLease(request: RenewLeaseRequest): Stored<KubeObject> {
    return this.#leases.renew(request, (object) => void this.#createNow('leases', object));
  }

  finalize({ name, finalizers }: FinalizeRequest): Stored<KubeObject> {
    const table = this.#table('namespaces');
    const old = stored(table, undefined, name) as Stored<Namespace>;
    const object: Namespace = { ...old, spec: { ...old.spec, finalizers } };
    if (isReadyToGo(object, table)) return removeObject(this.#machinery, table, old, 'finalize');
    return this.#machinery.store.put(table, object, old, 'finalize');
  }

  // What the cluster's own parts may look at. Nothing here takes time or leaves a trace.

  /** Calls back after each committed write, in the same step, whatever is traced. Listeners only look. Returns what takes it back. */
  observe(listener: (write: CommittedWrite) => void): () => void {
    return this.#machinery.store.observe(listener);
  }

  /** The newest revision. */
  get revision(): number {
    return this.#machinery.store.revision.current;
  }

  /** The stored object, if there is one. */
  peek(resource: string, namespace: string | undefined, name: string): Stored<KubeObject> | undefined {
    return this.#machinery.registry.table(resource).get(namespace, name);
  }

  /** All stored objects of a resource, in no order that should matter. */
  objects(resource: string): Iterable<Stored<KubeObject>> {
    return this.#machinery.registry.table(resource).values();
  }

  /** Objects that name this uid as an owner. */
  dependents(uid: string): readonly Stored<KubeObject>[] {
    return this.#machinery.store.dependents(uid);
  }

  /** Objects of a resource as `kubectl get` shows them; custom kinds with the columns of their definition. */
  tableOf(resource: string, objects: readonly KubeObject[], options: TableOptions): PrintedTable {
    const { registry } = this.#machinery;
    const table = registry.table(resource);
    const columns = registry.printerColumns(table);
    return columns ? printed(columns, objects, options) : tableFor(table.kind.plural, objects, options);
  }

  /** Reads as a replica answers them that lags so far behind. For faults. */
  lagging(age: Micros): LaggingReads {
    return new LaggingReads(this.#machinery, age);
  }

  /** The kinds that are served now. */
  kinds(): readonly Kind[] {
    return this.#machinery.registry.kinds();
  }

  /** Calls the webhook for creates from now on. */
  addWebhook(webhook: MutatingWebhook): void {
    this.#machinery.webhooks.push(webhook);
  }

  /** A fault: recent changes are forgotten, as after a restart. Watches that are taken up again from before now meet Expired. */
  dropWatchCache(): void {
    const { store } = this.#machinery;
    for (const { history } of store.tables()) history.clear(store.revision.current);
  }

  #table(resource: string): Table {
    if (resource === 'events') this.#expiry.sweep();
    return this.#machinery.registry.table(resource);
  }

  #update(resource: string, object: KubeObject, part: 'main' | 'status', verb: string): Stored<KubeObject> {
    const table = this.#table(resource);
    const old = current(table, object);
    checkRevision(table, object, this.#asRead(table, old));
    return update(this.#machinery, this.#validation, table, object, old, part, verb);
  }

  /** Leases are read with their newest heartbeat. */
  #asRead(table: Table, object: Stored<KubeObject>): Stored<KubeObject> {
    return table.kind.plural === 'leases' ? this.#leases.asOfNow(object) : object;
  }

  #forgetLease({ kind }: Table, { object, gone }: DeleteResponse): void {
    if (gone && kind.plural === 'leases') this.#leases.forget(object.metadata.namespace ?? '', object.metadata.name);
  }

  #createNow(resource: string, object: KubeObject): Stored<KubeObject> {
    const made = create(this.#machinery, this.#validation, this.#table(resource), object);
    if (isProcess(made)) throw internalError(`a webhook that takes time cannot stand before ${resource}`);
    return made as Stored<KubeObject>;
  }

  #bootstrap(): void {
    for (const [resource, object] of bootstrapObjects(this.#machinery.serviceNumbers.firstAddress)) this.#createNow(resource, object);
  }
}

/** An apply names its namespace in the request or in the body. */
function inNamespace(object: KubeObject, { namespaced }: Kind, namespace: string | undefined): KubeObject {
  if (!namespaced || !namespace || object.metadata.namespace === namespace) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
