import type { Fault, FaultKind, Owner } from '@slipway/kernel';
import type { FaultDocument } from '../scenario/schema.ts';
import type { CallPattern } from './call-pattern.ts';
import { matcher } from './owner-pattern.ts';

/** The arrows of a call's life, and of a watch's. */
export const ARROWS = ['refuse', 'error', 'loseAnswer', 'delay', 'duplicate', 'hang', 'crash', 'lag', 'cut'] as const;
export type Arrow = (typeof ARROWS)[number];

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

/** The same fault as links know it. */
export function kernelFault(
  fault: Omit<FaultDocument, 'node'>,
  options: { readonly name: string; readonly key: string; readonly pattern: CallPattern; readonly crash: (callee: Owner) => void },
): Fault {
  const { about, after, times, rate } = fault;
  const { name, key, pattern, crash } = options;
  return {
    kind: kindOf(fault, crash),
    name,
    key,
    ...(pattern.method === undefined ? {} : { method: pattern.method }),
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

function kindOf(fault: Omit<FaultDocument, 'node'>, crash: (callee: Owner) => void): FaultKind {
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
    case 'loseAnswer':
      return { loseAnswer: true };
    case 'duplicate':
      return { duplicate: true };
    default:
      // What lags or is cut is a watch, and no call.
      return { hang: true };
  }
}
