import type { Pod, Probe } from '@slipway/kube';
import type { Line } from './lines.ts';
import type { Cast } from './subject.ts';
import { span } from './wording.ts';

/** Shorter pauses are not told. */
const LONG_WAIT = 1_000_000;
/** Pauses whose constant is known are told from here on: a relist comes within a second. */
const NAMED_WAIT = 500_000;

/** A long wait, and what governs it. */
export interface Wait {
  readonly at: number;
  readonly length: number;
  /** What was waited for; empty when the trace does not show it. */
  readonly what: string;
  /** The constant, with its value and the setting's name; empty when none governs it. */
  readonly constant: string;
}

/** The pause before a line. */
interface Pause {
  /** What stands before it among the same siblings, oldest first. */
  readonly before: readonly Line[];
  /** What ends it. */
  readonly next: Line;
  /** From when nothing more happened among the siblings. */
  readonly from: number;
  readonly cast: Cast;
}

type ProbeKind = 'readinessProbe' | 'livenessProbe' | 'startupProbe';

type Rule = (pause: Pause) => Omit<Wait, 'at' | 'length'> | undefined;

/** The n-th delay of a back-off that doubles, in seconds. */
function doubled(base: number, cap: number, n: number): number {
  let delay = base;
  for (let step = 1; step < n && delay < cap; step += 1) delay *= 2;
  return Math.min(delay, cap);
}

const lastOf = (before: readonly Line[], holds: (line: Line) => boolean): Line | undefined => before.findLast(holds);
const isCall =
  (...methods: readonly string[]) =>
  ({ kind, name }: Line): boolean =>
    kind === 'call' && methods.includes(name.slice(name.indexOf('/') + 1));
const marked =
  (mark: string) =>
  ({ marks }: Line): boolean =>
    marks.includes(mark);

/** How many calls of this kind have failed in a row just before. */
function failures(before: readonly Line[], like: Line): number {
  let count = 0;
  for (const line of before.toReversed()) {
    if (line.kind !== 'call' || line.name !== like.name || line.subject !== like.subject) continue;
    if (!line.failed) break;
    count += line.count;
  }
  return count;
}

const retried =
  (method: string, what: string, constant: (failed: number) => string): Rule =>
  ({ before, next }) => {
    if (!isCall(method)(next)) return undefined;
    const failed = failures(before, next);
    return failed === 0 ? undefined : { what, constant: constant(failed) };
  };

const sidecar = (who: string) => (failed: number) =>
  `${who} back-off: 1 s, doubling to 5 min; after ${failed} failure${failed === 1 ? '' : 's'} ${doubled(1, 300, failed)} s`;
const mount = (failed: number): string =>
  `volume operation back-off: 500 ms, doubling to 2 min 2 s; after ${failed} failure${failed === 1 ? '' : 's'} ${doubled(0.5, 122, failed)} s`;

/** Nobody waits for what somebody decides to do. */
const asked: Rule = ({ next }) =>
  next.from === 'kubectl' || marked('step')(next) ? { what: 'nobody asks for anything else until here', constant: '' } : undefined;

const idle: Rule = ({ next }) =>
  /^smi\.Mesh\/(?:Route|Authorise|Observe|Identity)$/.test(next.name)
    ? { what: 'nobody sends a request until here', constant: '' }
    : undefined;

