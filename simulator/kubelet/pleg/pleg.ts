import type { Container, PodSandbox, PodSandboxStatus, RuntimeService } from '@slipway/cri';
import type { Host } from '@slipway/host';
import {
  Cell,
  type Change,
  type Client,
  codeOf,
  every,
  isQuiet,
  linkOf,
  type Micros,
  Mutex,
  type Owner,
  type Process,
  sleepUntil,
  type Ticker,
  until,
} from '@slipway/kernel';
import { type ObservedContainer, type ObservedPod, unseenPod } from '../decisions/observed-pod.ts';
import { isExpectedFailure } from '../failure.ts';
import { relistPeriod, relistThreshold } from '../options.ts';
import { podLabels } from '../runtime/pod-sandbox-config.ts';
import { observedContainer, observedPod, podUidOf } from './observe.ts';
import {
  containerState,
  type LifecycleState,
  type LifecycleStates,
  podEvents,
  type PodLifecycleEvent,
  sandboxState,
} from './pod-events.ts';

/** What the runtime lists of one pod. */
interface ListedPod {
  readonly sandboxes: PodSandbox[];
  readonly containers: Container[];
}

interface Observation {
  readonly pod: ObservedPod;
  /** When it was begun, in observations of this PLEG. */
  readonly stamp: number;
}

const nothing: LifecycleStates = new Map();

/** What the PLEG is made from. */
export interface PlegOptions {
  readonly owner: Owner;
  readonly runtime: Client<RuntimeService>;
  readonly host: Host;
  /** Changes whenever the lists would; without it every tick lists. */
  readonly changed: Change | undefined;
  readonly onEvents: (events: readonly PodLifecycleEvent[]) => void;
}

/**
 * Pod lifecycle event generator: lists the runtime's objects every second, looks closely at the pods in which something changed, keeps
 * what it saw and tells of it. Idle ticks are left out.
 *
 * Order within one instant is told by stamps: a sync that ended at stamp 7 waits for an observation that began after it.
 *
 * Source: `pkg/kubelet/pleg/generic.go`, `pkg/kubelet/container/cache.go`.
 */
export class Pleg {
  readonly #options: PlegOptions;
  readonly #relisting = new Mutex('relist');
  readonly #records = new Map<string, LifecycleStates>();
  readonly #observations = new Map<string, Observation>();
  readonly #reinspect = new Set<string>();
  /** Pods whose latest close look failed: why, and when it was begun. What was seen before says nothing of them now. */
  readonly #failures = new Map<string, { readonly error: unknown; readonly stamp: number }>();
  /** Somebody waits for a relist. */
  readonly #wanted = new Cell(0);
  /** Set after each observation. */
  readonly #observed = new Cell(0);
  #requests: string[] = [];
  #stamp = 0;
  /** Stamp of the last relist of everything; 0 before the first. */
  #relistStamp = 0;
  #lastRelist: Micros | undefined;
  /** When the latest relist of everything began, ended or not. */
  #begunAt: Micros = 0;
  /** Looks that have not ended: while one lasts, ticks are not left out but missed. */
  #atWork = 0;
  /** What the lists of a relist take. */
  #listing: Micros = 0;
  #ticker: Ticker | undefined;
  #failing = false;

  constructor(options: PlegOptions) {
    this.#options = options;
  }

  /** The latest stamp: whoever asks for something newer waits for an observation that begins after now. */
  get stamp(): number {
    return this.#stamp;
  }

  /** What was last seen of a pod, however long ago. */
  latest(uid: string): ObservedPod | undefined {
    return this.#observations.get(uid)?.pod;
  }

