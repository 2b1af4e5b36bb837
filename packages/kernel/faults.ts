import type { Call } from './call.ts';
import { hashText } from './chance.ts';
import { subjectOf } from './link-guard.ts';
import { writeThing } from './footprint.ts';
import type { Owner } from './owner.ts';
import { type Micros, parseDuration } from './time.ts';

/** What goes wrong on a link, at which arrow of a call's life. */
export type FaultKind =
  /** Refused before it is delivered: UNAVAILABLE at once, no work is done. */
  | { readonly refuse: { readonly code?: string; readonly message?: string } }
  /** An error instead of an answer; no work is done. */
  | { readonly error: { readonly code: string; readonly message?: string } }
  /** The work is done and the answer never comes: the caller meets its deadline. */
  | { readonly loseAnswer: true }
  /** Requests take longer. */
  | { readonly delay: string | Micros }
  /** Delivered twice: the work is done twice, and the first delivery's answer counts, whichever of them answers first. */
  | { readonly duplicate: true }
  /** Delivered and never worked on: the caller meets its deadline. */
  | { readonly hang: true }
  /** The callee dies before it works on the call. A function ends it, and may see to it that it comes up again. */
  | { readonly crash: true | ((callee: Owner) => void) }
  /** The work is done, and the caller dies before it sees the answer. A function ends it; false from it: this caller cannot die. */
  | { readonly crashCaller: (caller: Owner) => boolean }
  /** Somebody else does the work: an implementation of the methods that it has. Undefined for a call: the callee works as always. */
  | { readonly stead: (call: { readonly method: string; readonly request: unknown }) => object | undefined };

/** When a fault strikes. All conditions that are given must hold. */
export interface Fault {
  readonly kind: FaultKind;
  /** What traces call it. */
  readonly name?: string;
  /** Name of the method, in small or capital letters, or whether a name in small letters is meant; left out: all. */
  readonly method?: string | ((name: string) => boolean);
  /** Strikes calls for which this holds. */
  readonly when?: (request: never) => boolean;
  /** Strikes calls whose subject is so, as traces have it. */
  readonly about?: (subject: string) => boolean;
  /** The first calls that are spared. Heartbeats count only where `method` names them: others are left out while nobody looks. */
  readonly after?: number;
  /** Strikes at most so many calls. */
  readonly times?: number;
  /** `[1, 4]`: one call in four, by keyed chance. */
  readonly odds?: readonly [numerator: number, denominator: number];
  /** What its chance is drawn by. Left out: what the fault says. Two faults with one key strike the same calls. */
  readonly key?: string;
}

/** A fault that has been set, on one link or on several, with its counts. */
export class ActiveFault {
  readonly fault: Fault;
  readonly delay: Micros;
  /** Stands for the fault in keyed chance. */
  readonly key: number;
  readonly #method: ((name: string) => boolean) | undefined;
  #seen = 0;
  #struck = 0;

  constructor(fault: Fault) {
    this.fault = fault;
    this.delay = 'delay' in fault.kind ? (typeof fault.kind.delay === 'number' ? fault.kind.delay : parseDuration(fault.kind.delay)) : 0;
    this.key = hashText(fault.key ?? contentOf(fault));
    const { method } = fault;
    const wanted = typeof method === 'string' ? method.toLowerCase() : undefined;
    this.#method = typeof method === 'function' ? method : wanted === undefined ? undefined : (name) => name === wanted;
  }

  /** How many calls it has struck. */
  get struck(): number {
    return this.#struck;
  }

  /** Whether it strikes this call; counts it. `draw` is an unsigned 32-bit draw of keyed chance. */
  strikes(call: Call, draw: () => number): boolean {
    const { fault } = this;
    if (!this.#meets(call)) return false;
    if (fault.after !== undefined && this.#seen <= fault.after) return false;
    if (fault.times !== undefined && this.#struck >= fault.times) return false;
    if (fault.odds && draw() % fault.odds[1] >= fault.odds[0]) return false;
    this.#struck += 1;
    return true;
  }

  /** Counts a call that another fault has ended before this one could strike it. */
  miss(call: Call): void {
    this.#meets(call);
  }

  /** For what strikes only now and then after all: a caller that cannot die. */
  takeBack(): void {
    writeThing(this);
    this.#struck -= 1;
  }

  #meets(call: Call): boolean {
    const { fault } = this;
    writeThing(this);
    if (this.#method !== undefined && !this.#method(call.method.name.toLowerCase())) return false;
    if (fault.when && !fault.when(call.request as never)) return false;
    if (fault.about && !fault.about(subjectOf(call) ?? '')) return false;
    if (!call.method.descriptor.heartbeat || this.#method !== undefined) this.#seen += 1;
    return true;
  }
}

/** Makes a list of faults strike; equal ones draw chances of their own. */
export function activeFaults(faults: readonly Fault[]): ActiveFault[] {
  const twins = new Map<string, number>();
  return faults.map((fault) => {
    const content = fault.key ?? contentOf(fault);
    const before = twins.get(content) ?? 0;
    twins.set(content, before + 1);
    return new ActiveFault(before === 0 ? fault : { ...fault, key: `${content}#${before}` });
  });
}

/**
 * Those that strike the call, in order; counts them. A refusal is the last: those after it only count the call.
 *
 * @param count how many calls the link has carried at this instant
 */
export function strikingFaults(faults: readonly ActiveFault[], call: Call, count: number): readonly ActiveFault[] {
  const { kernel } = call.link;
  const striking: ActiveFault[] = [];
  let isRefused = false;
  for (const active of faults) {
    if (isRefused) {
      active.miss(call);
      continue;
    }
    // Drawn by the fault's own key: setting or healing another fault moves no draw of this one.
    const draw = (): number => kernel.chance.draw(call.method.key, kernel.now, count, active.key);
    if (!active.strikes(call, draw)) continue;
    striking.push(active);
    isRefused = 'refuse' in active.fault.kind;
  }
  return striking;
}

function contentOf({ kind, method, after, times, odds }: Fault): string {
  return JSON.stringify([kind, typeof method === 'function' ? '' : method, after, times, odds]);
}
