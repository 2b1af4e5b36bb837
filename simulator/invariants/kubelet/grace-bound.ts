import type { ExecSyncRequest, StopContainerRequest } from '@slipway/cri';
import { type Micros, minutes, seconds, type TraceRecord } from '@slipway/kernel';
import { type Container, isEqual, isTerminal, type Node, type Pod, type Stored } from '@slipway/kube';
import type { Facts } from '../facts/index.ts';
import type { Invariant, Verdict, Watched } from '../invariant.ts';
import { nodeOf, podTitle } from '../titles.ts';
import { containerOf, storedPod } from './stored-pod.ts';

/** Shortest that the kubelet asks for. Source: `kuberuntime_manager.go` minimumGracePeriodInSeconds. */
const LEAST = 2;

/** So long after trouble with the machine itself its kubelet may still act on it. */
const STRANGE: Micros = minutes(10);

interface Deletion {
  readonly at: Micros;
  /** Seconds. */
  longest: number;
}

/** A stop that a kubelet has asked for and that is not answered. */
interface Stop {
  readonly seq: number;
  /** When its grace is over. */
  readonly until: Micros;
  /** Something else has asked for the end too, and not as patiently. */
  hurried: boolean;
}

/**
 * Judged at each stop of a deleted pod's container, by the grace that the object grants and the time since its deletion; and at each
 * SIGKILL that a runtime has sent meanwhile. Void for pods that ended or are evicted by their kubelet, whose grace is its own business.
 */
export const graceBound: Invariant = {
  id: 'KUB-07',
  name: 'grace-bound',
  kind: 'S',
  holds: 'hooks plus stop take at most the grace period, and no kill comes earlier than it',
  watch: (world, verdict, facts) => {
    /** By uid: when it was deleted, and with the most grace of all deletions. */
    const deletions = new Map<string, Deletion>();
    /** Since when a preStop hook runs or has run, by container. */
    const hooks = new Map<string, Micros>();
    const stops = new Map<string, Stop[]>();
    const hurry = (call: TraceRecord): void => {
      const { containerId, podSandboxId } = call.full as { readonly containerId?: string; readonly podSandboxId?: string };
      const node = nodeOf(call.actor);
      for (const [key, open] of stops) {
        const isMeant =
          containerId !== undefined ? key === `${node}/${containerId}` : key.startsWith(`${node}/`) && podSandboxId !== undefined;
        if (isMeant) for (const stop of open) stop.hurried = true;
      }
    };
    return {
      resources: ['pods'],
      write({ type, object }) {
        const { uid, deletionTimestamp, deletionGracePeriodSeconds = 0 } = object.metadata;
        const known = deletions.get(uid);
        if (type === 'DELETED') deletions.delete(uid);
        else if (known) known.longest = Math.max(known.longest, deletionGracePeriodSeconds);
        else if (deletionTimestamp !== undefined) deletions.set(uid, { at: world.kernel.now, longest: deletionGracePeriodSeconds });
      },
      called: {
        'cri.RuntimeService/ExecSync'(call) {
          const { containerId, cmd } = call.full as ExecSyncRequest;
          const found = containerBehind(world, facts, call)?.container;
          if (found?.lifecycle?.preStop?.exec && isEqual(found.lifecycle.preStop.exec.command, cmd))
            hooks.set(`${nodeOf(call.actor)}/${containerId}`, world.kernel.now);
        },
        'cri.RuntimeService/StopContainer'(call) {
          const { containerId, timeout } = call.full as StopContainerRequest;
          const key = `${nodeOf(call.actor)}/${containerId}`;
          const open = stops.get(key) ?? [];
          open.push({ seq: call.seq, until: world.kernel.now + seconds(Number(timeout)), hurried: false });
          stops.set(key, open);
          const hookAt = hooks.get(key);
          hooks.delete(key);
          const behind = containerBehind(world, facts, call);
          const deletion = behind && deletions.get(behind.pod.metadata.uid);
          if (!behind || !deletion || hasItsOwnGrace(world, behind.pod)) return;
          // Whether it was eviction, a jump of the clock or a standstill that made it hurry, nobody can tell.
          if (facts.staleness.wasStrange(nodeOf(call.actor), deletion.at - STRANGE)) return;
          judge(call, behind, { timeout: Number(timeout), deletion, hookAt }, world.kernel.now, verdict);
        },
        'cri.RuntimeService/RemoveContainer': hurry,
        'cri.RuntimeService/StopPodSandbox': hurry,
        'cri.RuntimeService/RemovePodSandbox': hurry,
        'oci.Runtime/Kill'(call) {
          const { id, signal } = call.full as { readonly id: string; readonly signal: string };
          const open = stops.get(`${nodeOf(call.actor)}/${id}`);
          if (!open || open.length === 0 || !['SIGKILL', 'KILL', '9'].includes(String(signal))) return;
          verdict.met();
          const until = Math.min(...open.map((stop) => stop.until));
          if (world.kernel.now >= until - seconds(1) || open.some(({ hurried }) => hurried)) return;
          if (facts.staleness.wasStrange(nodeOf(call.actor), world.kernel.now - STRANGE)) return;
          const left = Math.ceil((until - world.kernel.now) / seconds(1));
          const pod = containerBehind(world, facts, { ...call, full: { containerId: id } })?.pod;
          verdict.violated(
            `${call.actor} kills container ${id.slice(0, 13)} ${left} s before the grace that it was asked for is over`,
            ...(pod ? [podTitle(pod)] : []),
          );
        },
      },
      answered: {
        'cri.RuntimeService/StopContainer'({ call }) {
          const key = `${nodeOf(call.actor)}/${(call.full as StopContainerRequest).containerId}`;
          const left = stops.get(key)?.filter(({ seq }) => seq !== call.seq) ?? [];
          if (left.length > 0) stops.set(key, left);
          else stops.delete(key);
        },
      },
    };
  },
};

