import { Call } from './call.ts';
import { Cell } from './cell.ts';
import { hashText } from './chance.ts';
import {
  codeOf,
  type Implementation,
  type Client,
  type LinkCode,
  type MethodDescriptor,
  messageOf,
  type Rule,
  type Scalar,
  type Service,
} from './contract.ts';
import { Alarm } from './effects.ts';
import { ActiveFault, type Fault } from './faults.ts';
import type { Kernel } from './kernel.ts';
import { drawLatency, type Latency, parseSpan, type Range } from './latency.ts';
import type { Owner } from './owner.ts';
import { isProcess, isPromise } from './process.ts';
import { isStream, Stream } from './stream.ts';
import { StreamPipe } from './stream-pipe.ts';
import { formatDuration, type Micros } from './time.ts';
import type { TraceKind } from './trace-record.ts';

export interface LinkOptions<S> {
  readonly service: Service<S>;
  readonly from: Owner;
  readonly to: Owner;
  /** Time between sending and the work, per method. Left out: none. */
  readonly latency?: Latency | undefined;
  readonly faults?: readonly Fault[] | undefined;
  /** What the caller meets when the callee has died: an error at once (socket, exec) or silence until the deadline (network). */
  readonly onDeath?: 'unavailable' | 'silent' | undefined;
}

/** One method as the link runs it. */
export interface LinkMethod {
  readonly name: string;
  /** `cri.RuntimeService/RunPodSandbox`. */
  readonly title: string;
  readonly descriptor: MethodDescriptor<unknown, unknown>;
  readonly range: Range;
  readonly deadline: Micros;
  readonly key: number;
  /** Counts down how many more calls note where they are made; one count for all links of the service. */
  readonly places: { left: number };
}

/** How a client names the link behind it, in any copy of this package. */
const LINK = Symbol.for('@slipway/kernel/link');
/** Codes that any link may answer with, whatever the spec's list says. */
const LINK_CODES: ReadonlySet<string> = new Set(['UNAVAILABLE', 'DEADLINE_EXCEEDED', 'UNIMPLEMENTED', 'CANCELLED', 'UNKNOWN']);

/**
 * Where a caller and an implementation meet: the only place that adds latency, injects faults, checks the spec's rules and records the
 * call. The work is done on behalf of the callee's owner; the caller only waits.
 */
export class Link<S = unknown> {
  readonly kernel: Kernel;
  readonly service: Service<S>;
  readonly from: Owner;
  readonly to: Owner;
  readonly onDeath: 'unavailable' | 'silent';
  /** How far a stream's items lag behind. */
  streamLag: Micros = 0;
  #implementation: object;
  readonly #methods = new Map<string, LinkMethod>();
  readonly #latency: Latency;
  readonly #key: number;
  #faults: ActiveFault[] = [];
  #pipes: Set<StreamPipe> | undefined;
  #disturbed: Cell<number> | undefined;
  #instant = -1;
  #instantCalls = 0;

  constructor(implementation: Implementation<S>, options: LinkOptions<S>) {
    this.kernel = options.to.kernel;
    this.service = options.service;
    this.from = options.from;
    this.to = options.to;
    this.onDeath = options.onDeath ?? 'unavailable';
    this.#implementation = implementation as object;
    this.#latency = options.latency ?? {};
    this.#key = hashText(`${options.from.name}>${options.to.name}:${options.service.name}`);
    if (options.faults) this.faults = options.faults;
  }

  /** True while nothing but the callee's own state can make an idle call differ: no fault is set. */
  get quiet(): boolean {
    return this.#faults.length === 0 && this.to.alive;
  }

  /** Sets what goes wrong from now on; an empty list heals the link. */
  set faults(faults: readonly Fault[]) {
    this.#faults = faults.map((fault) => new ActiveFault(fault));
    this.#disturbed?.set(this.#faults.length);
  }

  /** Changes whenever faults are set or healed: whoever leaves out idle calls while the link is `quiet` waits for this too. */
  get disturbed(): Cell<number> {
    this.#disturbed ??= new Cell(this.#faults.length);
    return this.#disturbed;
  }

