import { type ControllerContext, type ControllerDefinition, defineController, EventRecorder, watch, WorkQueue } from '@slipway/client';
import { type CpiClients, retryAfterOf } from '@slipway/cpi';
import { codeOf, messageOf, type Micros, Mutex, type Process, seconds, spawn } from '@slipway/kernel';
import { finalizers, isSemanticallyEqual, keyOf, type LoadBalancerStatus, type Service, type Stored } from '@slipway/kube';
import { isSameSet, loggableNames, type NodeSet, nodeSetOf, shouldSync } from './balancer-nodes.ts';
import { hasFinalizer, needsCleanup, needsUpdate, wantsLoadBalancer } from './service-changes.ts';

export interface ServiceLbControllerOptions {
  readonly loadBalancer: NonNullable<CpiClients['loadBalancer']>;
  readonly clusterName: string;
}

const FIRST_RETRY: Micros = seconds(5);
const LONGEST_RETRY: Micros = seconds(300);
/** Services that wait for their clean-up are looked at again at each resync of the cache (serviceSyncPeriod). */
const RESYNC: Micros = seconds(30);
/** Key of the one item in the queue of node changes: each look is at all of them. */
const NODES = 'nodes';

/** What is remembered of a Service that has, or may have, a balancer. */
interface Remembered {
  /** As it was when last worked on: after it is gone, what its balancer is found by. */
  service: Stored<Service>;
  /** What its balancer was last told to send to. */
  nodes: NodeSet | undefined;
  /** One call about a balancer at a time: calls may overtake each other, and the last must win. */
  readonly turn: Mutex;
}

/**
 * Gives each Service of type LoadBalancer its balancer, keeps the nodes behind it right, and takes it away. Source: cloud-provider
 * `controllers/service/controller.go`.
 */
