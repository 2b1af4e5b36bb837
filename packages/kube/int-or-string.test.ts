import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentOf, scaledValue } from './int-or-string.ts';

describe('int or string', () => {
  it('scaledValue: numbers stay, percentages round as the caller says', () => {
    expect(scaledValue(3, 10, 'up')).toBe(3);
    expect([scaledValue('25%', 10, 'up'), scaledValue('25%', 10, 'down')]).toEqual([3, 2]);
    expect([scaledValue('100%', 7, 'up'), scaledValue('0%', 7, 'up')]).toEqual([7, 0]);
  });

  it('scaledValue: a text that is no percentage is refused', () => {
    expect(() => scaledValue('many', 10, 'up')).toThrow('invalid value for IntOrString');
    expect(percentOf('25')).toBeUndefined();
    expect(percentOf('25%')).toBe(25);
  });

  it('property: both ways are less than one apart and enclose the exact share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 100_000 }), (percent, total) => {
        const [up, down] = [scaledValue(`${percent}%`, total, 'up'), scaledValue(`${percent}%`, total, 'down')];
        expect(up * 100).toBeGreaterThanOrEqual(percent * total);
        expect(down * 100).toBeLessThanOrEqual(percent * total);
        expect(up - down).toBe((percent * total) % 100 === 0 ? 0 : 1);
      }),
    );
  });
});
