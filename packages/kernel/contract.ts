import type { Process } from './process.ts';
import type { Micros } from './time.ts';

// Both sides of a contract follow from it. A contract is an interface of methods with one request and one plain response.

/** What a plugin author writes: each method may return the response, a process of it, or a promise of it. */
export type Implementation<S> = {
  [M in keyof S]: S[M] extends ((request: infer Q) => infer R) | undefined
    ? Exclude<S[M], undefined> extends never
      ? never
      : ((request: Q) => R | Process<R> | Promise<R>) | Extract<S[M], undefined>
    : never;
};

/** What a caller holds: each method returns a process of the response. Methods that an implementation leaves out answer UNIMPLEMENTED. */
export type Client<S> = {
  readonly [M in keyof S]-?: Exclude<S[M], undefined> extends (...request: infer Q) => infer R ? (...request: Q) => Process<R> : never;
};

/** What a plugin written with `async` holds instead. */
export type AsyncClient<S> = {
  readonly [M in keyof S]-?: Exclude<S[M], undefined> extends (...request: infer Q) => infer R ? (...request: Q) => Promise<R> : never;
};

/** One demand of a spec on a call. Each check returns what is wrong, or undefined. */
export interface Rule<Q, R> {
  /** Stable name, such as `cri.run-pod-sandbox.config-required`. */
  readonly id: string;
  /** Spec section by title. */
  readonly source: string;
  readonly request?: (request: Q) => string | undefined;
  readonly response?: (request: Q, response: R) => string | undefined;
}

/** What the link checks around one method. */
export interface Guard<Q, R> {
  readonly rules?: readonly Rule<Q, R>[];
  /** Error codes that the spec allows; others are the plugin's fault. Left out: any. The link's own codes are always allowed. */
  readonly codes?: readonly string[] | AllowedCodes;
}

/** Codes that are too many to list. */
export interface AllowedCodes {
  allows(code: string): boolean;
  /** Which they are, for people: `1 to 11, 50, 51 and 100 upwards`. */
  readonly text: string;
}

/** A value that may stand in a trace line's `data`. */
export type Scalar = string | number | boolean;

/** All that the link must know of one method beyond its types. */
export interface MethodDescriptor<Q = never, R = unknown> {
  readonly guard?: Guard<Q, R>;
  /** Longest wait of a caller. Left out: the service's default. `null`: no deadline. */
  readonly deadline?: Micros | null;
  /** What the trace line says of the call (response is undefined) and of the answer: ids and codes, never whole objects. */
  readonly summary?: (request: Q, response: R | undefined) => readonly Scalar[];
  /** The object that the call is about, as `namespace/name` or an id. */
  readonly subject?: (request: Q) => string | undefined;
  /** A heartbeat is counted but is no trace event unless it fails. */
  readonly heartbeat?: boolean;
  /** A plugin may leave it out; the link then answers UNIMPLEMENTED. */
  readonly optional?: boolean;
  /** Spec section by title, for `slipway explain` and docs. */
  readonly source?: string;
}

type Methods<S> = {
  readonly [M in keyof S]-?: Exclude<S[M], undefined> extends (...request: infer Q) => infer R
    ? MethodDescriptor<Q extends [infer Only] ? Only : void, R> & (undefined extends S[M] ? { readonly optional: true } : unknown)
    : never;
};

/** An interface is gone at run time; its descriptor is what stays. Complete by type: each method has its entry. */
export interface Service<S> {
  /** Full name as the spec writes it: `runtime.v1.RuntimeService`. */
  readonly name: string;
  /** The interface it belongs to: `cri`, `cni`, `oci`, `api` …: calls are counted by it and trace names begin with it. */
  readonly interface: string;
  readonly methods: Methods<S>;
  readonly deadline: Micros;
  /** Makes the spec's error for what the link itself has to say. */
  readonly error: (code: LinkCode, message: string) => Error;
}

/** gRPC's status codes but OK, for the standards that speak it. Source: grpc/grpc "Status codes and their use in gRPC". */
export type GrpcCode =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

/** What a link says on its own behalf, in gRPC's words. */
export type LinkCode = 'UNAVAILABLE' | 'DEADLINE_EXCEEDED' | 'UNIMPLEMENTED' | 'INVALID_ARGUMENT' | 'INTERNAL' | 'UNKNOWN';

/** A failed call. Callers branch on `code`, never on `message` or `instanceof`. */
export class CallError extends Error {
  override readonly name: string = 'CallError';
  readonly code: string;
  /**
   * Whether the code is of no interface but of what a callee stands on, such as a disk that is full. A plugin that lets it through
   * answers `UNKNOWN`, as gRPC's servers and the skeleton of CNI have it with an error that carries no status.
   */
  readonly isForeign?: boolean;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The code of any error that has one, as text; `UNKNOWN` otherwise, as gRPC has it. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : 'UNKNOWN';
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Declares a service. Usage: `service<RuntimeService>('runtime.v1.RuntimeService', { interface: 'cri', deadline: minutes(2) }, { version: {…} })`. */
export function service<S>(
  name: string,
  options: { readonly interface: string; readonly deadline: Micros; readonly error?: (code: LinkCode, message: string) => Error },
  methods: Methods<S>,
): Service<S> {
  return {
    name,
    interface: options.interface,
    deadline: options.deadline,
    error: options.error ?? ((code, message) => new CallError(code, message)),
    methods,
  };
}

declare const typed: unique symbol;
/** A registered symbol that remembers what it stands for; registered, because a visitor's plugin may load its own copy of a package. */
export type Token<T> = symbol & { readonly [typed]?: T };

/** `token<Implementation<RuntimeService>>('@slipway/cri/RuntimeService')`. */
export function token<T>(name: string): Token<T> {
  return Symbol.for(name) as Token<T>;
}

/** One case that every implementation of an interface passes, ours or a visitor's; run without a test runner. */
export interface ConformanceCase<Subject> {
  /** Stable name, such as `cni.add.unique-address`. */
  readonly id: string;
  /** `subject: what holds`. */
  readonly title: string;
  /** Spec section and the upstream suite's case. */
  readonly source: string;
  /** Throws (see `must`) when the implementation does not hold; returns 'skip' with a reason when the case does not apply to it. */
  run(connect: () => Subject | Promise<Subject>): Promise<void | { readonly skipped: string }>;
}

/** Fails a conformance case with the truth that did not hold. */
export function must(holds: boolean, truth: string): asserts holds {
  if (!holds) throw new Error(`expected: ${truth}`);
}

/** A broken invariant of Slipway's own: stops the run. */
export function invariant(holds: unknown, message: string): asserts holds {
  if (!holds) throw new Error(`invariant broken: ${message}`);
}
