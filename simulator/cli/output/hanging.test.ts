import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hanging } from './hanging.ts';

describe('text for a terminal', () => {
  test('what fits stays as it is, with the spaces that draw something', () => {
    expect(hanging('a:  b\n    ^', 2)).toEqual(['  a:  b', '      ^']);
    expect(hanging('', 2)).toEqual([]);
  });

  test('what does not fit goes on further to the right', () => {
    const words = 'word '.repeat(30).trim();
    expect(hanging(`${words}\n  ${words}`, 0, 7).map((line) => line.search(/\S/))).toEqual([0, 7, 2, 9]);
  });

  test('no line is wider than 100 columns, and nothing is lost', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 150 })), fc.integer({ min: 0, max: 12 }), (words, indent) => {
        const lines = hanging(words.join(' '), indent);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
        expect(lines.join('').replace(/\s/g, '')).toBe(words.join('').replace(/\s/g, ''));
      }),
    );
  });
});
