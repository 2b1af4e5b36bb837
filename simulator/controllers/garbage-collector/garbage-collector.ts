import {
  type Change,
  type ControllerContext,
  type ControllerDefinition,
  defineController,
  type ReconcileResult,
  type Watch,
} from '@slipway/client';
import { all, codeOf, type Micros, type Process, seconds, sleep, spawn } from '@slipway/kernel';
import {
  type CustomResourceDefinition,
  customKinds,
  finalizers,
  type Kind,
  kinds,
  type KubeObject,
  type OwnerReference,
  type Stored,
} from '@slipway/kube';
import { type Consequences, type GraphNode, isReachable, ObjectGraph } from './object-graph.ts';

/** An owner that exists but that the cache does not show yet is looked for again. */
const CACHE_PAUSE: Micros = seconds(5);

/** Period of upstream's discovery. */
const DISCOVERY: Micros = seconds(30);

/** Source: `garbagecollector.go`, absentOwnerCache. */
const MOST_ABSENT = 500;

/** Owners of an object by what becomes of them. */
interface Owners {
  readonly solid: readonly OwnerReference[];
  /** Gone, or another object under that name. */
  readonly dangling: readonly OwnerReference[];
  /** In foreground deletion: they wait for this object. */
  readonly waiting: readonly OwnerReference[];
  /** One of the solid ones is not in the graph: nothing would tell when it goes. */
  readonly unseen: boolean;
}

/**
 * Deletes what has no owner left, and carries out foreground and orphaning deletes. Source: `pkg/controller/garbagecollector/`.
 *
 * Keys are `look/<uid>` and `orphan/<uid>`. It watches every kind but Events and finds owners and dependents by index.
 */
