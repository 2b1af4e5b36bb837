import { type RuntimeService, stopContainerDeadline } from '@slipway/cri';
import { all, Cell, type Client, codeOf, type Kernel, type Process, seconds, timeout, until } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import type { KillReason } from '../decisions/compute-pod-actions.ts';
import { findContainer } from '../decisions/containers.ts';
import { gracePeriodSeconds, killOrder, stopTimeoutSeconds } from '../decisions/kill-order.ts';
import type { ObservedPod } from '../decisions/observed-pod.ts';
import { isExpectedFailure, rpcText } from '../failure.ts';
import type { KubeletEvents } from '../kubelet-events.ts';
import type { LifecycleHooks } from './lifecycle-hooks.ts';

/** One part of a pod that could not be killed. */
export interface KillFailure {
  readonly reason: 'KillContainerError' | 'KillPodSandboxError';
  /** Container name or sandbox id. */
  readonly subject: string;
  readonly message: string;
}

/** A running container to be killed. */
export interface Victim {
  readonly id: string;
  readonly name: string;
  /** Of the event; left out: `Stopping container …`. */
  readonly message?: string;
  readonly reason: KillReason;
}

/** What a container killer is made from. */
export interface ContainerKillerOptions {
  readonly kernel: Kernel;
  readonly runtime: Client<RuntimeService>;
  readonly events: KubeletEvents;
  readonly hooks: LifecycleHooks;
}

/** Turns that containers of one pod wait for. */
interface Turns {
  readonly waitsFor: ReadonlyMap<string, readonly string[]>;
  readonly ended: ReadonlyMap<string, Cell<boolean>>;
}

/**
 * Ends containers and whole pods within their grace.
 *
 * Source: `pkg/kubelet/kuberuntime/kuberuntime_container.go` killContainer, `kuberuntime_manager.go` killPodWithSyncResult.
 */
export class ContainerKiller {
  readonly #options: ContainerKillerOptions;

  constructor(options: ContainerKillerOptions) {
    this.#options = options;
  }

  /** Stops all containers beside each other, then every sandbox. Goes on after failures, and says what failed. */
  *killPod(pod: Pod, observed: ObservedPod, override: number | undefined): Process<readonly KillFailure[]> {
    const running = observed.containers.filter(({ state }) => state === 'running' || state === 'unknown');
    const failures: KillFailure[] = [];
    if (running.length > 0) {
      const turns = turnsOf(pod, new Set(running.map(({ name }) => name)));
      const kills = running.map(({ id, name }) => this.#attempt(pod, { id, name, reason: 'Unknown' }, observed, override, turns));
      const [only] = kills;
      const results = kills.length === 1 && only ? [yield* only] : yield* all(kills);
      for (const failure of results) if (failure) failures.push(failure);
    }
    for (const { id } of observed.sandboxes) {
      try {
        yield* this.#options.runtime.stopPodSandbox({ podSandboxId: id });
      } catch (error) {
        if (!isExpectedFailure(error)) throw error;
        if (codeOf(error) !== 'NOT_FOUND') failures.push({ reason: 'KillPodSandboxError', subject: id, message: rpcText(error) });
      }
    }
    return failures;
  }

  /** Ends one container: hook, its turn, stop signal, SIGKILL. @throws CriError */
  *kill(pod: Pod, victim: Victim, observed: ObservedPod, override?: number, turns?: Turns): Process {
    const { runtime, events } = this.#options;
    const found = findContainer(pod, victim.name);
    if (found) {
      const message = victim.message ?? `Stopping container ${victim.name}`;
      events.container(pod, victim.name, 'Normal', 'Killing', message);
      const grace = override ?? gracePeriodSeconds(pod, found.container, victim.reason);
      let used = 0;
      if (found.container.lifecycle?.preStop && grace > 0) used += yield* this.#preStop(pod, victim, observed, grace);
      if (turns && grace - used > 0) used += yield* this.#waitForTurn(victim.name, turns, grace - used);
      const left = stopTimeoutSeconds(grace, used);
      yield* unlessNotFound(timeout(runtime.stopContainer({ containerId: victim.id, timeout: left }), stopContainerDeadline(left)));
    } else {
      // The spec does not know it (any more): nothing speaks for patience.
      yield* unlessNotFound(runtime.stopContainer({ containerId: victim.id, timeout: stopTimeoutSeconds(override ?? 0, 0) }));
    }
    turns?.ended.get(victim.name)?.set(true);
  }

  *#attempt(pod: Pod, victim: Victim, observed: ObservedPod, override: number | undefined, turns: Turns): Process<KillFailure | undefined> {
    try {
      yield* this.kill(pod, victim, observed, override, turns);
      return undefined;
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      return { reason: 'KillContainerError', subject: victim.name, message: rpcText(error) };
    }
  }

  /** @returns whole seconds that it took */
  *#preStop(pod: Pod, { id, name }: Victim, observed: ObservedPod, grace: number): Process<number> {
    const { kernel, events, hooks } = this.#options;
    const found = findContainer(pod, name);
    const handler = found?.container.lifecycle?.preStop;
    if (!found || !handler) return 0;
    const startedAt = kernel.now;
    try {
      yield* hooks.runWithin(grace, hooks.run(handler, pod, found.container, id, observed.ips[0]));
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      // What it said may hold secrets, so the event does not repeat it.
      events.container(pod, name, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
    }
    return wholeSeconds(kernel.now - startedAt);
  }

  /** @returns whole seconds that it took */
  *#waitForTurn(name: string, { waitsFor, ended }: Turns, grace: number): Process<number> {
    const { kernel } = this.#options;
    const others = waitsFor.get(name) ?? [];
    const startedAt = kernel.now;
    try {
      if (others.some((other) => ended.get(other)?.value === false)) yield* timeout(allEnded(others, ended), seconds(grace));
    } catch (error) {
      if (codeOf(error) !== 'DEADLINE_EXCEEDED') throw error;
    }
    return wholeSeconds(kernel.now - startedAt);
  }
}

const wholeSeconds = (micros: number): number => Math.floor(micros / 1_000_000);

function turnsOf(pod: Pod, running: ReadonlySet<string>): Turns {
  const waitsFor = killOrder(pod, running);
  if (waitsFor.size === 0) return { waitsFor, ended: new Map() };
  return { waitsFor, ended: new Map([...running].map((name) => [name, new Cell(false)])) };
}

function* allEnded(names: readonly string[], ended: Turns['ended']): Process {
  for (const name of names) {
    const cell = ended.get(name);
    if (cell && !cell.value) yield* until(cell, 0);
  }
}

function* unlessNotFound(call: Process<unknown>): Process {
  try {
    yield* call;
  } catch (error) {
    if (codeOf(error) !== 'NOT_FOUND') throw error;
  }
}
