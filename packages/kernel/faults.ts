import { parseDuration, type Micros } from './time.ts';

/** What goes wrong on a link, at which arrow of a call's life. */
export type FaultKind =
  /** Refused before it is delivered: UNAVAILABLE at once, no work is done. */
  | { readonly refuse: { readonly code?: string; readonly message?: string } }
  /** An error instead of an answer; no work is done. */
  | { readonly error: { readonly code: string; readonly message?: string } }
  /** The work is done and the answer never comes: the caller meets its deadline. */
  | { readonly loseAnswer: true }
  /** Request or answer take longer. */
  | { readonly delay: string | Micros }
  /** Delivered twice: the work is done twice, the first answer counts. */
  | { readonly duplicate: true }
  /** Delivered and never worked on: the caller meets its deadline. */
  | { readonly hang: true }
  /** The callee dies before it works on the call. */
  | { readonly crash: true };

/** When a fault strikes. All conditions that are given must hold. */
export interface Fault {
  readonly kind: FaultKind;
  /** TypeScript name of the method; left out: all. */
  readonly method?: string;
  /** Strikes calls for which this holds. */
  readonly when?: (request: never) => boolean;
  /** The first calls that are spared. Heartbeats do not count. */
  readonly after?: number;
  /** Strikes at most so many calls. */
  readonly times?: number;
  /** `[1, 4]`: one call in four, by keyed chance. */
  readonly odds?: readonly [numerator: number, denominator: number];
}

/** A fault that has been set on a link, with its counts. */
export class ActiveFault {
  readonly fault: Fault;
  readonly delay: Micros;
  #seen = 0;
  #struck = 0;

  constructor(fault: Fault) {
    this.fault = fault;
    this.delay = 'delay' in fault.kind ? (typeof fault.kind.delay === 'number' ? fault.kind.delay : parseDuration(fault.kind.delay)) : 0;
  }

  /** Whether it strikes this call; counts it. `draw` is an unsigned 32-bit draw of keyed chance. */
  strikes(method: string, request: unknown, heartbeat: boolean, draw: () => number): boolean {
    const { fault } = this;
    if (fault.method !== undefined && fault.method !== method) return false;
    if (fault.when && !fault.when(request as never)) return false;
    if (!heartbeat) this.#seen += 1;
    if (fault.after !== undefined && this.#seen <= fault.after) return false;
    if (fault.times !== undefined && this.#struck >= fault.times) return false;
    if (fault.odds && draw() % fault.odds[1] >= fault.odds[0]) return false;
    this.#struck += 1;
    return true;
  }
}
