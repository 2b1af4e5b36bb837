import { Call } from './call.ts';
import { Cell } from './cell.ts';
import { hashText } from './chance.ts';
import { type Client, codeOf, type Implementation, type LinkCode, type Scalar, type Service } from './contract.ts';
import { Alarm } from './effects.ts';
import { type ActiveFault, activeFaults, type Fault, strikingFaults } from './faults.ts';
import { writeThing } from './footprint.ts';
import type { Kernel } from './kernel.ts';
import { drawLatency, type Latency } from './latency.ts';
import { clientOf } from './link-client.ts';
import { brokenRule, carelessWork, checkedError, subjectOf } from './link-guard.ts';
import { type LinkMethod, linkMethod, summaryOf } from './link-method.ts';
import type { CutWays, Gathering, LinkOptions } from './link-options.ts';
import type { Owner } from './owner.ts';
import { isProcess, isPromise } from './process.ts';
import { isStream, Stream } from './stream.ts';
import { StreamPipe } from './stream-pipe.ts';
import { formatDuration, type Micros } from './time.ts';
import type { TraceKind } from './trace-record.ts';
import type { NamedCall } from './unstarted-calls.ts';

/**
 * Where a caller and an implementation meet: the only place that adds latency, injects faults, checks the spec's rules and records the
 * call. The work is done on behalf of the callee's owner; the caller only waits.
 */
export class Link<S = unknown> {
  readonly kernel: Kernel;
  readonly service: Service<S>;
  readonly onDeath: 'unavailable' | 'silent';
  /** How far a stream's items lag behind. */
  streamLag: Micros = 0;
  #from: Owner;
  #to: Owner;
  #implementation: object;
  readonly #methods = new Map<string, LinkMethod>();
  readonly #latency: Latency;
  readonly #key: number;
  #faults: readonly ActiveFault[] = NO_FAULTS;
  /** Those that were set on this link alone. */
  #own: readonly ActiveFault[] = NO_FAULTS;
  #cut: CutWays | undefined;
  #pipes: Set<StreamPipe> | undefined;
  #gatherings: readonly Gathering[] = NO_GATHERINGS;
  #disturbed: Cell<number> | undefined;
  #instant = -1;
  #instantCalls = 0;

  constructor(implementation: Implementation<S>, options: LinkOptions<S>) {
    this.kernel = options.to.kernel;
    this.service = options.service;
    this.#from = options.from;
    this.#to = options.to;
    this.onDeath = options.onDeath ?? 'unavailable';
    this.#implementation = implementation as object;
    this.#latency = options.latency ?? {};
    this.#key = hashText(`${options.from.name}>${options.to.name}:${options.service.name}`);
    if (options.faults) this.faults = options.faults;
    this.kernel.links.add(this as Link);
  }

  /** Whose calls it carries. */
  get from(): Owner {
    return this.#from;
  }

  /** On whose behalf the work is done. */
  get to(): Owner {
    return this.#to;
  }

  /** True while nothing but the callee's own state can make an idle call differ: nothing is wrong with the link. */
  get quiet(): boolean {
    return this.#faults.length === 0 && this.#cut === undefined && this.#to.alive && this.#to.freezer === undefined;
  }

  /** Sets what goes wrong from now on with this link alone; an empty list heals it. Faults that were added stay. */
  set faults(faults: readonly Fault[]) {
    const kept = this.#faults.filter((active) => !this.#own.includes(active));
    this.#own = activeFaults(faults);
    this.#faults = [...this.#own, ...kept];
    this.#disturb();
  }

  /** Adds a fault that may strike other links too: its counts are of all of them together. */
  addFault(active: ActiveFault): void {
    this.#faults = [...this.#faults, active];
    this.#disturb();
  }

