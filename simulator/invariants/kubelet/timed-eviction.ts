import { type Micros, minutes, seconds } from '@slipway/kernel';
import { isTerminal, parseTime, type Pod, type Stored, type Taint, toleratesTaint } from '@slipway/kube';
import type { Facts } from '../facts/index.ts';
import type { Invariant, Watched } from '../invariant.ts';
import { podTitle } from '../titles.ts';

/** Times in objects are cut to whole seconds. */
const SLACK: Micros = seconds(2);
/** An eviction that failed is tried again, with pauses that grow. */
const LATE: Micros = minutes(6);

/**
 * Judged when a pod is marked as driven out by a taint, by the taints that its node had for as long as the decision may lie back; and after
 * the calm, for pods that should have gone.
 */
export const timedEviction: Invariant = {
  id: 'KUB-15',
  name: 'timed-eviction',
  kind: 'T',
  holds: 'a no-execute eviction happens at taint time plus toleration, and not at all if that taint went away first',
  watch: (world, { violated, met }, facts) => ({
    resources: ['pods'],
    write({ type, object, old }, by) {
      const pod = object as Stored<Pod>;
      if (type !== 'MODIFIED' || !isDrivenOut(pod) || isDrivenOut(old as Pod)) return;
      const { now } = world.kernel;
      const node = pod.spec.nodeName ?? '';
      met();
      const since = facts.staleness.seenSince(now);
      const versions = facts.nodes.since(node, since);
      if (versions.some((version) => version.node === undefined) || versions.length === 0) return;
      const driving = versions
        .flatMap((version) => noExecuteTaints(version.node?.spec?.taints))
        .filter((taint) => patience(pod, taint) !== undefined);
      const who = by?.actor ?? 'somebody';
      if (driving.length === 0) {
        violated(`${who} drives ${podTitle(pod)} out of ${node}, which has no taint that would`, podTitle(pod), `Node ${node}`);
        return;
      }
      const due = Math.min(...driving.map((taint) => taintedAt(world, facts, node, taint) + (patience(pod, taint) ?? 0)));
      if (now >= due - SLACK) return;
      violated(
        `${who} drives ${podTitle(pod)} out of ${node} ${Math.ceil((due - now) / seconds(1))} s before its tolerations end`,
        podTitle(pod),
        `Node ${node}`,
      );
    },
    afterCalm() {
      const since = world.kernel.now - LATE;
      if (facts.staleness.quietFor < LATE) return;
      for (const object of world.server.objects('pods')) {
        const pod = object as Stored<Pod>;
        const node = pod.spec.nodeName;
        if (!node || pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) continue;
        for (const taint of noExecuteTaints(facts.nodes.now(node)?.spec?.taints)) {
          const left = patience(pod, taint);
          if (left === undefined) continue;
          met();
          const isOld = facts.nodes.always(node, since - left, ({ spec }) =>
            noExecuteTaints(spec?.taints).some((each) => isSame(each, taint)),
          );
          const at = facts.nodes.since(node, 0)[0]?.since ?? 0;
          const placedAt = facts.placements.of(pod.metadata.uid)?.at;
          if (!isOld || at > since - left || placedAt === undefined || placedAt > since - left) continue;
          violated(
            `${podTitle(pod)} is still on ${node}, whose taint ${taint.key} should have driven it out`,
            podTitle(pod),
            `Node ${node}`,
          );
        }
      }
    },
  }),
};

const noExecuteTaints = (taints: readonly Taint[] = []): readonly Taint[] => taints.filter(({ effect }) => effect === 'NoExecute');

const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && (a.value ?? '') === (b.value ?? '');

/** How long the pod may stay with the taint. Undefined: for ever. */
function patience({ spec }: Pod, taint: Taint): Micros | undefined {
  const covering = (spec.tolerations ?? []).filter((toleration) => toleratesTaint(toleration, taint));
  if (covering.length === 0) return 0;
  // In the evictor's favour: the least patient of them.
  const limits = covering.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return limits.length === 0 ? undefined : seconds(Math.max(0, Math.min(...limits)));
}

/** When the node got the taint at the earliest: since when it has had it all the time, or as the taint itself says. */
function taintedAt({ kernel }: Watched, { nodes, staleness }: Facts, name: string, taint: Taint): Micros {
  const versions = nodes.since(name, staleness.seenSince(kernel.now) === 0 ? 0 : Number.NEGATIVE_INFINITY);
  let at = kernel.now;
  let isFound = false;
  for (const { since, node } of versions.toReversed()) {
    if (!noExecuteTaints(node?.spec?.taints).some((each) => isSame(each, taint))) {
      // One that has just gone was there until now.
      if (staleness.seenSince(kernel.now) > 0 && isFound) break;
      continue;
    }
    isFound = true;
    at = since;
  }
  const said = taint.timeAdded === undefined ? undefined : parseTime(taint.timeAdded);
  return said === undefined ? at : Math.min(at, said - kernel.epoch);
}

const isDrivenOut = ({ status }: Pod): boolean =>
  status?.conditions?.some(
    ({ type, status: is, reason }) => type === 'DisruptionTarget' && is === 'True' && reason === 'DeletionByTaintManager',
  ) ?? false;
