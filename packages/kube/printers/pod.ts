import { isConditionTrue } from '../conditions.ts';
import { isPodReady, isSidecar, isTerminal } from '../pods.ts';
import { humanDuration, parseTime } from '../time.ts';
import type { ContainerStatus, Pod } from '../types/index.ts';
import { type Column, column, orNone, none, wide } from './column.ts';
import { age, name } from './shared.ts';

// Source: `pkg/printers/internalversion/printers.go` printPod.

/** What the READY, STATUS and RESTARTS columns say of a pod. */
export interface PodSummary {
  readonly ready: number;
  readonly total: number;
  readonly status: string;
  readonly restarts: number;
  /** When the newest of the earlier instances ended, microseconds; absent when none did. */
  readonly lastRestart?: number;
}

export function podSummary(pod: Pod): PodSummary {
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(isSidecar).map((container) => container.name));
  const total = pod.spec.containers.length + sidecars.size;
  const init = summariseInit(pod, sidecars);
  let { ready, restarts, lastRestart } = init;
  let status = init.status ?? baseStatus(pod);
  if (init.status === undefined || isConditionTrue(pod.status?.conditions, 'Initialized')) {
    const main = summariseMain(pod, status);
    ready += main.ready;
    status = main.status;
    restarts = init.sidecarRestarts + main.restarts;
    lastRestart = later(init.lastSidecarRestart, main.lastRestart);
  }
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (pod.status?.reason === 'NodeLost') status = 'Unknown';
    else if (!isTerminal(pod)) status = 'Terminating';
  }
  return { ready, total, status, restarts, ...(lastRestart === undefined ? {} : { lastRestart }) };
}

function baseStatus({ status }: Pod): string {
  const gated = status?.conditions?.some(({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated') ?? false;
  if (gated) return 'SchedulingGated';
  const reason = status?.reason ?? '';
  return reason === '' ? (status?.phase ?? '') : reason;
}

interface InitSummary {
  /** Absent once initialisation is over. */
  readonly status?: string;
  readonly ready: number;
  readonly restarts: number;
  readonly lastRestart: number | undefined;
  readonly sidecarRestarts: number;
  readonly lastSidecarRestart: number | undefined;
}

function summariseInit(pod: Pod, sidecars: ReadonlySet<string>): InitSummary {
  let ready = 0;
  let restarts = 0;
  let lastRestart: number | undefined;
  let sidecarRestarts = 0;
  let lastSidecarRestart: number | undefined;
  const counted = (status?: string): InitSummary => ({
    ...(status === undefined ? {} : { status }),
    ready,
    restarts,
    lastRestart,
    sidecarRestarts,
    lastSidecarRestart,
  });
  for (const [index, container] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const sidecar = sidecars.has(container.name);
    restarts += container.restartCount;
    lastRestart = later(lastRestart, endOfLast(container));
    if (sidecar) {
      sidecarRestarts += container.restartCount;
      lastSidecarRestart = later(lastSidecarRestart, endOfLast(container));
    }
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (sidecar && container.started === true) {
      if (container.ready) ready += 1;
      continue;
    }
    if (terminated !== undefined) return counted(`Init:${endReason(container) ?? ''}`);
    const reason = waiting?.reason ?? '';
    if (reason !== '' && reason !== 'PodInitializing') return counted(`Init:${reason}`);
    return counted(`Init:${index}/${(pod.spec.initContainers ?? []).length}`);
  }
  return counted();
}

function summariseMain(
  pod: Pod,
  initial: string,
): Pick<PodSummary, 'ready' | 'status' | 'restarts'> & { readonly lastRestart: number | undefined } {
  let ready = 0;
  let status = initial;
  let restarts = 0;
  let lastRestart: number | undefined;
  let running = false;
  let failure: string | undefined;
  for (const container of (pod.status?.containerStatuses ?? []).toReversed()) {
    restarts += container.restartCount;
    lastRestart = later(lastRestart, endOfLast(container));
    const waiting = container.state?.waiting?.reason ?? '';
    const ended = endReason(container);
    if (waiting !== '') status = waiting;
    else if (ended !== undefined) {
      status = ended;
      if (container.state?.terminated?.exitCode !== 0) failure = ended;
    } else if (container.ready && container.state?.running !== undefined) {
      running = true;
      ready += 1;
    }
  }
  if (status === 'Completed' && running) status = isPodReady(pod) ? 'Running' : (failure ?? 'NotReady');
  return { ready, status, restarts, lastRestart };
}

function endReason({ state }: ContainerStatus): string | undefined {
  const end = state?.terminated;
  if (end === undefined) return undefined;
  if ((end.reason ?? '') !== '') return end.reason;
  return (end.signal ?? 0) === 0 ? `ExitCode:${end.exitCode}` : `Signal:${end.signal}`;
}

function endOfLast(container: ContainerStatus): number | undefined {
  const time = container.lastState?.terminated?.finishedAt;
  return time === undefined ? undefined : parseTime(time);
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

/** Each cell is asked for on its own, so the summary of the pod at hand is kept while its row is made. */
function summaries(): (pod: Pod) => PodSummary {
  let last: { readonly pod: Pod; readonly summary: PodSummary } | undefined;
  return (pod) => {
    if (last?.pod !== pod) last = { pod, summary: podSummary(pod) };
    return last.summary;
  };
}

/** A new list for each table. */
export function podColumns(): readonly Column<Pod>[] {
  const summary = summaries();
  return [
    name,
    column('Ready', (pod) => `${summary(pod).ready}/${summary(pod).total}`),
    column('Status', (pod) => summary(pod).status),
    column('Restarts', (pod, now) => {
      const { restarts, lastRestart } = summary(pod);
      return restarts === 0 || lastRestart === undefined ? restarts : `${restarts} (${humanDuration(now - lastRestart)} ago)`;
    }),
    age,
    wide('IP', (pod) => orNone(pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP)),
    wide('Node', (pod) => orNone(pod.spec.nodeName)),
    wide('Nominated Node', (pod) => orNone(pod.status?.nominatedNodeName)),
    wide('Readiness Gates', (pod) => {
      const gates = pod.spec.readinessGates ?? [];
      if (gates.length === 0) return none;
      return `${gates.filter((gate) => isConditionTrue(pod.status?.conditions, gate.conditionType)).length}/${gates.length}`;
    }),
  ];
}