/** Rules in order: the first that knows what ended the pause names it. */
const RULES: readonly Rule[] = [
  asked,
  idle,

  // The scheduler.
  ({ next, cast, before }) =>
    marked('bound')(next) && cast.claims.length > 0 && before.some(marked('chosen'))
      ? {
          what: 'the place is chosen; the scheduler waits until the claim is bound to a volume',
          constant: 'VolumeBinding looks every 1 s, for at most 600 s',
        }
      : undefined,
  ({ next, before }) => {
    if (next.kind !== 'decision') return undefined;
    const tries = before.filter(marked('unschedulable')).reduce((sum, { count }) => sum + count, 0);
    return tries === 0
      ? undefined
      : {
          what: 'the pod waits among the unschedulable ones until something that it needs changes',
          constant: `scheduler back-off ${doubled(1, 10, tries)} s (1 s, doubling to 10 s); without any change again after 5 min`,
        };
  },

  // Images, restarts, sandboxes.
  ({ before, next }) => {
    const status = /waiting: (?:ErrImagePull|ImagePullBackOff)/.test(next.outcome);
    if (!isCall('PullImage', 'ImageStatus')(next) && !marked('event:BackOff')(next) && !status) return undefined;
    const failed = before.filter((line) => isCall('PullImage')(line) && line.failed && (status || isFor(next, line)));
    const last = failed.at(-1);
    const count = failed.reduce((sum, line) => sum + line.count, 0);
    if (!last || before.some((line) => isCall('PullImage')(line) && !line.failed && line.at > last.at && isFor(next, line)))
      return undefined;
    return {
      what: `the image could not be pulled ${count === 1 ? 'once' : `${count} times`}: nothing is tried before the back-off is over`,
      constant: `image pull back-off ${doubled(10, 300, count)} s (10 s, doubling to 300 s), looked at every 10 to 15 s`,
    };
  },
  ({ next, before }) => {
    if (!isCall('PullImage', 'ImageStatus', 'CreateContainer')(next) && !next.outcome.includes('waiting: CrashLoopBackOff'))
      return undefined;
    const ended = lastOf(before, (line) => isCall('ContainerStatus')(line) && line.outcome.startsWith('exited'));
    const started = lastOf(before, (line) => isCall('CreateContainer')(line) && containerOf(line) === ended?.about);
    if (!ended || !started || started.at > ended.at) return undefined;
    const restart = before.filter((line) => isCall('CreateContainer')(line) && containerOf(line) === ended.about).length;
    return restart === 1
      ? { what: `${ended.about} ended; its first restart comes at once`, constant: 'kubelet relist every 1 s (PLEG)' }
      : {
          what: `${ended.about} keeps ending: restart ${restart} has to wait`,
          constant: `crash-loop back-off ${doubled(10, 300, restart - 1)} s after its end (10 s, doubling to 300 s), then the next sync of the pod`,
        };
  },
  retried(
    'RunPodSandbox',
    'the sandbox could not be made; the kubelet tries the whole pod again',
    () => 'kubelet back-off 10 s × 1 to 1.5',
  ),
  ({ next, before }) =>
    isCall('RunPodSandbox')(next) && lastOf(before, () => true)?.marks.includes('event:NetworkNotReady')
      ? { what: 'the network of the node is not ready', constant: 'the kubelet tries again after 1 to 1.5 s' }
      : undefined,

  // Volumes.
  retried('CreateVolume', 'the volume could not be made', sidecar('provisioner')),
  retried('DeleteVolume', 'the volume could not be deleted', sidecar('provisioner')),
  retried('ControllerPublishVolume', 'the volume could not be attached', sidecar('attacher')),
  retried('ControllerUnpublishVolume', 'the volume could not be detached', sidecar('attacher')),
  retried('ControllerExpandVolume', 'the volume could not grow', sidecar('resizer')),
  ...['NodeStageVolume', 'NodePublishVolume', 'NodeUnpublishVolume', 'NodeUnstageVolume'].map((method) =>
    retried(method, 'the mount failed', mount),
  ),
  ({ next }) =>
    marked('volumes-unused')(next)
      ? { what: 'the kubelet says so in the status of its node', constant: 'node status every 10 s (nodeStatusUpdateFrequency)' }
      : marked('volumes-in-use')(next)
        ? {
            what: 'the kubelet must first say in the status of its node that it will use the volume',
            constant: 'node status every 10 s (nodeStatusUpdateFrequency)',
          }
        : undefined,
  ({ next, before }) =>
    marked('volumes-attached')(next) && before.some(marked('attached'))
      ? {
          what: 'the attach-detach controller looks whether the attachment has come',
          constant: 'poll of 500 ms, growing by 5 % to 7 s',
        }
      : undefined,
  ({ next, before }) =>
    isCall('NodeStageVolume', 'NodePublishVolume', 'NodeGetCapabilities')(next) && before.some(marked('volumes-attached'))
      ? {
          what: 'the kubelet looks whether the volume is in status.volumesAttached of its node',
          constant: 'volume operation back-off: 500 ms, doubling to 2 min 2 s',
        }
      : undefined,
  ({ next, before, from }) => {
    if (!marked('detach-wanted')(next) || next.at - from < 300_000_000) return undefined;
    return before.some(marked('deleted')) || before.some(marked('node-lost'))
      ? { what: 'the node says nothing: nobody knows whether it still writes to the volume', constant: 'forced detach after 6 min' }
      : undefined;
  },

  // The cloud.
  retried(
    'EnsureLoadBalancer',
    'the balancer could not be made',
    (failed) => `service controller back-off ${doubled(5, 300, failed)} s (5 s, doubling to 300 s)`,
  ),

  // Probes.
  ({ next, cast }) => (marked('ready')(next) ? probeWait(next, cast, 'readinessProbe') : undefined),
  ({ next, cast, from }) => {
    if (!marked('event:Unhealthy')(next)) return undefined;
    const kind = /startup/i.test(next.outcome) ? 'startupProbe' : /liveness/i.test(next.outcome) ? 'livenessProbe' : 'readinessProbe';
    // A probe that went well for long and fails now was not waited for.
    return next.at - from > slowest(cast, kind) ? undefined : probeWait(next, cast, kind);
  },
  ({ next, cast }) => {
    const hooked = containersOf(cast.pods.at(-1)).some(({ name, lifecycle }) => name === next.about && lifecycle?.preStop !== undefined);
    return isCall('StopContainer')(next) && hooked
      ? {
          what: `the preStop hook of ${next.about} runs first; its time counts`,
          constant: `grace period of ${grace(cast)} s (terminationGracePeriodSeconds)`,
        }
      : undefined;
  },
  ({ next, before, cast }) => {
    if (!isCall('StopContainer')(next)) return undefined;
    const unhealthy = lastOf(before, marked('event:Unhealthy'));
    if (!unhealthy) return undefined;
    return probeWait(next, cast, /startup/i.test(unhealthy.outcome) ? 'startupProbe' : 'livenessProbe');
  },
  ({ next, before, cast }) =>
    cast.subject.kind === 'service' && /^endpoint .*: terminating/.test(next.outcome) && before.at(-1)?.marks.includes('taint')
      ? { what: 'its pod tolerates the taint of its node for a while; then it is evicted', constant: '' }
      : undefined,
  ({ next }) => (next.outcome.startsWith('endpoint ') ? { what: 'the endpoint follows its pod', constant: '' } : undefined),

  // Nodes that are lost.
  ({ next, before }) =>
    marked('node-lost')(next) || (marked('unready')(next) && next.from.includes('node-lifecycle') && !before.some(marked('node-lost')))
      ? { what: 'the node is silent', constant: 'node monitor grace period 50 s, looked at every 5 s' }
      : undefined,
  ({ next, cast }) => {
    if (!marked('deleted')(next) && !marked('event:TaintManagerEviction')(next) && !next.outcome.includes('DisruptionTarget'))
      return undefined;
    if (!/taint/.test(next.from)) return undefined;
    return { what: 'the pod tolerates the taint of its node for a while', constant: `tolerationSeconds ${tolerated(cast)} s` };
  },
  ({ next }) =>
    /pod-?g(arbage|c)/.test(next.from) && (marked('gone')(next) || marked('deleted')(next) || marked('finished')(next))
      ? { what: 'pod garbage collection clears what no kubelet finishes', constant: 'pod GC every 20 s' }
      : undefined,
  ({ next, before, from }) =>
    // A container that was replaced goes at once; only what nothing hurries waits for the round.
    next.at - from > 2_000_000 &&
    (isCall('RemoveContainer', 'RemovePodSandbox')(next) || (isCall('StopPodSandbox')(next) && before.some(marked('gone'))))
      ? { what: 'what has ended is kept for a look at its logs', constant: 'container garbage collection every 1 min' }
      : undefined,
  ({ next }) =>
    marked('progress-deadline')(next)
      ? { what: 'the Deployment waits for progress', constant: 'progressDeadlineSeconds 600 s (+ 1 s) unless it says otherwise' }
      : undefined,

  ({ next }) =>
    marked('taint')(next) && next.from === 'node-lifecycle-controller'
      ? { what: 'the node stays silent: its pods are to go', constant: 'nodes are looked at every 5 s' }
      : undefined,
  ({ next }) =>
    isCall('NodeExpandVolume')(next)
      ? { what: 'the kubelet finds it when it looks at the pod again', constant: 'a healthy pod is synced every 60 to 90 s' }
      : undefined,
  ({ next, before, cast }) =>
    isCall('Kill')(next) && before.some(isCall('Kill'))
      ? { what: 'the program has not ended by itself', constant: `grace period of ${grace(cast)} s (terminationGracePeriodSeconds)` }
      : undefined,

  // What the relist sees.
  ({ next, before }) => {
    if (!isCall('ContainerStatus', 'PodSandboxStatus')(next)) return undefined;
    const known = before.some((line) => isCall('Delete')(line) && line.about === next.about && line.seq < next.seq);
    const what =
      next.outcome.startsWith('exited') && !known ? 'the program runs until it ends; the kubelet sees it' : 'the kubelet sees the change';
    return { what: `${what} at its next relist`, constant: 'relist every 1 s (PLEG)' };
  },
  ({ next }) =>
    isCall('Delete')(next) && next.name.startsWith('oci.') && next.about !== 'the sandbox'
      ? { what: 'the program runs until it ends', constant: '' }
      : undefined,
];