export function garbageCollector(): ControllerDefinition {
  const graph = new ObjectGraph();
  const resources = new Map<string, Kind>();
  for (const kind of kinds) if (isCollected(kind)) resources.set(`${kind.group}/${kind.kind}`, kind);
  const followed = new Set<string>();
  /** Owners whose end was seen while they had dependents: nobody need ask for them. */
  const absent = new Set<string>();
  /** Objects with an owner of a kind that nobody serves. */
  const waitingForKind = new Set<string>();

  return defineController({
    name: 'garbage-collector-controller',
    workers: 20,
    watches: kinds.filter((kind) => isCollected(kind) && !isRare(kind)).map((kind) => watchOf(kind)),
    *start(context) {
      yield* spawn('discovery', followRareKinds(context));
    },
    *reconcile(key, context) {
      const slash = key.indexOf('/');
      const node = graph.get(key.slice(slash + 1));
      if (!node) return undefined;
      return key.startsWith('orphan/') ? yield* orphanDependents(node, context) : yield* look(node, context);
    },
  });

  function watchOf(kind: Kind): Watch<never> {
    const watch: Watch = {
      resource: kind.plural,
      keys(object, change) {
        if (kind.plural === 'customresourcedefinitions' && change.event !== 'DELETED')
          follow(object as Stored<CustomResourceDefinition>, change.context);
        return note(kind.plural, object, change);
      },
    };
    return watch as unknown as Watch<never>;
  }

  /** Watches a custom kind from now on. One that is taken away is not forgotten: its objects are deleted with it. */
  function follow(definition: Stored<CustomResourceDefinition>, context: ControllerContext): void {
    const [kind] = customKinds(definition);
    if (!kind) return;
    const resource = `${kind.plural}.${kind.group}`;
    if (followed.has(resource)) return;
    followed.add(resource);
    resources.set(`${kind.group}/${kind.kind}`, { ...kind, plural: resource });
    for (const uid of waitingForKind) context.queue.add(`look/${uid}`);
    waitingForKind.clear();
    listen(resource, context);
  }

  function* followRareKinds(context: ControllerContext): Process {
    yield* sleep(DISCOVERY);
    for (const kind of kinds) if (isCollected(kind) && isRare(kind)) listen(kind.plural, context);
  }

  function listen(resource: string, context: ControllerContext): void {
    const leave = context.informers.get(resource).onChange((event, old, object) => {
      const subject = object ?? old;
      if (subject) for (const key of note(resource, subject, { event, old })) context.queue.add(key);
    });
    context.owner.onEnd(leave);
  }

  function note(
    resource: string,
    object: Stored<KubeObject>,
    { event, old }: Pick<Change<KubeObject>, 'event' | 'old'>,
  ): readonly string[] {
    const { uid } = object.metadata;
    // It went and was made again in a gap of the watch. Upstream sees a change, and leaves what the old one owned for ever.
    if (event === 'MODIFIED' && old && old.metadata.uid !== uid)
      return [...note(resource, old, { event: 'DELETED', old }), ...note(resource, object, { event: 'ADDED', old: undefined })];
    if (event === 'DELETED' && graph.dependentsOf(uid).length > 0) {
      if (absent.size >= MOST_ABSENT) absent.clear();
      absent.add(uid);
    }
    const { look, orphan }: Consequences = event === 'DELETED' ? graph.remove(uid) : graph.put(resource, object);
    if (look.length === 0 && orphan.length === 0) return [];
    return [...look.map((each) => `look/${each}`), ...orphan.map((each) => `orphan/${each}`)];
  }

  /** Finds out whether the object still has somebody, and deletes it if not. Source: `garbagecollector.go`, attemptToDeleteItem. */
  function* look(node: GraphNode, context: ControllerContext): Process<ReconcileResult | undefined> {
    if (node.beingDeleted && !node.deletingDependents) return undefined;
    if (node.deletingDependents) {
      const blockers = graph.blockersOf(node.uid);
      if (blockers.length === 0) yield* removeFinalizer(node, finalizers.foregroundDeletion, context);
      else for (const { uid, deletingDependents } of blockers) if (!deletingDependents) context.queue.add(`look/${uid}`);
      return undefined;
    }
    const latest = yield* read(node, context);
    // Gone, or another object by that name: the watch tells, and takes it out of the graph.
    if (!latest || latest.metadata.uid !== node.uid) return undefined;
    const references = latest.metadata.ownerReferences ?? [];
    if (references.length === 0) return undefined;
    const { solid, dangling, waiting, unseen } = yield* classify(node, references, context);
    const again = unseen ? { requeueAfter: CACHE_PAUSE } : undefined;
    if (solid.length > 0) {
      if (dangling.length + waiting.length > 0) yield* patchOwners(node, latest, solid, context);
      return again;
    }
    if (waiting.length > 0 && graph.dependentsOf(node.uid).length > 0) {
      // Two that wait for each other would wait for ever: this one no longer holds its owners up.
      const circular = graph.dependentsOf(node.uid).some(({ deletingDependents }) => deletingDependents);
      yield* collect(node, circular ? yield* unblock(latest, node, context) : latest, 'Foreground', context);
      return undefined;
    }
    const held = latest.metadata.finalizers ?? [];
    const policy = held.includes(finalizers.orphan) ? 'Orphan' : held.includes(finalizers.foregroundDeletion) ? 'Foreground' : 'Background';
    yield* collect(node, latest, policy, context);
    return undefined;
  }

  function* classify(node: GraphNode, references: readonly OwnerReference[], context: ControllerContext): Process<Owners> {
    const solid: OwnerReference[] = [];
    const dangling: OwnerReference[] = [];
    const waiting: OwnerReference[] = [];
    let unseen = false;
    for (const reference of references) {
      const owner = graph.get(reference.uid);
      // An owner in the cache may have gone meanwhile; then its end brings this object here again.
      if (owner && isReachable(owner, node.namespace)) {
        if (owner.deletingDependents) waiting.push(reference);
        else solid.push(reference);
        continue;
      }
      // It lives in another namespace, so it is not in this one.
      if (owner) {
        reportNamespace(node, reference, owner.namespace, context);
        dangling.push(reference);
        continue;
      }
      const found = absent.has(reference.uid) ? 'absent' : yield* find(node, reference, context);
      if (found === 'absent') dangling.push(reference);
      else solid.push(reference);
      if (found === 'present') unseen = true;
      if (found === 'unserved') waitingForKind.add(node.uid);
    }
    return { solid, dangling, waiting, unseen };
  }

  /** Asks the server for an owner that the cache does not know: only what is verified to be absent counts as gone. */
  function* find(node: GraphNode, reference: OwnerReference, context: ControllerContext): Process<'present' | 'absent' | 'unserved'> {
    const { apiVersion, kind, name, uid } = reference;
    const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
    const resource = resources.get(`${group}/${kind}`);
    if (!resource) return 'unserved';
    if (resource.namespaced && node.namespace === '') {
      reportNamespace(node, reference, '', context);
      return 'absent';
    }
    try {
      const api = context.api.resource<KubeObject>(resource.plural);
      const owner = yield* api.get(resource.namespaced ? { namespace: node.namespace, name } : { name });
      return owner.metadata.uid === uid ? 'present' : 'absent';
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
      return 'absent';
    }
  }

  function* orphanDependents(owner: GraphNode, context: ControllerContext): Process<undefined> {
    if (!owner.orphaning) return undefined;
    yield* all(graph.dependentsOf(owner.uid).map((dependent) => letGo(dependent, owner.uid, context)));
    yield* removeFinalizer(owner, finalizers.orphan, context);
    return undefined;
  }
}

