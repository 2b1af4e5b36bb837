import { all, CallError, codeOf, Kernel, milliseconds, type Process, sleep } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BatchedLookup } from './batched-lookup.ts';

/** A cloud that knows the keys a0, a1 …, and refuses a question with any other; it takes 100 ms. */
function world(most = 500) {
  const kernel = new Kernel();
  const questions: { readonly at: number; readonly keys: readonly string[] }[] = [];
  let broken = false;
  const lookup = new BatchedLookup<{ readonly id: string }>({
    most,
    *ask(keys) {
      questions.push({ at: kernel.now / 1_000, keys });
      yield* sleep(milliseconds(100));
      if (broken) throw new CallError('InternalError', 'no');
      if (keys.some((key) => !key.startsWith('a'))) throw new CallError('NotFound', 'no');
      return keys.map((id) => ({ id }));
    },
    keyOf: ({ id }) => id,
    isUnknown: (error) => codeOf(error) === 'NotFound',
  });
  const owner = kernel.owner('driver');
  const find = function* (key: string, after = 0): Process<string | undefined> {
    yield* sleep(after);
    try {
      return (yield* lookup.find(key))?.id;
    } catch (error) {
      return codeOf(error);
    }
  };
  return {
    questions,
    find,
    breakDown: () => void (broken = true),
    run: <T>(process: Process<T>): T => kernel.complete(owner, 'test', process),
  };
}

describe('batched lookup', () => {
  test('one who asks alone is answered at once, also the next one half a second later', () => {
    const { run, find, questions } = world();
    expect(run(all([find('a1'), find('a2', milliseconds(500))]))).toEqual(['a1', 'a2']);
    expect(questions).toEqual([
      { at: 0, keys: ['a1'] },
      { at: 500, keys: ['a2'] },
    ]);
  });

  test('who asks meanwhile waits for the next question, which is for all of them', () => {
    const { run, find, questions } = world();
    const later = ['a3', 'a2', 'a3'].map((key, at) => find(key, milliseconds(100 * (at + 1))));
    expect(run(all([find('a1'), ...later]))).toEqual(['a1', 'a3', 'a2', 'a3']);
    expect(questions).toEqual([
      { at: 0, keys: ['a1'] },
      { at: 500, keys: ['a2', 'a3'] },
    ]);
  });

  test('one unknown key does not spoil the answer of the others; trouble is for all', () => {
    const { run, find, breakDown } = world();
    expect(run(all([find('a1'), find('x'), find('a2')]))).toEqual(['a1', undefined, 'a2']);
    breakDown();
    expect(run(all([find('a1'), find('a2')]))).toEqual(['InternalError', 'InternalError']);
  });

  test('whoever asks for what at whatever time gets it, within a second, and there are few questions', () => {
    const asks = fc.array(fc.record({ key: fc.constantFrom('a0', 'a1', 'a2', 'a3', 'x'), at: fc.integer({ min: 0, max: 3_000 }) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 5 }), (wishes, most) => {
        const { run, find, questions } = world(most);
        const answers = run(all(wishes.map(({ key, at }) => find(key, milliseconds(at)))));
        expect(answers).toEqual(wishes.map(({ key }) => (key === 'x' ? undefined : key)));
        for (const { keys } of questions) expect(keys.length).toBeLessThanOrEqual(most);
        if (most === 5 && wishes.every(({ key }) => key !== 'x')) expect(questions.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: 200 },
    );
  });
});
