import { type Event, isTerminal, type KubeObject, type Pod, podSummary } from '@slipway/kube';
import { titleOf, type InputWarning } from '../../manifests/load-manifests.ts';
import { isOwnWorkload, notReady, WORKLOADS } from '../../manifests/readiness.ts';
import type { Settled } from '../../manifests/settle.ts';
import type { World } from '../../wiring/world.ts';
import { type Breach, breachesOf } from './run-report.ts';

/** What `slipway apply --json` prints: documented in the README, relied upon by others. */
export interface ApplyReport {
  readonly settled: boolean;
  readonly fingerprint: string;
  readonly virtualSeconds: number;
  readonly wallMs: number;
  /** Events that the kernel handled. */
  readonly events: number;
  /** Calls by interface, heartbeats included. */
  readonly calls: Readonly<Record<string, number>>;
  readonly pods: {
    readonly total: number;
    readonly running: number;
    readonly ready: number;
    readonly succeeded: number;
    readonly pending: number;
    readonly failed: number;
  };
  /** `namespace/pod` → node. */
  readonly placements: Readonly<Record<string, string>>;
  readonly warnings: readonly InputWarning[];
  readonly unready: readonly { readonly object: string; readonly reason: string; readonly message: string }[];
  readonly violations: readonly { readonly id: string; readonly at: number; readonly message: string }[];
  /** Calls in which a plugin broke its spec. */
  readonly breaches: readonly Breach[];
}

/** Sums up a world whose run is over. */
export function reportOf(world: World, settled: Settled, warnings: readonly InputWarning[], wallMs: number): ApplyReport {
  const pods = [...world.server.objects('pods')] as Pod[];
  const count = (of: (pod: Pod) => boolean): number => pods.filter(of).length;
  const phase = (name: string) => (pod: Pod) => (pod.status?.phase ?? 'Pending') === name;
  const placed = pods
    .filter((pod) => pod.spec.nodeName)
    .map((pod): [string, string] => [`${pod.metadata.namespace}/${pod.metadata.name}`, pod.spec.nodeName ?? '']);
  return {
    settled: settled.settled,
    fingerprint: world.fingerprint,
    virtualSeconds: world.kernel.now / 1_000_000,
    wallMs,
    events: world.kernel.eventCount,
    calls: Object.fromEntries([...world.kernel.calls].sort(([a], [b]) => (a < b ? -1 : 1))),
    pods: {
      total: pods.length,
      running: count(phase('Running')),
      ready: count((pod) => !isTerminal(pod) && notReady('pods', pod) === undefined),
      succeeded: count(phase('Succeeded')),
      pending: count(phase('Pending')),
      failed: count(phase('Failed')),
    },
    placements: Object.fromEntries(placed.sort(([a], [b]) => (a < b ? -1 : 1))),
    warnings: [...warnings, ...world.warnings.map(({ object, message }) => ({ object, field: '', message }))],
    unready: unreadyOf(world),
    violations: world.invariants.violations.map(({ id, at, message }) => ({ id, at, message })),
    breaches: breachesOf(world),
  };
}

/** Workloads that are not ready, and every pod that is not. */
function unreadyOf(world: World): ApplyReport['unready'] {
  const found: { object: string; reason: string; message: string }[] = [];
  let reported: ReadonlyMap<string, string> | undefined;
  const add = (resource: string, object: KubeObject): void => {
    const why = notReady(resource, object);
    if (!why) return;
    const reason = resource === 'pods' ? podReason(object as Pod, why.reason) : why.reason;
    // A container that has not begun says nothing of why; the last warning about its pod does.
    reported ??= warningsOf(world);
    const warning = reason === 'ContainerCreating' || reason.startsWith('Init:') ? reported.get(object.metadata.uid ?? '') : undefined;
    found.push({ object: titleOf(object), reason, message: warning === undefined ? why.message : `${why.message}: ${warning}` });
  };
  for (const resource of [...WORKLOADS].sort()) {
    for (const object of world.server.objects(resource)) if (resource === 'pods' || isOwnWorkload(object)) add(resource, object);
  }
  return found.sort((a, b) => (a.object < b.object ? -1 : 1));
}

/** What kubectl's STATUS column would say, where it says more than the phase. */
function podReason(pod: Pod, reason: string): string {
  const { status } = podSummary(pod);
  return status === 'Pending' || status === 'Running' ? reason : status;
}

/** The last warning event about each object, by its uid. */
function warningsOf(world: World): ReadonlyMap<string, string> {
  const latest = new Map<string, { readonly at: string; readonly text: string }>();
  for (const event of world.server.objects('events') as Iterable<Event>) {
    const { uid } = event.involvedObject;
    if (event.type !== 'Warning' || uid === undefined) continue;
    const at = event.lastTimestamp ?? event.eventTime ?? '';
    const known = latest.get(uid);
    if (!known || known.at <= at) latest.set(uid, { at, text: `${event.reason ?? ''}: ${event.message ?? ''}` });
  }
  return new Map([...latest].map(([uid, { text }]) => [uid, text]));
}