export function serviceLbController({ loadBalancer, clusterName }: ServiceLbControllerOptions): ControllerDefinition {
  const remembered = new Map<string, Remembered>();
  const failures = new Map<string, number>();
  let events: EventRecorder;
  let nodeChanges: WorkQueue | undefined;
  /** The nodes as they are now; made anew only after one of them has changed. */
  let current: NodeSet | undefined;

  return defineController({
    name: 'service-lb-controller',
    watches: [
      watch('services', {
        keys(service, { event, old }) {
          const key = keyOf(service);
          // Upstream leaves deletes out, trusting the finalizer; one that somebody else has taken off must not leak a balancer.
          if (event === 'DELETED') return remembered.has(key) ? [key] : [];
          const concerns = old ? needsUpdate(old, service) : wantsLoadBalancer(service);
          return concerns || needsCleanup(service) ? [key] : [];
        },
      }),
      watch('nodes', {
        keys(node, { event, old }) {
          current = undefined;
          // Before the start there is no balancer that would have to be told.
          if (event !== 'MODIFIED' || !old || shouldSync(old, node)) nodeChanges?.add(NODES);
          return [];
        },
      }),
    ],
    *start(context) {
      const { api, owner } = context;
      events = new EventRecorder({ api, owner, component: 'service-controller' });
      nodeChanges = new WorkQueue({ owner, name: 'node changes of service-lb-controller' });
      yield* spawn('node sync', followNodes(nodeChanges, context));
    },
    *reconcile(key, context) {
      try {
        yield* sync(key, context);
        failures.delete(key);
        return undefined;
      } catch (error) {
        const retryAfter = retryAfterOf(rootOf(error));
        if (retryAfter === undefined) failures.set(key, (failures.get(key) ?? 0) + 1);
        context.log(`error processing service (will be retried): ${messageOf(error)}`, key);
        return { requeueAfter: retryAfter ?? backOff(key, context) };
      }
    },
  });

  /** 5 s, doubled with each failure in a row up to 300 s; a clean-up not beyond the next resync. */
  function backOff(key: string, { informers, now }: ControllerContext): Micros {
    const doubled = FIRST_RETRY * 2 ** Math.min((failures.get(key) ?? 1) - 1, 10);
    const delay = Math.min(doubled, LONGEST_RETRY);
    const service = informers.get('services').get(key);
    return service && needsCleanup(service) ? Math.min(delay, RESYNC - (now() % RESYNC)) : delay;
  }

  function* sync(key: string, context: ControllerContext): Process {
    const service = context.informers.get('services').get(key);
    const known = remembered.get(key);
    if (!service) {
      if (!known) return;
      yield* known.turn.hold(deleteGone(known.service));
      remembered.delete(key);
      return;
    }
    // Deleted and made anew so fast that only the new one was seen: what the old one had goes first.
    if (known && known.service.metadata.uid !== service.metadata.uid) {
      yield* known.turn.hold(deleteGone(known.service));
      remembered.delete(key);
    }
    const memory = remember(key, service);
    try {
      if (wantsLoadBalancer(service) && !needsCleanup(service)) yield* memory.turn.hold(ensure(service, memory, context));
      else {
        yield* memory.turn.hold(cleanUp(service, context));
        remembered.delete(key);
      }
    } catch (error) {
      events.warning(service, 'SyncLoadBalancerFailed', `Error syncing load balancer: ${messageOf(error)}`);
      throw error;
    }
  }

  function remember(key: string, service: Stored<Service>): Remembered {
    const known = remembered.get(key);
    if (known) {
      known.service = service;
      return known;
    }
    const made: Remembered = { service, nodes: undefined, turn: new Mutex(`balancer of ${key}`) };
    remembered.set(key, made);
    return made;
  }

  function* ensure(service: Stored<Service>, memory: Remembered, context: ControllerContext): Process {
    events.normal(service, 'EnsuringLoadBalancer', 'Ensuring load balancer');
    // First of all: from here on the Service cannot go before its balancer has gone.
    yield* because('failed to add load balancer cleanup finalizer', addFinalizer(service, context));
    const nodes = nodeSet(context);
    if (nodes.nodes.length === 0) events.warning(service, 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer');
    memory.nodes = nodes;
    let status: LoadBalancerStatus | undefined;
    try {
      ({ status } = yield* loadBalancer.ensureLoadBalancer({ clusterName, service, nodes: nodes.nodes }));
    } catch (error) {
      if (codeOf(error) === 'ImplementedElsewhere') return;
      throw new Failure('failed to ensure load balancer', error);
    }
    if (!status) throw new Error('service status returned by EnsureLoadBalancer is nil');
    events.normal(service, 'EnsuredLoadBalancer', 'Ensured load balancer');
    yield* writeStatus(service, status, context);
  }

  function* cleanUp(service: Stored<Service>, context: ControllerContext): Process {
    const { exists } = yield* because(
      'failed to check if load balancer exists before cleanup',
      loadBalancer.getLoadBalancer({ clusterName, service }),
    );
    if (exists) {
      events.normal(service, 'DeletingLoadBalancer', 'Deleting load balancer');
      try {
        yield* loadBalancer.ensureLoadBalancerDeleted({ clusterName, service });
      } catch (error) {
        if (codeOf(error) !== 'ImplementedElsewhere') throw new Failure('failed to delete load balancer', error);
      }
    }
    yield* because('failed to remove load balancer cleanup finalizer', removeFinalizer(service, context));
    events.normal(service, 'DeletedLoadBalancer', 'Deleted load balancer');
    yield* writeStatus(service, {}, context);
  }

  /** For a Service that is no longer there to be looked at. */
  function* deleteGone(service: Stored<Service>): Process {
    if (!wantsLoadBalancer(service)) return;
    events.normal(service, 'DeletingLoadBalancer', 'Deleting load balancer');
    try {
      yield* loadBalancer.ensureLoadBalancerDeleted({ clusterName, service });
    } catch (error) {
      events.warning(service, 'DeleteLoadBalancerFailed', `Error deleting load balancer: ${messageOf(error)}`);
      throw error;
    }
    events.normal(service, 'DeletedLoadBalancer', 'Deleted load balancer');
  }

  function nodeSet({ informers }: ControllerContext): NodeSet {
    return (current ??= nodeSetOf(informers.get('nodes').list()));
  }

  function* followNodes(changes: WorkQueue, context: ControllerContext): Process<never> {
    for (;;) {
      const key = yield* changes.take();
      for (const service of [...remembered.keys()].sort()) {
        const memory = remembered.get(service);
        if (memory && wantsLoadBalancer(memory.service)) yield* memory.turn.hold(retarget(service, memory, context));
      }
      changes.done(key);
    }
  }

  /** Tells the balancer of one Service about the nodes of this moment, if they are others than it was told. */
  function* retarget(key: string, memory: Remembered, context: ControllerContext): Process {
    const nodes = nodeSet(context);
    const { service, nodes: before } = memory;
    // Gone meanwhile, or not ensured yet, which tells it of all nodes.
    if (remembered.get(key) !== memory || before === undefined) return;
    // Noted whether it works or not: what fails is made good by the Service's own sync.
    memory.nodes = nodes;
    if (isSameSet(before, nodes)) return;
    try {
      yield* loadBalancer.updateLoadBalancer({ clusterName, service, nodes: nodes.nodes });
    } catch (error) {
      if (codeOf(error) === 'ImplementedElsewhere' || !(yield* stillExists(service, context))) return;
      const message = `Error updating load balancer with new hosts ${loggableNames(nodes)} [node names limited, total number of nodes: ${nodes.nodes.length}], error: ${messageOf(error)}`;
      events.warning(service, 'UpdateLoadBalancerFailed', message);
      context.queue.add(key);
      return;
    }
    if (nodes.nodes.length === 0) events.warning(service, 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer');
    else events.normal(service, 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
  }

  /** True while in doubt. */
  function* stillExists(service: Stored<Service>, { log }: ControllerContext): Process<boolean> {
    try {
      return (yield* loadBalancer.getLoadBalancer({ clusterName, service })).exists;
    } catch (error) {
      log(`failed to check if load balancer exists: ${messageOf(error)}`, keyOf(service));
      return true;
    }
  }
}

/** A failure with upstream's words in front. What caused it decides when the Service is looked at again. */
class Failure extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what}: ${messageOf(cause)}`, { cause });
  }
}

const rootOf = (error: unknown): unknown => (error instanceof Failure ? error.cause : error);

function* because<T>(what: string, call: Process<T>): Process<T> {
  try {
    return yield* call;
  } catch (error) {
    throw new Failure(what, error);
  }
}

function* addFinalizer(service: Stored<Service>, { api }: ControllerContext): Process {
  if (hasFinalizer(service)) return;
  const patch = { metadata: { finalizers: [finalizers.loadBalancerCleanup] } };
  yield* api.services.patch({ ...nameOf(service), type: 'strategic', patch });
}

/**
 * Only from the very Service that was looked at: had it asked for a balancer again meanwhile, it would otherwise get one that nothing
 * holds on to. Upstream has no such precondition.
 */
function* removeFinalizer(service: Stored<Service>, { api }: ControllerContext): Process {
  if (!hasFinalizer(service)) return;
  const { uid, resourceVersion } = service.metadata;
  const patch = { metadata: { uid, resourceVersion, '$deleteFromPrimitiveList/finalizers': [finalizers.loadBalancerCleanup] } };
  yield* api.services.patch({ ...nameOf(service), type: 'strategic', patch });
}

/** Only where it says something new; a Service that went with its finalizer needs none. */
function* writeStatus(service: Stored<Service>, status: LoadBalancerStatus, { api }: ControllerContext): Process {
  if (isSemanticallyEqual(service.status?.loadBalancer?.ingress, status.ingress)) return;
  const ingress =
    status.ingress?.map((each) => ({ ...each, ...(each.ports ? { ports: each.ports.map((port) => ({ ...port })) } : {}) })) ?? null;
  try {
    yield* api.services.patch({
      ...nameOf(service),
      type: 'merge',
      subresource: 'status',
      patch: { status: { loadBalancer: { ingress } } },
    });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw new Failure('failed to update load balancer status', error);
  }
}

const nameOf = ({ metadata: { name, namespace = 'default' } }: Stored<Service>) => ({ name, namespace });
