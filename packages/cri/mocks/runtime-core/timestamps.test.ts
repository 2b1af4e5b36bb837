import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nanos, rfc3339NanoFull, rfc3339NanoTrimmed } from './timestamps.ts';

/** Microseconds from 1970 to 2199. */
const instant = fc.integer({ min: 0, max: 7_226_582_400_000_000 });

describe('timestamps', () => {
  it('both forms name the instant that they were made from', () => {
    fc.assert(
      fc.property(instant, (micros) => {
        const milliseconds = Math.floor(micros / 1000);
        const text = new Date(milliseconds).toISOString().slice(0, 23);
        const rest = String(micros % 1000).padStart(3, '0');
        expect(rfc3339NanoFull(micros)).toBe(`${text}${rest}000+00:00`);
        expect(new Date(rfc3339NanoTrimmed(micros)).getTime()).toBe(milliseconds);
        expect(rfc3339NanoTrimmed(micros)).toMatch(/:\d\d(\.\d*[1-9])?Z$/);
      }),
    );
  });

  it('nanoseconds are exact', () => {
    fc.assert(fc.property(instant, (micros) => nanos(micros) === BigInt(micros) * 1000n));
  });
});
