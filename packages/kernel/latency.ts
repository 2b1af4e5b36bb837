import type { Kernel } from './kernel.ts';
import { parseDuration, type Micros } from './time.ts';

/** A span, or a range from which exploration draws: `2ms`, `8ms..20ms`, or microseconds. */
export type Span = string | Micros | { readonly min: Micros; readonly max: Micros };

/** Virtual time per method, by its TypeScript name; `*` for all others. */
export type Latency = { readonly [method: string]: Span };

export interface Range {
  readonly min: Micros;
  readonly max: Micros;
}

/** @throws RangeError for text that is no span. */
export function parseSpan(span: Span): Range {
  if (typeof span === 'number') return { min: span, max: span };
  if (typeof span === 'object') return span;
  const [low, high, ...rest] = span.split('..');
  const min = parseDuration(low ?? '');
  const max = high === undefined ? min : parseDuration(high);
  if (rest.length > 0 || max < min) throw new RangeError(`"${span}" is no span of time: write for example 2ms or 8ms..20ms`);
  return { min, max };
}

/** One in how many calls is slow when heavy tails are explored, and how many times its range at the most. */
const TAIL_ODDS = 32;
const TAIL_FACTOR = 50;

/** What one call takes: the midpoint, unless chance is explored. */
export function drawLatency(kernel: Kernel, range: Range, key: number, count: number): Micros {
  const { jitter, heavyTail } = kernel.exploration;
  if (!jitter && !heavyTail) return Math.round((range.min + range.max) / 2);
  const { chance, now } = kernel;
  const draw = chance.draw(key, now, count, 1);
  const base = jitter ? chance.between(range.min, range.max, draw) : Math.round((range.min + range.max) / 2);
  if (!heavyTail) return base;
  const tail = chance.draw(key, now, count, 2);
  return tail % TAIL_ODDS === 0 ? base * chance.between(2, TAIL_FACTOR, chance.draw(key, now, count, 3)) : base;
}
