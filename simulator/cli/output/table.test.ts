import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { table } from './table.ts';

const long = 'what it is and what it does when there is more to say of it than a line of a terminal has room for';

describe('a table', () => {
  test('that fits is as wide as its cells, its columns three spaces apart', () => {
    expect(table(['name', 'what'], [['a', 'first']])).toBe('NAME   WHAT\na      first');
  });

  test('that is too wide is wrapped where it is widest, and names stay whole', () => {
    const lines = table(['name', 'kind', 'what'], [['a-name-of-thirty-characters-or-so', 'string', long]]).split('\n');
    expect(lines[1]).toMatch(/^a-name-of-thirty-characters-or-so {3}string {3}what it is/);
    expect(lines[2]).toMatch(/^ {45}\S/);
  });

  test('is never wider than 100 columns, and loses nothing', () => {
    const cell = fc.string({ maxLength: 120 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 4 }), (rows) => {
        const text = table(['one', 'two', 'three'], rows);
        for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
        const letters = (of: string): string => [...of.replace(/\s/g, '')].sort().join('');
        expect(letters(text)).toBe(letters(`ONETWOTHREE${rows.flat().join('')}`));
      }),
    );
  });
});