  /** Who answers from now on: after a crash, the implementation that was made anew. */
  serve(implementation: Implementation<S>): void {
    this.#implementation = implementation as object;
  }

  /** Cuts every open stream, as a broken connection does. */
  cutStreams(): void {
    for (const pipe of [...(this.#pipes ?? [])]) pipe.cut();
  }

  /** The caller's side. One object per link; its methods are shared by all links of the service. */
  client(): Client<S> {
    const prototype = clientPrototype(this.service);
    const client = Object.create(prototype) as Record<symbol, unknown>;
    client[LINK] = this;
    return client as Client<S>;
  }

  method(name: string): LinkMethod {
    let method = this.#methods.get(name);
    if (!method) {
      const { service } = this;
      const descriptor = (service.methods as Record<string, MethodDescriptor<unknown, unknown>>)[name] as MethodDescriptor<
        unknown,
        unknown
      >;
      const deadline = descriptor.deadline === undefined ? service.deadline : (descriptor.deadline ?? Number.POSITIVE_INFINITY);
      const span = this.#latency[name] ?? this.#latency['*'] ?? 0;
      const title = methodTitle(service, name);
      method = {
        name,
        title,
        descriptor,
        range: parseSpan(span),
        deadline,
        key: hashText(name, this.#key),
        places: this.kernel.placesOf(title),
      };
      this.#methods.set(name, method);
    }
    return method;
  }

  send(call: Call): void {
    const { kernel } = this;
    const { method } = call;
    kernel.calls.set(this.service.interface, (kernel.calls.get(this.service.interface) ?? 0) + 1);
    if (this.#instant !== kernel.now) {
      this.#instant = kernel.now;
      this.#instantCalls = 0;
    }
    this.#instantCalls += 1;
    if (!method.descriptor.heartbeat)
      call.seq = this.#record(call, 'call', this.from.name, summaryOf(call, undefined), call.request, kernel.cause);
    call.phase = 'sent';
    let latency = drawLatency(kernel, method.range, method.key, this.#instantCalls);
    for (const active of this.#faults.length === 0 ? NO_FAULTS : this.#striking(call)) {
      const { kind } = active.fault;
      if ('refuse' in kind) {
        this.#fault(call, 'refused');
        this.#answer(
          call,
          this.service.error((kind.refuse.code ?? 'UNAVAILABLE') as LinkCode, kind.refuse.message ?? 'connection refused'),
          true,
        );
        return;
      }
      if ('delay' in kind) latency += active.delay;
      else (call.faults ??= []).push(active);
    }
    if (latency >= method.deadline) this.#armDeadline(call);
    kernel.schedule(call, kernel.now + latency);
  }

  deliver(call: Call): void {
    if (!this.to.alive) {
      this.#calleeGone(call);
      return;
    }
    const wrong = this.#brokenRule(call, 'request');
    if (wrong !== undefined) {
      this.#answer(call, this.service.error('INVALID_ARGUMENT', wrong), true);
      return;
    }
    let twice = false;
    for (const active of call.faults ?? NO_FAULTS) {
      const { kind } = active.fault;
      if ('error' in kind) {
        this.#fault(call, `error ${kind.error.code}`);
        this.#answer(call, this.service.error(kind.error.code as LinkCode, kind.error.message ?? 'injected by a fault'), true);
        return;
      }
      if ('hang' in kind) {
        this.#fault(call, 'hangs');
        this.#armDeadline(call);
        return;
      }
      if ('crash' in kind) {
        this.#fault(call, 'callee crashes');
        this.to.kill();
        this.#calleeGone(call);
        return;
      }
      if ('duplicate' in kind) twice = true;
    }
    call.phase = 'working';
    this.#work(call);
    if (twice) {
      this.#fault(call, 'delivered twice');
      this.#work(call);
    }
  }

  receive(call: Call): void {
    const { kernel } = this;
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

  #work(call: Call): void {
    const { kernel } = this;
    const implementation = this.#implementation as Record<string, ((request: unknown) => unknown) | undefined>;
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
    try {
      response = work.call(implementation, call.request);
    } catch (error) {
      kernel.cause = cause;
      this.#answer(call, error, true);
      return;
    }
    if (isProcess(response)) kernel.claim(response);
    if (kernel.unstarted.size > unstarted) kernel.fail(kernel.unstarted.forgotten(`${method.title} of ${this.to.name}`, kernel.now));
    kernel.cause = cause;
    if (isProcess(response)) {
      this.#armDeadline(call);
      const task = kernel.under(call.seq, () =>
        this.to.spawn(`${method.title} for ${this.from.name}`, response, (work) => {
          if (work.state === 'done') this.#answer(call, work.outcome, false);
          else if (work.state === 'failed') this.#answer(call, work.outcome, true);
          else this.#calleeGone(call);
        }),
      );
      task.cause = call.seq;
      return;
    }
    if (isPromise(response)) {
      kernel.foreign.add(`${this.to.name} (${method.title})`, response, (value, failed) => this.#answer(call, value, failed));
      return;
    }
    this.#answer(call, response, false);
  }

  #answer(call: Call, response: unknown, failed: boolean): void {
    // The second answer of a doubled delivery, or one that comes after the deadline.
    if (call.phase === 'answered' || call.phase === 'received') return;
    const worked = call.phase === 'working';
    call.response = response;
    call.failed = failed;
    if (worked) {
      if (failed) this.#checkError(call, response);
      else {
        const wrong = this.#brokenRule(call, 'response');
        if (wrong !== undefined) {
          call.failed = true;
          call.response = this.service.error('INTERNAL', `${this.to.name} answered outside its spec: ${wrong}`);
        }
      }
    }
    let delay = 0;
    for (const active of (worked && call.faults) || NO_FAULTS) {
      if ('loseAnswer' in active.fault.kind) {
        this.#fault(call, 'answer lost');
        this.#armDeadline(call);
        return;
      }
      delay += active.delay;
    }
    call.phase = 'answered';
    this.kernel.schedule(call, this.kernel.now + delay);
  }

  /** The callee is dead, or died at work. */
  #calleeGone(call: Call): void {
    if (this.onDeath === 'silent') this.#armDeadline(call);
    else {
      call.phase = 'sent';
      this.#answer(call, this.service.error('UNAVAILABLE', `${this.to.name} is not running`), true);
    }
  }

  #armDeadline(call: Call): void {
    const { method } = call;
    if (call.deadline || method.deadline === Number.POSITIVE_INFINITY || !call.caller) return;
    const alarm = new Alarm(() => {
      call.phase = 'sent';
      call.failed = true;
      call.response = this.service.error(
        'DEADLINE_EXCEEDED',
        `${method.title} on ${this.to.name}: no answer within ${formatDuration(method.deadline)}`,
      );
      this.receive(call);
    });
    call.deadline = alarm;
    this.kernel.schedule(alarm, this.kernel.now + method.deadline);
  }

  *#striking(call: Call): Generator<ActiveFault> {
    const { kernel } = this;
    for (const [index, active] of this.#faults.entries()) {
      const draw = (): number => kernel.chance.draw(call.method.key, kernel.now, this.#instantCalls, 100 + index);
      if (active.strikes(call.method.name, call.request, call.method.descriptor.heartbeat === true, draw)) yield active;
    }
  }

  #brokenRule(call: Call, side: 'request' | 'response'): string | undefined {
    const { method, request, response } = call;
    const misshapen = side === 'response' && (response === null || typeof response !== 'object') && response !== undefined;
    if (misshapen)
      return this.#breach(call, 'plugin', 'link.response-object', undefined, `the answer is ${JSON.stringify(response)}, not an object`);
    for (const rule of method.descriptor.guard?.rules ?? NO_RULES) {
      let wrong: string | undefined;
      try {
        wrong = side === 'request' ? rule.request?.(request) : rule.response?.(request, response);
      } catch (error) {
        wrong = `the ${side} has not the shape that the rule reads (${messageOf(error)})`;
      }
      if (wrong !== undefined) return this.#breach(call, side === 'request' ? 'caller' : 'plugin', rule.id, rule.source, wrong);
    }
    return undefined;
  }

  #checkError(call: Call, error: unknown): void {
    const code = codeOf(error);
    const { codes } = call.method.descriptor.guard ?? {};
    const hasCode = typeof error === 'object' && error !== null && 'code' in error;
    if (!hasCode) {
      call.response = this.service.error('UNKNOWN', messageOf(error));
      // Some specs take a plain error for an answer; a TypeError is a mistake under any.
      const plain = error instanceof Error && error.name === 'Error';
      if (plain && codes && 'allows' in codes && codes.allows('UNKNOWN')) return;
      this.#breach(
        call,
        'plugin',
        'link.typed-error',
        undefined,
        `it threw ${error instanceof Error ? `${error.name}: ${error.message}` : JSON.stringify(error)}, which is none of the spec's errors`,
      );
    } else if (codes && !LINK_CODES.has(code) && !('allows' in codes ? codes.allows(code) : codes.includes(code))) {
      this.#breach(
        call,
        'plugin',
        'link.allowed-code',
        undefined,
        `it answered ${code}; the spec allows ${'allows' in codes ? codes.text : codes.join(', ')}`,
      );
    }
  }

  #breach(call: Call, side: 'caller' | 'plugin', rule: string, source: string | undefined, message: string): string {
    const { kernel } = this;
    const culprit = side === 'caller' ? this.from.name : this.to.name;
    const seq = kernel.record('fault', culprit, call.method.title, subjectOf(call), ['breach', rule, message], undefined, call.seq);
    kernel.events.emit('breach', {
      at: kernel.now,
      culprit,
      side,
      call: call.method.title,
      rule,
      source,
      message,
      request: call.request,
      response: call.response,
      seq,
    });
    return message;
  }

  #fault(call: Call, what: string): void {
    this.kernel.record('fault', this.to.name, call.method.title, subjectOf(call), [what], undefined, call.seq);
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