/**
 * Kinds that nothing in the cluster acts upon are followed from the first discovery on, so that worlds that live for seconds are not
 * charged for twenty watches on them.
 */
const isRare = ({ simulated }: Kind): boolean => simulated === 'stored';

/** Events are many, short-lived and owned by nobody. */
const isCollected = ({ plural }: Kind): boolean => plural !== 'events';

function reportNamespace(
  node: GraphNode,
  { apiVersion, kind, name, uid }: OwnerReference,
  namespace: string,
  { events }: ControllerContext,
): void {
  events.warning(
    {
      apiVersion: node.apiVersion,
      kind: node.kind,
      name: node.name,
      uid: node.uid,
      ...(node.namespace === '' ? {} : { namespace: node.namespace }),
    },
    'OwnerRefInvalidNamespace',
    `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] does not exist in namespace "${node.namespace}"`,
  );
}

const locate = ({ namespace, name }: GraphNode): { readonly namespace?: string; readonly name: string } =>
  namespace === '' ? { name } : { namespace, name };

function* read(node: GraphNode, { api }: ControllerContext): Process<Stored<KubeObject> | undefined> {
  try {
    return yield* api.resource<KubeObject>(node.resource).get(locate(node));
  } catch (error) {
    if (codeOf(error) === 'NotFound') return undefined;
    throw error;
  }
}

/** Deletes the object as it was judged: a change of its owners meanwhile is a conflict, and it is judged anew. */
function* collect(
  node: GraphNode,
  { metadata }: Stored<KubeObject>,
  propagationPolicy: 'Foreground' | 'Background' | 'Orphan',
  { api }: ControllerContext,
): Process {
  const { uid, resourceVersion } = metadata;
  try {
    yield* api.resource<KubeObject>(node.resource).delete({ ...locate(node), propagationPolicy, preconditions: { uid, resourceVersion } });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}

function* unblock(latest: Stored<KubeObject>, node: GraphNode, context: ControllerContext): Process<Stored<KubeObject>> {
  const owners = (latest.metadata.ownerReferences ?? []).map((owner) => ({ ...owner, blockOwnerDeletion: false }));
  return (yield* patchOwners(node, latest, owners, context)) ?? latest;
}

function* letGo(node: GraphNode, owner: string, context: ControllerContext): Process {
  const latest = yield* read(node, context);
  const references = latest?.metadata.ownerReferences ?? [];
  if (!latest || !references.some(({ uid }) => uid === owner)) return;
  yield* patchOwners(
    node,
    latest,
    references.filter(({ uid }) => uid !== owner),
    context,
  );
}

/** Replaces the owners of the object as it was read; undefined when it is gone. */
function* patchOwners(
  node: GraphNode,
  { metadata: { uid, resourceVersion } }: Stored<KubeObject>,
  owners: readonly OwnerReference[],
  { api }: ControllerContext,
): Process<Stored<KubeObject> | undefined> {
  const ownerReferences = owners.length > 0 ? owners : null;
  try {
    return yield* api
      .resource<KubeObject>(node.resource)
      .patch({ ...locate(node), patch: { metadata: { uid, resourceVersion, ownerReferences } } });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
    return undefined;
  }
}

function* removeFinalizer(node: GraphNode, finalizer: string, context: ControllerContext): Process {
  const latest = yield* read(node, context);
  const held = latest?.metadata.finalizers ?? [];
  if (!latest || latest.metadata.uid !== node.uid || !held.includes(finalizer)) return;
  const rest = held.filter((each) => each !== finalizer);
  const { uid, resourceVersion } = latest.metadata;
  try {
    const patch = { metadata: { uid, resourceVersion, finalizers: rest.length > 0 ? rest : null } };
    yield* context.api.resource<KubeObject>(node.resource).patch({ ...locate(node), patch });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