/** What was waited for before `next`; undefined when the pause is short. Without words where the trace does not show it. */
export function waitBefore(pause: Pause): Wait | undefined {
  const length = pause.next.at - pause.from;
  if (length < NAMED_WAIT) return undefined;
  for (const rule of RULES) {
    const named = rule(pause);
    if (named && (named.constant !== '' || length >= LONG_WAIT)) return { at: pause.from, length, ...named };
  }
  return length < LONG_WAIT ? undefined : { at: pause.from, length, what: '', constant: '' };
}

/** Why one call took long by itself, with no call within it that would say so. */
export function waitWithin(line: Line, cast: Cast): Wait | undefined {
  const length = line.end - line.at;
  if (line.count > 1 && line.name.startsWith('cloud.CloudApi/Describe') && length >= LONG_WAIT)
    return {
      at: line.at,
      length,
      what: 'the cloud is at work',
      constant: `its caller looks every ${span((line.lastAt - line.at) / (line.count - 1))}`,
    };
  if (length < LONG_WAIT || line.kind !== 'call' || line.count > 1 || !Number.isFinite(length)) return undefined;
  const within = (what: string, constant: string): Wait => ({ at: line.at, length, what, constant });
  if (line.outcome.startsWith('DEADLINE_EXCEEDED')) return within('no answer came', `deadline of the call: ${span(length)}`);
  // The second signal within it says the same.
  if (!isCall('StopContainer')(line) || line.children.filter(isCall('Kill')).length > 1) return undefined;
  const { timeout } = (line.record.full ?? {}) as { timeout?: number };
  const left = timeout === undefined ? '' : `${timeout} s were left of the `;
  return within(
    'the program got its stop signal and may finish what it does; when the time is over it is killed',
    `${left}grace period of ${grace(cast)} s (terminationGracePeriodSeconds)`,
  );
}