  removeFault(active: ActiveFault): void {
    const kept = this.#faults.filter((other) => other !== active);
    if (kept.length === this.#faults.length) return;
    this.#faults = kept;
    this.#disturb();
  }

  /** Which ways are cut. Calls that get lost meet their deadline; streams stall and go on once the way back is open again. */
  get cut(): CutWays | undefined {
    return this.#cut;
  }

  set cut(ways: CutWays | undefined) {
    this.#cut = ways?.requests || ways?.answers ? ways : undefined;
    this.#disturb();
    if (!this.#cut?.answers) for (const pipe of this.#pipes ?? []) pipe.flow();
  }

  /**
   * Changes whenever faults are set or healed, and when the callee dies or comes back: whoever leaves out idle calls while the link is
   * `quiet` waits for this too.
   */
  get disturbed(): Cell<number> {
    if (!this.#disturbed) {
      this.#disturbed = new Cell(0);
      this.#to.onEnd(() => this.#disturb());
    }
    return this.#disturbed;
  }

  /** Who answers from now on: after a crash, the implementation that was made anew, or the same one on behalf of a new owner. */
  serve(implementation: Implementation<S>, to: Owner = this.#to): void {
    writeThing(this);
    this.#implementation = implementation as object;
    if (to === this.#to) return;
    this.#to = to;
    if (this.#disturbed) to.onEnd(() => this.#disturb());
    this.#disturb();
  }

  /** What gathers the items of its streams now; undefined: each comes as it is sent. */
  get gathering(): Gathering | undefined {
    return this.#gatherings.at(-1);
  }

  /** Items of its streams are gathered from now on; where several say so, the newest. */
  addGathering(gathering: Gathering): void {
    writeThing(this);
    this.#gatherings = [...this.#gatherings, gathering];
  }

  /** What has been gathered comes now. */
  removeGathering(gathering: Gathering): void {
    writeThing(this);
    this.#gatherings = this.#gatherings.filter((other) => other !== gathering);
    for (const pipe of this.#pipes ?? []) pipe.release();
  }

  /** Whose calls it carries from now on: a caller that was started anew. */
  callFrom(from: Owner): void {
    this.#from = from;
    this.kernel.links.add(this as Link);
  }

  /** Cuts every open stream, as a broken connection does. Returns how many there were. */
  cutStreams(): number {
    const pipes = [...(this.#pipes ?? [])];
    for (const pipe of pipes) pipe.cut();
    return pipes.length;
  }

  /** The caller's side. */
  client(): Client<S> {
    return clientOf(this);
  }

  method(name: string): LinkMethod {
    let method = this.#methods.get(name);
    if (!method) {
      method = linkMethod(this.kernel, this.service, name, this.#latency, this.#key, this.#from.name);
      this.#methods.set(name, method);
    }
    return method;
  }

  send(call: Call): void {
    const { kernel } = this;
    const { method } = call;
    kernel.calls.set(this.service.interface, (kernel.calls.get(this.service.interface) ?? 0) + 1);
    this.#instantCalls = this.#instant === kernel.now ? this.#instantCalls + 1 : 1;
    this.#instant = kernel.now;
    if (!method.descriptor.heartbeat)
      call.seq = this.#record(call, 'call', this.from.name, summaryOf(call, undefined), call.request, kernel.cause);
    call.phase = 'sent';
    call.to = this.#to;
    if (this.#cut?.requests) {
      this.#lost(call, 'request cut off');
      return;
    }
    let latency = drawLatency(kernel, method.range, method.key, this.#instantCalls);
    for (const active of this.#faults.length === 0 ? NO_FAULTS : strikingFaults(this.#faults, call, this.#instantCalls)) {
      const { kind } = active.fault;
      if ('refuse' in kind) {
        this.#fault(call, 'refused', active);
        const { code = 'UNAVAILABLE', message = 'connection refused' } = kind.refuse;
        this.#answer(call, this.service.error(code as LinkCode, message), true);
        return;
      }
      if ('delay' in kind) {
        this.#fault(call, `delayed by ${formatDuration(active.delay)}`, active);
        latency += active.delay;
      } else (call.faults ??= []).push(active);
    }
    if (latency >= method.deadline) this.#armDeadline(call);
    kernel.schedule(call, kernel.now + latency);
  }

  deliver(call: Call): void {
    if (this.#cut?.requests) {
      this.#lost(call, 'request cut off');
      return;
    }
    // A machine that stands still takes nothing in; the caller's clock goes on.
    if (this.#to.freezer) {
      this.#armDeadline(call);
      this.#to.freezer.hold(call);
      return;
    }
    // A callee that has come up again meanwhile knows nothing of what was on its way to the one before.
    if (!this.#to.alive || call.to !== this.#to) {
      this.#calleeGone(call);
      return;
    }
    const wrong = brokenRule(call, 'request');
    if (wrong !== undefined) {
      this.#answer(call, this.service.error('INVALID_ARGUMENT', wrong), true);
      return;
    }
    let twice: ActiveFault | undefined;
    let stead: object | undefined;
    for (const active of call.faults ?? NO_FAULTS) {
      const { kind } = active.fault;
      if ('error' in kind) {
        this.#fault(call, `error ${kind.error.code}`, active);
        this.#answer(call, this.service.error(kind.error.code as LinkCode, kind.error.message ?? 'injected by a fault'), true);
        return;
      }
      if ('hang' in kind) {
        this.#fault(call, 'hangs', active);
        this.#armDeadline(call);
        return;
      }
      if ('crash' in kind) {
        this.#fault(call, 'callee crashes', active);
        if (kind.crash === true) this.to.kill();
        else kind.crash(this.to);
        this.#calleeGone(call);
        return;
      }
      if ('duplicate' in kind) twice = active;
      if ('stead' in kind) {
        stead = kind.stead({ method: call.method.name, request: call.request });
        if (stead) this.#fault(call, 'answered by another', active);
        else active.takeBack();
      }
    }
    call.phase = 'working';
    this.#work(call, stead ?? this.#implementation);
    if (twice) {
      this.#fault(call, 'delivered twice', twice);
      this.#workAgain(call);
    }
  }

  /** The answer has come to where the caller is, unless its way is cut. */
  comeBack(call: Call): void {
    if (this.#cut?.answers) {
      this.#lost(call, 'answer cut off');
      return;
    }
    for (const active of call.faults ?? NO_FAULTS) {
      const { kind } = active.fault;
      if (!('crashCaller' in kind)) continue;
      if (!call.caller) active.takeBack();
      else if (this.#crashCaller(call, active, kind.crashCaller)) return;
    }
    this.receive(call);
  }

  receive(call: Call): void {
    const { kernel } = this;
    writeThing(call);
    call.phase = 'received';
    if (call.deadline) kernel.remove(call.deadline);
    const failed = call.failed;
    const code = failed ? codeOf(call.response) : 'OK';
    let seq = call.seq;
    if (!call.method.descriptor.heartbeat || failed) {
      if (call.seq === 0) call.seq = this.#record(call, 'call', this.from.name, summaryOf(call, undefined), call.request, 0);
      const data = failed ? [code] : [code, ...summaryOf(call, call.response)];
      seq = this.#record(call, 'answer', this.to.name, data, call.response, call.seq);
    }
    const { caller } = call;
    if (!caller) return;
    call.caller = undefined;
    if (seq > 0) caller.cause = seq;
    const response = !failed && isStream(call.response) ? this.#pipe(call.response) : call.response;
    (caller as unknown as { continueWith(value: unknown, throws: boolean): void }).continueWith(response, failed);
  }

  /** Forgets a stream that has ended. */
  forgetPipe(pipe: StreamPipe): void {
    this.#pipes?.delete(pipe);
  }

  /** The caller dies with its answer on the threshold. False when it is nobody who can. */
  #crashCaller(call: Call, active: ActiveFault, crash: (caller: Owner) => boolean): boolean {
    const { caller } = call;
    // Forgotten first, so that its death takes nothing back that this event still needs.
    call.caller = undefined;
    if (crash(this.from)) {
      this.#fault(call, 'caller crashes', active);
      call.phase = 'received';
      if (call.deadline) this.kernel.remove(call.deadline);
      return true;
    }
    call.caller = caller;
    active.takeBack();
    return false;
  }

  /** The work once more, for nobody: what becomes of it concerns the callee alone. */
  #workAgain(call: Call): void {
    const { kernel } = this;
    const { method } = call;
    const unstarted = kernel.unstarted.size;
    const work = (this.#implementation as Record<string, ((request: unknown) => unknown) | undefined>)[method.name];
    if (typeof work !== 'function') return;
    kernel.under(call.seq || kernel.cause, () => {
      kernel.actingFor = this.to;
      try {
        const response = work.call(this.#implementation, call.request);
        if (isProcess(response)) {
          kernel.claim(response);
          const task = this.to.spawn(`${method.title} for ${this.from.name}, again`, response, () => {});
          task.cause = call.seq;
          task.onForgotten = () => {};
        } else if (isPromise(response)) kernel.foreign.add(`${this.to.name} (${method.title})`, response, () => {});
        else if (isStream(response)) response.cancel();
      } catch {
        // An error answers a call, and this delivery answers none.
      }
      kernel.actingFor = undefined;
      kernel.unstarted.takeAfter(unstarted);
    });
  }

  #work(call: Call, worker: object): void {
    const { kernel } = this;
    const implementation = worker as Record<string, ((request: unknown) => unknown) | undefined>;
    const { method } = call;
    const work = implementation[method.name];
    if (typeof work !== 'function') {
      this.#answer(call, this.service.error('UNIMPLEMENTED', `${this.to.name} does not implement ${method.title}`), true);
      return;
    }
    let response: unknown;
    const unstarted = kernel.unstarted.size;
    const cause = kernel.cause;
    kernel.cause = call.seq || cause;
    let threw = false;
    kernel.actingFor = this.to;
    try {
      response = work.call(implementation, call.request);
    } catch (error) {
      response = error;
      threw = true;
    }
    kernel.actingFor = undefined;
    kernel.cause = cause;
    if (isProcess(response) && !threw) kernel.claim(response);
    const made = kernel.unstarted.takeAfter(unstarted);
    if (threw || !isPromise(response)) {
      if (this.#careless(call, made)) return;
      if (threw || !isProcess(response)) {
        this.#answer(call, response, threw);
        return;
      }
      this.#armDeadline(call);
      const task = kernel.under(call.seq, () =>
        this.to.spawn(`${method.title} for ${this.from.name}`, response, (work) => {
          if (work.state === 'gone') this.#calleeGone(call);
          else this.#answer(call, work.outcome, work.state === 'failed');
        }),
      );
      task.cause = call.seq;
      task.onForgotten = (forgotten) => {
        // However it ends now: the call has its answer.
        if (this.#careless(call, forgotten)) task.onEnd = () => {};
      };
      return;
    }
    this.#armDeadline(call);
    // What the method awaits is started a moment after it was made, so that the end tells what was not.
    kernel.foreign.add(`${this.to.name} (${method.title})`, response, (value, failed) => {
      if (!this.#careless(call, [...made, ...kernel.foreign.takeMade()])) this.#answer(call, value, failed);
    });
  }

  #answer(call: Call, response: unknown, failed: boolean): void {
    writeThing(call);
    // The second answer of a doubled delivery, or one that comes after the deadline.
    if (call.phase === 'answered' || call.phase === 'received') return;
    const worked = call.phase === 'working';
    call.response = response;
    call.failed = failed;
    if (worked) {
      if (failed) call.response = checkedError(call, response);
      else {
        const wrong = brokenRule(call, 'response');
        if (wrong !== undefined) {
          call.failed = true;
          call.response = this.service.error('INTERNAL', `${this.to.name} answered outside its spec: ${wrong}`);
        }
      }
    }
    for (const active of (worked && call.faults) || NO_FAULTS) {
      if (!('loseAnswer' in active.fault.kind)) continue;
      // Nobody learns of it but whoever looks at the trace.
      this.#fault(call, 'answer lost', active, call.failed ? undefined : call.response);
      this.#armDeadline(call);
      return;
    }
    call.phase = 'answered';
    this.kernel.schedule(call, this.kernel.now);
  }

  /** The callee's code made calls and forgot to wait for them: its own mistake, so that the call fails and the run goes on. */
  #careless(call: Call, made: readonly NamedCall[]): boolean {
    const first = made.find(({ started }) => !started);
    if (first) this.#answer(call, carelessWork(call, first), true);
    return first !== undefined;
  }

  /** The callee is dead, or died at work. */
  #calleeGone(call: Call): void {
    if (this.onDeath === 'silent') this.#armDeadline(call);
    else {
      call.phase = 'sent';
      this.#answer(call, this.service.error('UNAVAILABLE', `${this.to.name} is not running`), true);
    }
  }

  /** Nobody learns of it: the caller waits until it gives up. */
  #lost(call: Call, what: string): void {
    this.#fault(call, what);
    this.#armDeadline(call, Math.min(call.method.deadline, this.#cut?.patience ?? Number.POSITIVE_INFINITY));
  }

  #armDeadline(call: Call, deadline: Micros = call.method.deadline): void {
    const { method } = call;
    if (call.deadline || deadline === Number.POSITIVE_INFINITY || !call.caller) return;
    const alarm = new Alarm(() => {
      call.phase = 'sent';
      call.failed = true;
      const late = `${method.title} on ${this.to.name}: no answer within ${formatDuration(deadline)}`;
      call.response = this.service.error('DEADLINE_EXCEEDED', late);
      this.receive(call);
    });
    call.deadline = alarm;
    this.kernel.schedule(alarm, this.kernel.now + deadline);
  }

  /** Whoever leaves out idle calls looks again: the machine of either side stands still, or goes on. */
  disturb(): void {
    this.#disturb();
  }

  #disturb(): void {
    writeThing(this);
    this.#disturbed?.set(this.#disturbed.value + 1);
  }

  #fault(call: Call, what: string, by?: ActiveFault, full?: unknown): void {
    const data = by?.fault.name === undefined ? [what] : [what, by.fault.name];
    this.kernel.record('fault', this.to.name, call.method.title, subjectOf(call), data, full, call.seq);
  }

  #record(call: Call, kind: TraceKind, actor: string, data: readonly Scalar[], full: unknown, cause: number): number {
    return this.kernel.record(kind, actor, call.method.title, subjectOf(call), data, full, cause);
  }

  #pipe(source: Stream<unknown>): Stream<unknown> {
    const pipe = new StreamPipe(this as Link, source);
    this.#pipes ??= new Set();
    this.#pipes.add(pipe);
    return pipe.target;
  }
}

/** Puts a link between an implementation and its caller and returns the caller's side. */
export function link<S>(implementation: Implementation<S>, options: LinkOptions<S>): Client<S> {
  return new Link(implementation, options).client();
}

const NO_FAULTS: readonly ActiveFault[] = [];
const NO_GATHERINGS: readonly Gathering[] = [];