  /** Uids of pods of which the runtime has something. */
  knownPods(): readonly string[] {
    return [...this.#observations.keys()];
  }

  /** Why the relist is not healthy; undefined while it is. */
  problem(now: Micros): string | undefined {
    if (this.#lastRelist === undefined) return 'PLEG is not healthy: pleg has yet to be successful';
    const elapsed = now - this.#lastRelist;
    // A tick that was left out would have been as good as the last one.
    if (!this.#failing || elapsed <= relistThreshold) return undefined;
    return `PLEG is not healthy: pleg was last seen active ${Math.floor(elapsed / 1_000_000)}s ago; threshold is 3m0s`;
  }

  /** Relists for ever. */
  *run(): Process {
    const { owner, runtime, changed } = this.#options;
    const link = linkOf(runtime);
    link?.to.onEnd(() => this.#wanted.set(this.#wanted.value + 1));
    const ticker = every(relistPeriod, owner.kernel.now);
    this.#ticker = ticker;
    const cells = [this.#wanted, ...(changed ? [changed] : []), ...(link ? [link.disturbed] : [])];
    const elision = { unless: cells, quiet: () => !this.#failing && isQuiet(runtime) };
    for (;;) {
      yield* this.#relisting.hold(this.#working(this.#relist()));
      yield* changed ? ticker.next(elision) : ticker.next();
    }
  }

  /** Looks at one pod as soon as possible, without waiting for the tick. */
  request(uid: string): void {
    if (this.#requests.push(uid) > 1) return;
    this.#options.owner.spawn('relist on demand', this.#serveRequests());
  }

  /**
   * Waits for what was seen of a pod after a stamp; 0 takes whatever there is once anything was listed.
   *
   * @param since when the stamp was taken.
   * @throws CriError when the newest look at it failed
   */
  *newerThan(uid: string, name: string, namespace: string, stamp: number, since: Micros): Process<ObservedPod> {
    const seenAgain = this.#relistStamp > stamp ? undefined : this.#leftOutAfter(since);
    if (seenAgain !== undefined) {
      yield* sleepUntil(seenAgain);
      this.#throwFailure(uid, stamp);
      return this.#observations.get(uid)?.pod ?? unseenPod(uid, name, namespace);
    }
    for (;;) {
      this.#throwFailure(uid, stamp);
      const observation = this.#observations.get(uid);
      if (observation && observation.stamp > stamp) return observation.pod;
      if (this.#relistStamp > stamp) return observation?.pod ?? unseenPod(uid, name, namespace);
      const seen = this.#observed.version;
      this.#wanted.set(this.#wanted.value + 1);
      yield* until(this.#observed, seen);
    }
  }

  #throwFailure(uid: string, stamp: number): void {
    const failure = this.#failures.get(uid);
    if (failure && failure.stamp > stamp) throw failure.error;
  }

  /** When a relist that was left out after `since`, because it would have seen nothing new, would have ended. */
  #leftOutAfter(since: Micros): Micros | undefined {
    const { kernel } = this.#options.owner;
    if (!this.#ticker || this.#lastRelist === undefined || this.#failing || this.#atWork > 0 || !kernel.elide) return undefined;
    const first = this.#ticker.after(Math.max(since, this.#lastRelist));
    // Ticks that were not left out have moved `lastRelist`, or are at work; one at this very instant may still come.
    if (this.#begunAt >= first) return undefined;
    return first < kernel.now ? first + this.#listing : undefined;
  }

  *#working(look: Process): Process {
    this.#atWork += 1;
    try {
      yield* look;
    } finally {
      this.#atWork -= 1;
    }
  }

  *#relist(): Process {
    const { runtime, owner } = this.#options;
    const stamp = ++this.#stamp;
    const startedAt = owner.kernel.now;
    this.#begunAt = startedAt;
    let listed: ReadonlyMap<string, ListedPod>;
    try {
      const { items } = yield* runtime.listPodSandbox({});
      const { containers } = yield* runtime.listContainers({});
      listed = byPod(items, containers);
      this.#listing = owner.kernel.now - startedAt;
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      this.#failing = true;
      return;
    }
    this.#failing = false;
    this.#lastRelist = startedAt;
    for (const uid of new Set([...this.#records.keys(), ...listed.keys()])) yield* this.#reconcile(uid, listed.get(uid), stamp);
    this.#relistStamp = stamp;
    this.#observed.set(stamp);
  }

  *#serveRequests(): Process {
    for (;;) {
      const uid = this.#requests[0];
      if (uid === undefined) return;
      yield* this.#relisting.hold(this.#working(this.#relistPod(uid)));
      this.#requests.shift();
    }
  }

  *#relistPod(uid: string): Process {
    const { runtime } = this.#options;
    const stamp = ++this.#stamp;
    const filter = { labelSelector: { [podLabels.uid]: uid } };
    try {
      const { items } = yield* runtime.listPodSandbox({ filter });
      const { containers } = yield* runtime.listContainers({ filter });
      yield* this.#reconcile(uid, byPod(items, containers).get(uid), stamp);
    } catch (error) {
      // The next relist of everything makes up for it.
      if (!isExpectedFailure(error)) throw error;
      return;
    }
    const observation = this.#observations.get(uid);
    if (observation && observation.stamp < stamp && !this.#reinspect.has(uid)) this.#observations.set(uid, { ...observation, stamp });
    this.#observed.set(stamp);
  }

  /** Compares a pod with what it was; when something changed, looks at it closely and tells of it. */
  *#reconcile(uid: string, listed: ListedPod | undefined, stamp: number): Process {
    const after = listed ? statesOf(listed) : nothing;
    const events = podEvents(uid, this.#records.get(uid) ?? nothing, after);
    if (events.length === 0 && !this.#reinspect.has(uid)) return;
    try {
      const pod = listed && (yield* this.inspect(uid, listed));
      if (pod) this.#observations.set(uid, { pod, stamp });
      else this.#observations.delete(uid);
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      // The record stays as it was, so that the next relist finds the same change again.
      this.#reinspect.add(uid);
      this.#failures.set(uid, { error, stamp });
      this.#wanted.set(this.#wanted.value + 1);
      return;
    }
    this.#reinspect.delete(uid);
    this.#failures.delete(uid);
    if (listed) this.#records.set(uid, after);
    else this.#records.delete(uid);
    this.#options.onEvents(events.length > 0 ? events : [{ type: 'PodSync', uid }]);
  }

  /** Lists one pod and looks at it closely, past everything that was seen before. @throws CriError */
  *look(uid: string): Process<ObservedPod | undefined> {
    const { runtime } = this.#options;
    const filter = { labelSelector: { [podLabels.uid]: uid } };
    const { items } = yield* runtime.listPodSandbox({ filter });
    const { containers } = yield* runtime.listContainers({ filter });
    const listed = byPod(items, containers).get(uid);
    return listed && (yield* this.inspect(uid, listed));
  }

  /** Asks for the status of each part of a pod. @throws CriError */
  *inspect(uid: string, listed: ListedPod): Process<ObservedPod> {
    const { runtime, host } = this.#options;
    const sandboxes: PodSandboxStatus[] = [];
    for (const { id } of listed.sandboxes) {
      const answer = yield* unlessGone(runtime.podSandboxStatus({ podSandboxId: id }));
      if (answer) sandboxes.push(answer.status);
    }
    const containers: ObservedContainer[] = [];
    for (const { id, podSandboxId } of listed.containers) {
      const answer = yield* unlessGone(runtime.containerStatus({ containerId: id }));
      if (answer) containers.push(observedContainer(answer.status, podSandboxId, host.files));
    }
    return observedPod(uid, sandboxes, containers, this.#observations.get(uid)?.pod);
  }
}

/** What was listed may be removed before it is asked for. */
function* unlessGone<T>(call: Process<T>): Process<T | undefined> {
  try {
    return yield* call;
  } catch (error) {
    if (codeOf(error) === 'NOT_FOUND') return undefined;
    throw error;
  }
}

function byPod(sandboxes: readonly PodSandbox[], containers: readonly Container[]): ReadonlyMap<string, ListedPod> {
  const pods = new Map<string, ListedPod>();
  const of = (uid: string): ListedPod => {
    const known = pods.get(uid);
    if (known) return known;
    const made = { sandboxes: [], containers: [] };
    pods.set(uid, made);
    return made;
  };
  for (const sandbox of sandboxes) {
    const uid = podUidOf(sandbox);
    if (uid !== undefined) of(uid).sandboxes.push(sandbox);
  }
  for (const container of containers) {
    const uid = podUidOf(container);
    if (uid !== undefined) of(uid).containers.push(container);
  }
  return pods;
}

function statesOf({ sandboxes, containers }: ListedPod): LifecycleStates {
  const states = new Map<string, LifecycleState>();
  for (const container of containers) states.set(container.id, containerState(container));
  for (const sandbox of sandboxes) states.set(sandbox.id, sandboxState(sandbox));
  return states;
}
