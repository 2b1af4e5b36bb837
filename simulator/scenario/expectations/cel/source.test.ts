import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { celSource } from './source.ts';

test.each([
  ['a == $lost', 'a == _lost', ['lost']],
  ['a == ${lost} && b', 'a == _lost   && b', ['lost']],
  ['a == "$lost"', 'a == _lost  ', ['lost']],
  ["a == '${lost}'", 'a == _lost    ', ['lost']],
  ['a.matches("^x$")', 'a.matches("^x$")', []],
  ['a == "$$lost"', 'a == "$$lost"', []],
  ['a // of $lost', 'a // of $lost', []],
])('source: %s becomes %s', (original, text, variables) => {
  expect(celSource(original)).toMatchObject({ text, variables, mixed: [] });
});

it('source: a variable within other text is told', () => {
  expect(celSource('a == "x-$lost"').mixed).toEqual([{ literal: '"x-$lost"', variable: 'lost' }]);
});

it('source: places stay where they are', () => {
  const part = fc.constantFrom('$lost', '${x}', '"$lost"', '"text"', 'pods', ' && ', '"a\\"$b"', "'", '"', '$', '//', '\n');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const original = parts.join('');
      expect(celSource(original).text).toHaveLength(original.length);
    }),
  );
});
