import { type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, every, type Micros, type Process, seconds, spawn } from '@slipway/kernel';
import {
  findCondition,
  isPodReady,
  isSameTaint,
  type Lease,
  type Node,
  type Pod,
  setCondition,
  specWithTaints,
  type Stored,
  type Taint,
} from '@slipway/kube';
import { attempt } from '../periodic-pass.ts';
import { type Health, observe, silentAt, unknownConditions } from './health.ts';
import { evictionTaint, withoutEvictionTaints, withScheduleTaints } from './taints.ts';
import { secondsBetween, zoneOf, zoneState, type ZoneState } from './zones.ts';

const MONITOR_PERIOD: Micros = seconds(5);

interface Zone {
  /** Nodes that wait for their NoExecute taint, oldest first. */
  readonly waiting: Set<string>;
  state: ZoneState;
  /** Nodes in it. */
  size: number;
  /** When the next one may be tainted. */
  nextAt: Micros;
}

/**
 * Watches heartbeats, gives up silent nodes, and turns conditions into taints. Source: `pkg/controller/nodelifecycle`.
 *
 * What follows from a node's own conditions (NoSchedule taints) is done when the node changes; silence is looked for every 5 s. NoExecute
 * taints are handed out in the same pass: upstream's own pass every 100 ms finds nothing that this one has not queued.
 */
