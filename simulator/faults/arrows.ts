import type { Fault, FaultKind, Owner } from '@slipway/kernel';
import type { FaultDocument } from '../scenario/schema.ts';
import { type CallPattern, methodMatcher } from './call-pattern.ts';
import { matcher } from './owner-pattern.ts';

/** The arrows of a call's life, and of a watch's. */
export const ARROWS = [
  ...(['refuse', 'error', 'loseAnswer', 'delay', 'duplicate', 'hang', 'crash', 'crashCaller', 'stale'] as const),
  ...(['lag', 'coalesce', 'cut'] as const),
] as const;
export type Arrow = (typeof ARROWS)[number];

/** Those that concern watches as long as they are open, and no call. */
const ON_WATCHES: ReadonlySet<Arrow> = new Set(['lag', 'coalesce', 'cut']);

export type WatchArrow = 'lag' | 'coalesce' | 'cut';

export function isOnWatches(arrow: Arrow): arrow is WatchArrow {
  return ON_WATCHES.has(arrow);
}

/** The arrows that a fault names; a good one names one. */
export function arrowsOf(fault: Partial<Record<Arrow, unknown>>): readonly Arrow[] {
  return ARROWS.filter((arrow) => fault[arrow] !== undefined);
}

/** The one arrow of a fault. @throws Error for none. */
export function arrowOf(fault: Partial<Record<Arrow, unknown>>): Arrow {
  const [arrow] = arrowsOf(fault);
  if (!arrow) throw new Error(`the fault does nothing: say one of ${ARROWS.join(', ')}`);
  return arrow;
}

/** What faults need of the world. */
export interface Means {
  /** Ends a callee, and sees to it that it comes up again. */
  readonly crash: (callee: Owner) => void;
  /** Ends a caller, and sees to it that it comes up again; false for one that cannot. */
  readonly crashCaller: (caller: Owner) => boolean;
  /** Who answers a call of the API server from what was; undefined: nobody but the server. */
  readonly stead: (call: { readonly method: string; readonly request: unknown }) => object | undefined;
}

/** The same fault as links know it. */
export function kernelFault(
  fault: Omit<FaultDocument, 'node'>,
  options: { readonly name: string; readonly key: string; readonly pattern: CallPattern } & Means,
): Fault {
  const { about, after, times, rate } = fault;
  const { name, key, pattern } = options;
  const method = methodMatcher(pattern);
  return {
    kind: kindOf(fault, options),
    name,
    key,
    ...(method === undefined ? {} : { method }),
    ...(about === undefined ? {} : { about: matcher(about) }),
    ...(after === undefined ? {} : { after }),
    ...(times === undefined ? {} : { times }),
    ...(rate === undefined ? {} : { odds: oddsOf(rate) }),
  };
}

/** A rate as a ratio of integers: equal on every machine. */
export function oddsOf(rate: number | string): readonly [numerator: number, denominator: number] {
  if (typeof rate === 'number') return [Math.round(rate * MILLION), MILLION];
  const [numerator = 0, denominator = 1] = rate.split('/').map(Number);
  return [numerator, denominator];
}

const MILLION = 1_000_000;

function kindOf(fault: Omit<FaultDocument, 'node'>, { crash, crashCaller, stead }: Means): FaultKind {
  const arrow = arrowOf(fault);
  switch (arrow) {
    case 'refuse': {
      const { code, message } = typeof fault.refuse === 'object' ? fault.refuse : {};
      return { refuse: { ...(code === undefined ? {} : { code }), ...(message === undefined ? {} : { message }) } };
    }
    case 'error': {
      const { code, message } = typeof fault.error === 'object' ? fault.error : { code: fault.error ?? 'UNKNOWN' };
      return { error: { code: String(code), ...(message === undefined ? {} : { message }) } };
    }
    case 'delay':
      return { delay: fault.delay ?? 0 };
    case 'crash':
      return { crash };
    case 'crashCaller':
      return { crashCaller };
    case 'stale':
      return { stead };
    case 'loseAnswer':
      return { loseAnswer: true };
    case 'duplicate':
      return { duplicate: true };
    default:
      // What lags, is gathered or cut is a watch, and no call.
      return { hang: true };
  }
}