/** The link behind a client, or undefined for a client that was made by hand. */
export function linkOf<S>(client: Client<S>): Link<S> | undefined {
  return (client as unknown as Record<symbol, Link<S> | undefined>)[LINK];
}

/** True while the link behind the client could be left unused without anyone noticing. */
export function isQuiet(client: unknown): boolean {
  return linkOf(client as Client<unknown>)?.quiet ?? false;
}

/** `cri.RuntimeService/RunPodSandbox`: interface, last part of the service's name, method with a capital. */
export function methodTitle(service: { readonly interface: string; readonly name: string }, method: string): string {
  const short = service.name.slice(service.name.lastIndexOf('.') + 1);
  return `${service.interface}.${short}/${method[0]?.toUpperCase()}${method.slice(1)}`;
}

function clientPrototype<S>(service: Service<S>): object {
  const holder = service as { clientPrototype?: object };
  if (!holder.clientPrototype) {
    const prototype: Record<string, unknown> = {};
    for (const name of Object.keys(service.methods)) {
      prototype[name] = function (this: Record<symbol, Link>, request: unknown): Call {
        const behind = this[LINK] as Link;
        return new Call(behind, behind.method(name), request);
      };
    }
    Object.defineProperty(holder, 'clientPrototype', { value: prototype });
  }
  return holder.clientPrototype as object;
}

function summaryOf(call: Call, response: unknown): readonly Scalar[] {
  const { summary } = call.method.descriptor;
  if (!summary) return NOTHING;
  try {
    return summary(call.request, response);
  } catch {
    // A request or answer of the wrong shape is the guard's business, not the trace's.
    return NOTHING;
  }
}

function subjectOf(call: Call): string | undefined {
  try {
    return call.method.descriptor.subject?.(call.request);
  } catch {
    return undefined;
  }
}

const NOTHING: readonly Scalar[] = [];
const NO_FAULTS: readonly ActiveFault[] = [];
const NO_RULES: readonly Rule<unknown, unknown>[] = [];