export function nodeLifecycleController(): ControllerDefinition {
  const healths = new Map<string, Health>();
  const zones = new Map<string, Zone>();
  /** Silent nodes with pods that still claim to be ready. */
  const unmarked = new Set<string>();
  let allDisrupted = false;

  return defineController({
    name: 'node-lifecycle-controller',
    watches: ['nodes', watch('pods', { indexers: { node: (pod) => [pod.spec.nodeName ?? ''] }, keys: () => [] })],
    *start(context) {
      yield* spawn('node monitor', monitor(context));
    },
    *reconcile(name, context) {
      const node = context.informers.get('nodes').get(name);
      if (!node) {
        healths.delete(name);
        unmarked.delete(name);
        for (const zone of zones.values()) zone.waiting.delete(name);
        return;
      }
      const tainted = yield* writeTaints(node, withScheduleTaints(node, context.timestamp()), context);
      // Swapping not-ready for unreachable, and taking either back, does not wait for a turn.
      const wanted = evictionTaint(tainted);
      const kept = withoutEvictionTaints(tainted.spec?.taints ?? [], wanted?.key);
      const had = kept.length !== (tainted.spec?.taints ?? []).length;
      if (had) yield* writeTaints(tainted, wanted ? addTaint(kept, wanted, context) : kept, context);
      if (!wanted) for (const zone of zones.values()) zone.waiting.delete(name);
    },
  });

  function* monitor(context: ControllerContext): Process<never> {
    const beat = every(MONITOR_PERIOD);
    for (;;) {
      const at = yield* beat.next();
      yield* attempt(look(at, context), context, 'node monitor pass');
    }
  }

  /** One pass over all nodes, at one time for all: the calls of a pass take time, and grace must not depend on a node's place in it. */
  function* look(at: Micros, context: ControllerContext): Process {
    const nodes = [...context.informers.get('nodes').list()].sort(byName);
    // Zones are judged by what this pass has found out, not by what the cache will show later.
    const judged: Stored<Node>[] = [];
    for (const node of nodes) {
      const { name } = node.metadata;
      const health = observe(healths.get(name), node, yield* renewTimeOf(name, context), at);
      healths.set(name, health);
      const ready = findCondition(node.status?.conditions, 'Ready')?.status;
      const givenUp = at >= silentAt(health) && ready !== 'Unknown' ? yield* giveUp(node, context) : undefined;
      judged.push(givenUp ?? node);
      if (!givenUp && unmarked.has(name) && ready !== 'True') yield* markPods(node, context);
      else if (!givenUp) unmarked.delete(name);
      if (ready !== 'True' && ready !== undefined) queueEviction(node);
    }
    yield* judgeZones(judged, at, context);
    yield* evict(at, context);
  }

  function* giveUp(node: Stored<Node>, context: ControllerContext): Process<Stored<Node> | undefined> {
    const before = findCondition(node.status?.conditions, 'Ready')?.status;
    const updated = yield* tolerant(
      context.api.nodes.updateStatus({ ...node, status: { ...node.status, conditions: unknownConditions(node, context.timestamp()) } }),
    );
    if (!updated || before !== 'True') return updated;
    context.events.normal(node, 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`);
    yield* markPods(updated, context);
    return updated;
  }

  /** Once, when the node falls silent; what could not be written then is tried again at the next pass. */
  function* markPods(node: Stored<Node>, context: ControllerContext): Process {
    if (yield* markPodsNotReady(node, context)) unmarked.delete(node.metadata.name);
    else unmarked.add(node.metadata.name);
  }

  function queueEviction(node: Node): void {
    const wanted = evictionTaint(node);
    if (!wanted || node.spec?.taints?.some((taint) => isSameTaint(taint, wanted))) return;
    zoneFor(zoneOf(node)).waiting.add(node.metadata.name);
  }

  function zoneFor(name: string): Zone {
    let zone = zones.get(name);
    if (!zone) {
      zone = { waiting: new Set(), state: 'Initial', size: 0, nextAt: 0 };
      zones.set(name, zone);
    }
    return zone;
  }

  /** When every zone is down it is more likely the control plane that is cut off: nobody is driven out then. */
  function* judgeZones(nodes: readonly Stored<Node>[], at: Micros, context: ControllerContext): Process {
    const byZone = new Map<string, Stored<Node>[]>();
    for (const node of nodes) {
      const members = byZone.get(zoneOf(node));
      if (members) members.push(node);
      else byZone.set(zoneOf(node), [node]);
    }
    for (const [name, members] of byZone) {
      const zone = zoneFor(name);
      zone.state = zoneState(members);
      zone.size = members.length;
    }
    const disrupted = byZone.size > 0 && [...byZone.keys()].every((name) => zoneFor(name).state === 'FullDisruption');
    if (disrupted) {
      for (const node of nodes) yield* writeTaints(node, withoutEvictionTaints(node.spec?.taints ?? []), context);
      for (const zone of zones.values()) zone.waiting.clear();
    }
    if (!disrupted && allDisrupted) {
      // Nobody could have been heard meanwhile: all clocks start anew.
      for (const [name, health] of healths) healths.set(name, { ...health, seenAt: at });
    }
    allDisrupted = disrupted;
  }

  /** Gives the next waiting node of each zone its NoExecute taint, at the zone's rate. */
  function* evict(at: Micros, context: ControllerContext): Process {
    if (allDisrupted) return;
    for (const zone of zones.values()) {
      const pause = secondsBetween(zone.state, zone.size);
      const [name] = zone.waiting;
      if (name === undefined || pause === undefined || at < zone.nextAt) continue;
      zone.waiting.delete(name);
      zone.nextAt = at + seconds(pause);
      const node = context.informers.get('nodes').get(name);
      const wanted = node && evictionTaint(node);
      if (node && wanted)
        yield* writeTaints(node, addTaint(withoutEvictionTaints(node.spec?.taints ?? [], wanted.key), wanted, context), context);
    }
  }
}

const byName = (a: Stored<Node>, b: Stored<Node>): number => (a.metadata.name < b.metadata.name ? -1 : 1);

function addTaint(taints: readonly Taint[], taint: Taint, { timestamp }: ControllerContext): readonly Taint[] {
  return taints.some((each) => isSameTaint(each, taint)) ? taints : [...taints, { ...taint, timeAdded: timestamp() }];
}

function* renewTimeOf(name: string, { api }: ControllerContext): Process<string | undefined> {
  const lease: Lease | undefined = yield* tolerant(api.leases.get({ namespace: 'kube-node-lease', name }));
  return lease?.spec.renewTime;
}

function* writeTaints(node: Stored<Node>, taints: readonly Taint[], { api }: ControllerContext): Process<Stored<Node>> {
  if (taints === node.spec?.taints || (taints.length === 0 && !node.spec?.taints?.length)) return node;
  return (yield* tolerant(api.nodes.update({ ...node, spec: specWithTaints(node.spec, taints) }))) ?? node;
}

/** Pods on a node that nobody hears of take no traffic. False when a write has to be made again. */
function* markPodsNotReady(node: Stored<Node>, { api, informers, events, timestamp }: ControllerContext): Process<boolean> {
  let complete = true;
  for (const pod of informers.get('pods').byIndex('node', node.metadata.name)) {
    if (!isPodReady(pod)) continue;
    try {
      yield* api.pods.updateStatus(notReady(pod, timestamp()));
      events.warning(pod, 'NodeNotReady', 'Node is not ready');
    } catch (error) {
      if (codeOf(error) === 'Conflict') complete = false;
      else if (codeOf(error) !== 'NotFound') throw error;
    }
  }
  return complete;
}

function notReady(pod: Stored<Pod>, now: string): Stored<Pod> {
  const ready = findCondition(pod.status?.conditions, 'Ready');
  const conditions = setCondition(pod.status?.conditions, { ...ready, type: 'Ready', status: 'False', lastTransitionTime: now });
  return { ...pod, status: { ...pod.status, conditions } };
}

/** A write that lost against another one, or came too late, is made again at the next look. */
function* tolerant<T>(call: Process<T>): Process<T | undefined> {
  try {
    return yield* call;
  } catch (error) {
    if (codeOf(error) === 'NotFound' || codeOf(error) === 'Conflict') return undefined;
    throw error;
  }
}
