import { type ControllerContext, type ControllerDefinition, defineController, EventRecorder, watch } from '@slipway/client';
import type { CpiClients, Route } from '@slipway/cpi';
import { cidr } from '@slipway/host';
import {
  all,
  Cell,
  every,
  formatDuration,
  isQuiet,
  linkOf,
  messageOf,
  type Micros,
  milliseconds,
  type Process,
  seconds,
  Semaphore,
  spawn,
} from '@slipway/kernel';
import { findCondition, type Node, type NodeCondition, type Stored } from '@slipway/kube';
import { type ConflictRetry, retryOnConflict } from './retry-on-conflict.ts';
import { planRoutes, type WantedRoute } from './route-plan.ts';

export interface RouteControllerOptions {
  readonly routes: NonNullable<CpiClients['routes']>;
  readonly clusterName: string;
  /** One range, or one of each family with a comma between. */
  readonly clusterCidr: string;
  /** Set whenever ListRoutes may answer otherwise. Left out: it is asked in every period. */
  readonly changed?: CpiClients['changed'];
}

/** routeReconciliationPeriod. */
const PERIOD: Micros = seconds(10);
const MOST_AT_ONCE = 200;
/** Source: updateNetworkConditionBackoff. */
const RETRY: ConflictRetry = { steps: 5, pause: milliseconds(100) };

/**
 * Keeps one route in the cloud for each range of each node, and says on the node whether it has them. Source: cloud-provider
 * `controllers/route/route_controller.go`.
 */
export function routeController({ routes, clusterName, clusterCidr, changed }: RouteControllerOptions): ControllerDefinition {
  const clusterCidrs = clusterCidr.split(',').map((text) => cidr(text.trim()));
  /** Set when a node changes in what a pass looks at. */
  const touched = new Cell(0);
  let settled = false;

  return defineController({
    name: 'node-route-controller',
    watches: [
      watch('nodes', {
        keys(node, { old }) {
          if (!old || node.metadata.deletionTimestamp !== undefined || routingChanged(old, node)) touched.set(touched.value + 1);
          return [];
        },
      }),
    ],
    *start(context) {
      const { api, owner } = context;
      const events = new EventRecorder({ api, owner, component: 'route_controller' });
      yield* spawn('route reconciliation', reconcileForEver(context, events));
    },
    // All work is in the periodic pass; no watch gives a key.
    *reconcile() {},
  });

  function* reconcileForEver(context: ControllerContext, events: EventRecorder): Process<never> {
    const beat = every(PERIOD);
    const disturbed = linkOf(routes)?.disturbed;
    const cells = [touched, ...(changed ? [changed] : []), ...(disturbed ? [disturbed] : [])];
    for (;;) {
      try {
        settled = yield* pass(context, events);
      } catch (error) {
        settled = false;
        context.log(`Couldn't reconcile node routes: error listing routes: ${messageOf(error)}`);
      }
      yield* changed ? beat.next({ unless: cells, quiet: () => settled && isQuiet(routes) }) : beat.next();
    }
  }

  /** One look at everything. @returns whether nothing was left to do @throws what ListRoutes throws */
  function* pass(context: ControllerContext, events: EventRecorder): Process<boolean> {
    const listed = (yield* routes.listRoutes({ clusterName })).routes;
    const nodes = [...context.informers.get('nodes').list()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    const { remove, create, kept } = planRoutes(nodes, listed, clusterCidrs);
    const room = new Semaphore(MOST_AT_ONCE, 'route calls');
    const removals = remove.map((route) => room.hold(removeRoute(route, context)));
    // A provider that renews routes must not see the new one before the old one is gone; upstream lets others have both at once.
    if (listed[0]?.enableNodeAddresses) yield* all(removals.splice(0));
    const missing = new Set<string>();
    const creations = create.map((wanted) => createRoute(wanted, room, missing, events, context));
    yield* all<void>([...removals, ...creations]);
    const conditions: Process<boolean>[] = [];
    for (const node of nodes) {
      const { name } = node.metadata;
      if (!kept.has(name)) continue;
      const complete = !missing.has(name) && (node.spec.podCIDRs?.length ?? (node.spec.podCIDR ? 1 : 0)) > 0;
      if (!saysSo(node, complete)) conditions.push(writeCondition(node, complete, context));
    }
    const written = yield* all(conditions);
    return remove.length === 0 && create.length === 0 && written.every(Boolean);
  }

  function* removeRoute(route: Route, { log }: ControllerContext): Process {
    try {
      yield* routes.deleteRoute({ clusterName, route });
    } catch (error) {
      log(`Could not delete route ${route.name} ${route.destinationCidr}: ${messageOf(error)}`, route.targetNode);
    }
  }

  function* createRoute(
    { node, cidr: destinationCidr }: WantedRoute,
    room: Semaphore,
    missing: Set<string>,
    events: EventRecorder,
    { now, log }: ControllerContext,
  ): Process {
    const { apiVersion, kind, metadata } = node;
    const { name, uid } = metadata;
    const route: Route = { name: '', targetNode: name, targetNodeAddresses: node.status?.addresses ?? [], destinationCidr };
    try {
      yield* retryOnConflict(RETRY, function* () {
        const start = now();
        try {
          yield* room.hold(routes.createRoute({ clusterName, nameHint: uid, route }));
        } catch (error) {
          const took = formatDuration(now() - start);
          const message = `Could not create route ${uid} ${destinationCidr} for node ${name} after ${took}: ${messageOf(error)}`;
          events.warning({ apiVersion, kind, name, uid }, 'FailedToCreateRoute', message);
          throw error;
        }
      });
    } catch (error) {
      missing.add(name);
      log(`Could not create route ${uid} ${destinationCidr} for node ${name}: ${messageOf(error)}`, name);
    }
  }
}

/** False when the write failed; the next pass makes it. */
function* writeCondition(
  { metadata: { name } }: Stored<Node>,
  complete: boolean,
  { api, timestamp, log }: ControllerContext,
): Process<boolean> {
  const now = timestamp();
  const condition: NodeCondition = {
    type: 'NetworkUnavailable',
    ...outcome(complete),
    lastHeartbeatTime: now,
    lastTransitionTime: now,
  };
  try {
    yield* retryOnConflict(RETRY, () =>
      api.nodes.patch({ name, subresource: 'status', type: 'strategic', patch: { status: { conditions: [{ ...condition }] } } }),
    );
    return true;
  } catch (error) {
    log(`Error updating node ${name}: ${messageOf(error)}`, name);
    return false;
  }
}

const outcome = (complete: boolean) =>
  complete
    ? ({ status: 'False', reason: 'RouteCreated', message: 'RouteController created a route' } as const)
    : ({ status: 'True', reason: 'NoRouteCreated', message: 'RouteController failed to create a route' } as const);

function saysSo(node: Node, complete: boolean): boolean {
  const condition = findCondition(node.status?.conditions, 'NetworkUnavailable');
  const { status, reason } = outcome(complete);
  return condition?.status === status && condition.reason === reason;
}

function routingChanged(old: Node, node: Node): boolean {
  return (
    old.metadata.uid !== node.metadata.uid ||
    old.spec.podCIDRs !== node.spec.podCIDRs ||
    old.status?.addresses !== node.status?.addresses ||
    findCondition(old.status?.conditions, 'NetworkUnavailable') !== findCondition(node.status?.conditions, 'NetworkUnavailable')
  );
}
