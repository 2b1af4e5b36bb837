import type { IntOrString } from './types/index.ts';

/** A text that is no percentage where one is wanted. */
export class IntOrStringError extends Error {
  readonly code = 'InvalidPercent';
  constructor(value: string) {
    super(`invalid value for IntOrString: invalid type: string is not a percentage: ${JSON.stringify(value)}`);
    this.name = 'IntOrStringError';
  }
}

/** The number before `%`, or `undefined` when the text is no percentage. */
export function percentOf(value: IntOrString): number | undefined {
  const match = typeof value === 'string' ? /^([+-]?\d+)%$/.exec(value) : null;
  return match === null ? undefined : Number(match[1]);
}

/**
 * A number as it is, a percentage of `total` rounded up or down.
 *
 * @throws IntOrStringError InvalidPercent. Source: apimachinery `util/intstr` GetScaledValueFromIntOrPercent
 */
export function scaledValue(value: IntOrString, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const percent = percentOf(value);
  if (percent === undefined) throw new IntOrStringError(value);
  // Upstream multiplies before it divides, in float64; the order decides the last bit.
  const exact = (percent * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