const grace = ({ pods }: Cast): number => pods[0]?.spec.terminationGracePeriodSeconds ?? 30;

function tolerated({ pods }: Cast): number {
  const [toleration] = (pods.at(-1)?.spec.tolerations ?? []).filter(
    ({ effect, tolerationSeconds }) => effect === 'NoExecute' && tolerationSeconds !== undefined,
  );
  return toleration?.tolerationSeconds ?? 300;
}

function probeWait(next: Line, { pods }: Cast, kind: ProbeKind): Omit<Wait, 'at' | 'length'> | undefined {
  const probes = containersOf(pods.at(-1)).flatMap((container) => {
    const probe: Probe | undefined = container[kind];
    return probe ? [{ name: container.name, probe }] : [];
  });
  const named = probes.filter(({ name }) => next.outcome.includes(name));
  const [chosen] = named.length > 0 ? named : probes;
  if (!chosen) return undefined;
  const { initialDelaySeconds = 0, periodSeconds = 10, successThreshold = 1, failureThreshold = 3 } = chosen.probe;
  const what = kind.replace('Probe', ' probe');
  const threshold =
    kind === 'readinessProbe' && !next.failed ? `, successThreshold ${successThreshold}` : `, failureThreshold ${failureThreshold}`;
  return {
    what: `the ${what} of ${chosen.name} decides`,
    constant: `periodSeconds ${periodSeconds}${initialDelaySeconds > 0 ? `, initialDelaySeconds ${initialDelaySeconds}` : ''}${threshold}`,
  };
}

/** The longest that a failing probe of the pod can take to say so. */
function slowest({ pods }: Cast, kind: ProbeKind): number {
  return Math.max(
    0,
    ...containersOf(pods.at(-1)).map((container) => {
      const { initialDelaySeconds = 0, periodSeconds = 10, timeoutSeconds = 1, failureThreshold = 3 } = container[kind] ?? {};
      return (initialDelaySeconds + (periodSeconds + timeoutSeconds) * failureThreshold) * 1_000_000;
    }),
  );
}

const containersOf = (pod: Pod | undefined) => [...(pod?.spec.containers ?? []), ...(pod?.spec.initContainers ?? [])];

/** The container that a call makes. */
function containerOf({ record }: Line): string | undefined {
  return (record.full as { config?: { metadata?: { name?: string } } } | undefined)?.config?.metadata?.name;
}

/** Whether a line and a pull are about the same image; events name it in their message. */
const isFor = (line: Line, pull: Line): boolean =>
  line.subject === pull.subject || (pull.subject !== undefined && line.outcome.includes(pull.subject));