interface Behind {
  readonly pod: Stored<Pod>;
  readonly container: Container;
}

function containerBehind(world: Watched, { runtime }: Facts, call: TraceRecord): Behind | undefined {
  const observed = runtime.container(call);
  const pod = observed && storedPod(world, observed.sandbox.pod);
  const container = pod && containerOf(pod, observed.name)?.container;
  return container && { pod: pod as Stored<Pod>, container };
}

/** Ended, or evicted: the node's pressure says that it may be, before the pod does. */
function hasItsOwnGrace({ server }: Watched, pod: Pod): boolean {
  const node = server.peek('nodes', undefined, pod.spec.nodeName ?? '') as Node | undefined;
  const isPressed = node?.status?.conditions?.some(({ type, status }) => type.endsWith('Pressure') && status === 'True') ?? true;
  const isEvicted =
    pod.status?.conditions?.some(({ type, reason }) => type === 'DisruptionTarget' && reason === 'TerminationByKubelet') ?? false;
  return isTerminal(pod) || isPressed || isEvicted || pod.spec.activeDeadlineSeconds !== undefined;
}

function judge(
  call: TraceRecord,
  { pod, container }: Behind,
  { timeout, deletion, hookAt }: { readonly timeout: number; readonly deletion: Deletion; readonly hookAt: Micros | undefined },
  now: Micros,
  { violated, met }: Verdict,
): void {
  met();
  // A stop for another reason, a failed probe say, has a grace of its own.
  const graces = [
    pod.metadata.deletionGracePeriodSeconds ?? 0,
    pod.spec.terminationGracePeriodSeconds ?? 30,
    ...[container.livenessProbe, container.startupProbe].flatMap((probe) => probe?.terminationGracePeriodSeconds ?? []),
  ];
  const [shortest, longest] = [Math.min(...graces), Math.max(...graces, deletion.longest, LEAST)];
  const title = podTitle(pod);
  const elapsed = (now - deletion.at) / seconds(1);
  if (timeout > longest)
    violated(
      `${call.actor} stops container ${container.name} of ${title} with ${timeout} s of patience, where its grace period is ${longest} s`,
      title,
    );
  else if (timeout < shortest - elapsed - 1)
    violated(
      `${call.actor} stops container ${container.name} of ${title} with ${timeout} s of patience, ${Math.floor(elapsed)} s after its deletion with ${shortest} s of grace`,
      title,
    );
  const hook = hookAt === undefined ? 0 : (now - hookAt) / seconds(1);
  if (hook > 0 && hook + timeout > longest + LEAST + 1)
    violated(
      `${call.actor} stops container ${container.name} of ${title} with ${timeout} s of patience after ${Math.floor(hook)} s of its hook: more than its ${longest} s of grace`,
      title,
    );
}
