import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Digester } from './digest.ts';

const json = fc.jsonValue({ maxDepth: 4 });

describe('digest', () => {
  it('is one of content: copies and other orders of fields have the same', () => {
    fc.assert(
      fc.property(json, (value) => {
        const reversed = (each: unknown): unknown =>
          Array.isArray(each)
            ? each.map(reversed)
            : typeof each === 'object' && each !== null
              ? Object.fromEntries(
                  Object.entries(each)
                    .reverse()
                    .map(([key, part]) => [key, reversed(part)]),
                )
              : each;
        const digester = new Digester();
        expect(digester.of(reversed(value))).toBe(digester.of(value));
        expect(new Digester().of(value)).toBe(digester.of(value));
      }),
    );
  });

  it('tells different objects apart', () => {
    const digester = new Digester();
    const values = [
      {},
      { a: 1 },
      { a: '1' },
      { a: true },
      { a: [1] },
      { a: [[1]] },
      { a: { a: 1 } },
      { b: 1 },
      { a: 1, b: 1 },
      { a: 1.5 },
      { a: -1 },
      { a: [1, 2] },
      { a: [2, 1] },
      { a: null },
    ];
    expect(new Set(values.map((value) => digester.of(value))).size).toBe(values.length);
  });
});
