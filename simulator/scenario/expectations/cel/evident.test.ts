import { Environment, type ASTNode } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { evident } from './evident.ts';

const environment = new Environment().registerVariable('xs', 'list').registerVariable('a', 'bool').registerVariable('n', 'int');
const read = (text: string): ASTNode => environment.parse(text).ast;

/** Expressions over a list, a truth and a number. */
const { truth } = fc.letrec<{ truth: string; number: string }>((tie) => ({
  number: fc.oneof(fc.constantFrom('n', 'xs.size()', 'size(xs)'), fc.integer({ min: 0, max: 3 }).map(String)),
  truth: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'true', 'false'),
    fc.tuple(tie('truth'), fc.constantFrom('&&', '||'), tie('truth')).map(([left, op, right]) => `(${left} ${op} ${right})`),
    tie('truth').map((inner) => `!(${inner})`),
    fc
      .tuple(tie('number'), fc.constantFrom('==', '!=', '<', '<=', '>', '>='), tie('number'))
      .map(([left, op, right]) => `(${left} ${op} ${right})`),
    fc.tuple(fc.constantFrom('all', 'exists'), tie('truth')).map(([macro, body]) => `xs.${macro}(x, ${body})`),
    fc.tuple(tie('truth'), tie('truth'), tie('truth')).map(([one, two, three]) => `(${one} ? ${two} : ${three})`),
  ),
}));

describe('evident', () => {
  it('what is said to be always so is so, whatever the values are', () => {
    fc.assert(
      fc.property(truth, fc.array(fc.integer(), { maxLength: 3 }), fc.boolean(), fc.integer({ min: 0, max: 3 }), (text, xs, a, n) => {
        const answer = evident(read(text));
        if (answer) expect(environment.evaluate(text, { xs, a, n: BigInt(n) })).toBe(answer.value);
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['a || !a', true],
  ['!a && a', false],
  ['0 <= xs.size()', true],
  ['xs.size() != -1', true],
  ['xs.size() > 0', undefined],
  ['xs.exists(x, false)', false],
  ['xs.exists(x, true)', undefined],
  ['a ? true : true', true],
  ['n >= n', true],
  ['n < n', false],
  ['3 < 4', true],
  ['"x" == "y"', false],
])('evident: %s is always %s', (text, value) => {
  expect(evident(read(text))?.value).toBe(value);
});
