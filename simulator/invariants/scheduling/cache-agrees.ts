import { type Micros, minutes, seconds } from '@slipway/kernel';
import { isTerminal, type Pod, type Stored } from '@slipway/kube';
import type { Facts } from '../facts/index.ts';
import type { Invariant, Verdict, Watched, WatchedScheduler } from '../invariant.ts';
import { podTitle } from '../titles.ts';
import { certainlyFits } from './fit.ts';
import { hasLongBeenTheSame, waiting } from './lost-wakeup.ts';

/** Watches have caught up when nothing has gone wrong for so long. */
const CAUGHT_UP: Micros = minutes(1);
/** A pod may be held by Permit for a quarter of an hour, and wait for its volumes for ten minutes. */
const LONGEST_HOLD: Micros = minutes(26);
/** Nothing holds a plain pod that the scheduler does not say it holds: then it only has to be bound. */
const BINDING: Micros = minutes(2);

/**
 * Judged from outside: a pod that was given a node must be bound soon, and a plain pod must not be refused by every node while one has
 * had room for it all the time. Where the scheduler shows what it holds, that is compared with the store as well.
 */
export const cacheAgrees: Invariant = {
  id: 'SCH-04',
  name: 'cache-agrees',
  kind: 'Q',
  holds: "the scheduler's view of nodes and pods equals the store; an assumption that never bound is gone",
  watch: (world, verdict, facts) => ({
    atRest() {
      const scheduler = world.scheduler?.();
      if (scheduler && facts.staleness.quietFor >= CAUGHT_UP) compare(world, facts, scheduler, verdict);
    },
    afterCalm() {
      const { placements, staleness } = facts;
      if (staleness.quietFor < BINDING) return;
      for (const pod of waiting(world, facts, world.kernel.now - BINDING)) {
        const decision = placements.decision(pod);
        if (!decision) continue;
        verdict.met();
        if (decision.node === undefined) wronglyRefused(world, facts, pod, decision.at, verdict);
        else if (world.kernel.now - decision.at > BINDING) {
          verdict.violated(
            `${podTitle(pod)} was given ${decision.node} ${Math.floor((world.kernel.now - decision.at) / seconds(1))} s ago, and neither bound nor tried again`,
            podTitle(pod),
            `Node ${decision.node}`,
          );
        }
      }
    },
  }),
};

/** Refused when nothing had changed for a while before, nor since, and a node had room all the time. */
function wronglyRefused(world: Watched, facts: Facts, pod: Stored<Pod>, at: Micros, { violated }: Verdict): void {
  const since = at - CAUGHT_UP;
  if (facts.staleness.quietFor < world.kernel.now - since || !hasLongBeenTheSame(facts, since)) return;
  const node = [...facts.nodes.names()].find((name) => certainlyFits(world, facts, pod, name, since));
  if (node === undefined) return;
  violated(`the scheduler found no node for ${podTitle(pod)}, though ${node} has room for it`, podTitle(pod), `Node ${node}`);
}

function compare(world: Watched, { placements, nodes, staleness }: Facts, scheduler: WatchedScheduler, { violated, met }: Verdict): void {
  const { kernel, server } = world;
  const recent = kernel.now - seconds(5);
  const held = new Map<string, string>();
  for (const { uid, namespace, name, node, assumed } of scheduler.placed()) {
    held.set(uid, node);
    met();
    const pod = server.peek('pods', namespace, name) as Stored<Pod> | undefined;
    const isRight = pod?.metadata.uid === uid && !isTerminal(pod) && pod.spec.nodeName === node;
    const isOnItsWay =
      assumed &&
      (staleness.quietFor < LONGEST_HOLD || kernel.now - (placements.decision({ metadata: { namespace, name } })?.at ?? 0) < LONGEST_HOLD);
    if (isRight || isOnItsWay || placements.lastEnd > recent) continue;
    violated(
      `the scheduler holds room on ${node} for Pod ${namespace}/${name}, which the store does not have there`,
      `Pod ${namespace}/${name}`,
      `Node ${node}`,
    );
  }
  for (const object of server.objects('pods')) {
    const pod = object as Stored<Pod>;
    const { nodeName } = pod.spec;
    if (!nodeName || isTerminal(pod) || held.get(pod.metadata.uid) === nodeName) continue;
    const placed = placements.of(pod.metadata.uid);
    if (!placed || placed.at > recent || !nodes.now(nodeName)) continue;
    violated(`the scheduler does not know that ${podTitle(pod)} is on ${nodeName}`, podTitle(pod), `Node ${nodeName}`);
  }
}
