import type { Kernel, Owner, Process, Task } from '@slipway/kernel';
import { seconds, sleepUntil } from '@slipway/kernel';
import {
  type Container,
  containerShouldRestart,
  type ContainerStatus,
  type Pod,
  type PodStatus,
  parseTime,
  type Probe,
} from '@slipway/kube';
import { isTerminalPhase } from '../decisions/containers.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import { kubeletRestartGracePeriod } from '../options.ts';
import type { ProbeKind, ProbeResults } from './probe-results.ts';
import type { Prober } from './prober.ts';

/** What all probe workers of a kubelet share. */
export interface ProbeWorkerShared {
  readonly kernel: Kernel;
  readonly owner: Owner;
  readonly prober: Prober;
  readonly results: ProbeResults;
  readonly events: KubeletEvents;
  /** What the kubelet holds to be a pod's status. */
  readonly statusOf: (uid: string) => PodStatus | undefined;
  /** Unix time in microseconds at which this kubelet started. */
  readonly startedAt: number;
  /** A whole number from 0 up to its argument, drawn for this worker. */
  readonly jitter: (key: string, most: number) => number;
}

const titles: Readonly<Record<ProbeKind, string>> = { readiness: 'Readiness', liveness: 'Liveness', startup: 'Startup' };
const initial = { readiness: 'failure', liveness: 'success', startup: 'unknown' } as const;

/**
 * Probes one container in one way, for as long as its pod lives.
 *
 * Source: `pkg/kubelet/prober/worker.go`.
 */
export class ProbeWorker {
  readonly kind: ProbeKind;
  readonly #shared: ProbeWorkerShared;
  readonly #pod: Pod;
  readonly #container: Container;
  readonly #probe: Probe;
  readonly #onEnd: () => void;
  #task: Task | undefined;
  #probing = false;
  #again = false;
  /** Without scheme; empty until a container was seen. */
  #containerId = '';
  #onHold = false;
  #last: 'success' | 'failure' | undefined;
  #run = 0;

  constructor(shared: ProbeWorkerShared, kind: ProbeKind, pod: Pod, container: Container, probe: Probe, onEnd: () => void) {
    this.#shared = shared;
    this.kind = kind;
    this.#pod = pod;
    this.#container = container;
    this.#probe = probe;
    this.#onEnd = onEnd;
  }

  /** Starts probing: at once, or somewhere within the first period if the kubelet itself has just started. */
  start(): void {
    const { kernel, jitter, startedAt } = this.#shared;
    const young = kernel.unixMicros - startedAt < this.#period;
    const key = `${this.#pod.metadata.uid}/${this.#container.name}/${this.kind}`;
    this.#spawn(young ? kernel.now + jitter(key, this.#period) : kernel.now);
  }

  /** Probes now, and each period from now on. */
  trigger(): void {
    if (this.#probing) {
      this.#again = true;
      return;
    }
    this.#task?.kill();
    this.#spawn(this.#shared.kernel.now);
  }

  stop(): void {
    this.#task?.stop();
    this.#forget();
  }

  get #period(): number {
    return seconds(this.#probe.periodSeconds ?? 10);
  }

  #spawn(at: number): void {
    const { owner } = this.#shared;
    this.#task = owner.spawn(`${this.kind} probe of ${this.#pod.metadata.name}/${this.#container.name}`, this.#loop(at)) as Task;
  }

  *#loop(start: number): Process {
    const { kernel } = this.#shared;
    let next = start;
    for (;;) {
      yield* sleepUntil(next);
      this.#probing = true;
      const goOn = yield* this.#probeOnce();
      this.#probing = false;
      if (!goOn) {
        this.#forget();
        this.#onEnd();
        return;
      }
      if (this.#again) {
        this.#again = false;
        next = kernel.now;
      } else {
        // A probe that takes longer than a period misses ticks.
        next += this.#period * Math.max(1, Math.ceil((kernel.now - next) / this.#period));
      }
    }
  }

  #forget(): void {
    if (this.#containerId !== '') this.#shared.results.remove(this.kind, this.#containerId);
  }

  /** @returns false when there will never be anything to probe again */
  *#probeOnce(): Process<boolean> {
    const { results, statusOf } = this.#shared;
    const uid = this.#pod.metadata.uid ?? '';
    const status = statusOf(uid);
    if (!status) return true;
    if (isTerminalPhase(status.phase)) return false;
    const container = this.#statusIn(status);
    if (!container?.containerID) return true;
    this.#meet(container, container.containerID.slice(container.containerID.indexOf('://') + 3));
    if (this.#onHold) return true;
    if (!container.state?.running) {
      results.set(this.kind, uid, this.#containerId, 'failure');
      const end = container.state?.terminated;
      return !end || containerShouldRestart(this.#container, this.#pod.spec.restartPolicy, end.exitCode);
    }
    if (this.#pod.metadata.deletionTimestamp !== undefined && this.kind !== 'readiness') {
      results.set(this.kind, uid, this.#containerId, 'success');
      return false;
    }
    if (!this.#isDue(container)) return true;
    const result = yield* this.#ask(status);
    if (result) this.#count(result, uid);
    return true;
  }

  #statusIn({ containerStatuses, initContainerStatuses }: PodStatus): ContainerStatus | undefined {
    const named = ({ name, containerID }: ContainerStatus) => name === this.#container.name && containerID !== undefined;
    return containerStatuses?.find(named) ?? initContainerStatuses?.find(named);
  }

  /** Another container than before starts with a clean slate. */
  #meet(container: ContainerStatus, id: string): void {
    if (this.#containerId === id) return;
    const { results, startedAt } = this.#shared;
    const uid = this.#pod.metadata.uid ?? '';
    this.#forget();
    this.#containerId = id;
    this.#onHold = false;
    const running = container.state?.running?.startedAt;
    const runsSince = running === undefined ? undefined : parseTime(running);
    // A container that was here before this kubelet keeps what it had.
    const wasHere = runsSince !== undefined && runsSince < startedAt - kubeletRestartGracePeriod;
    if (this.kind === 'startup' && wasHere && container.started === true) results.set(this.kind, uid, id, 'success');
    else if (!wasHere) results.set(this.kind, uid, id, initial[this.kind]);
  }

  #isDue({ state, started }: ContainerStatus): boolean {
    const since = parseTime(state?.running?.startedAt ?? '') ?? 0;
    const elapsed = Math.floor((this.#shared.kernel.unixMicros - since) / 1_000_000);
    if (elapsed < (this.#probe.initialDelaySeconds ?? 0)) return false;
    // The startup probe goes first, and has nothing more to say once the container has started.
    return (this.kind === 'startup') !== (started === true);
  }

  *#ask(status: PodStatus): Process<'success' | 'failure' | undefined> {
    const { prober, events } = this.#shared;
    const target = { probe: this.#probe, container: this.#container, containerId: this.#containerId, podIP: status.podIP };
    const { result, output } = yield* prober.probe(target);
    const say = (reason: string, what: string) =>
      events.container(this.#pod, this.#container.name, 'Warning', reason, `${titles[this.kind]} probe ${what}: ${output}`);
    switch (result) {
      case 'success':
        return 'success';
      case 'warning':
        say('ProbeWarning', 'warning');
        return 'success';
      case 'failure':
        say('Unhealthy', 'failed');
        return 'failure';
      case 'error':
        say('Unhealthy', 'errored and resulted in unknown state');
        return undefined;
    }
  }

  #count(result: 'success' | 'failure', uid: string): void {
    this.#run = this.#last === result ? this.#run + 1 : 1;
    this.#last = result;
    const threshold = result === 'failure' ? (this.#probe.failureThreshold ?? 3) : (this.#probe.successThreshold ?? 1);
    if (this.#run < threshold) return;
    this.#shared.results.set(this.kind, uid, this.#containerId, result);
    if (this.kind === 'startup' || (this.kind === 'liveness' && result === 'failure')) {
      // It is about to be restarted, or has started: nothing is asked until there is a new container.
      this.#onHold = true;
      this.#run = 0;
    }
  }
}
