import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explain, type Told } from './explain.ts';
import type { Heard, Possible } from './model.ts';

/** One number that can be read and written. */
interface Act {
  readonly write?: number;
}

const register = {
  start: 0,
  print: ({ write }: Act) => (write === undefined ? 'read' : `write ${write}`),
  after(state: number, { write }: Act, heard: Heard<number>): Possible<number> {
    if (heard.as === 'refusal') return 'nothing is refused';
    if (write !== undefined) return [write];
    return heard.as === 'lost' || heard.answer === state ? [state] : `it is ${state}, not ${heard.answer}`;
  },
};

const told = (client: number | undefined, act: Act, answer: number | 'lost', sent: number, back: number): Told<Act, number> => ({
  client,
  act,
  heard: answer === 'lost' ? { as: 'lost', code: 'UNAVAILABLE' } : { as: 'answer', answer },
  sent,
  back: answer === 'lost' ? Number.POSITIVE_INFINITY : back,
});

describe('explain', () => {
  it('calls at once: any order will do, but the same for all', () => {
    const writes = [told(0, { write: 1 }, 0, 1, 10), told(1, { write: 2 }, 0, 2, 11)];
    for (const seen of [1, 2]) explain(register, [...writes, told(undefined, {}, seen, 12, 13), told(undefined, {}, seen, 14, 15)]);
    expect(() => explain(register, [...writes, told(undefined, {}, 1, 12, 13), told(undefined, {}, 2, 14, 15)])).toThrow('it is 1, not 2');
  });

  it('calls in turn: an old value is not explained, and the message names who was beside', () => {
    const story = [told(0, { write: 1 }, 0, 1, 2), told(1, { write: 2 }, 0, 3, 20), told(2, {}, 0, 4, 5)];
    expect(() => explain(register, story)).toThrow(
      /^read: it is [12], not 0 \(heard: success, beside write 1 \(success\), write 2 \(success\)\)$/,
    );
  });

  it('a lost call: it was carried out, or not, or is so later, but never undone', () => {
    const lost = told(0, { write: 1 }, 'lost', 1, 0);
    explain(register, [lost, told(0, {}, 0, 2, 3), told(0, {}, 0, 4, 5)]);
    explain(register, [lost, told(0, {}, 0, 2, 3), told(0, {}, 1, 4, 5)]);
    expect(() => explain(register, [lost, told(0, {}, 1, 2, 3), told(0, {}, 0, 4, 5)])).toThrow('it is 1, not 0');
  });

  it('every history of a right register is explained; with an answer that was never written it is not', () => {
    const call = fc.record({
      write: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      begins: fc.nat({ max: 3 }),
      lasts: fc.nat({ max: 3 }),
      lost: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 8 }), fc.nat(), (calls, which) => {
        let value = 0;
        // Each call takes place at its own instant, 10 apart, and spreads around it into those of others.
        const story = calls.map(({ write, begins, lasts, lost }, index) => {
          if (write !== undefined) value = write;
          const at = 100 + index * 10;
          return told(index, write === undefined ? {} : { write }, lost ? 'lost' : value, at - begins * 7, at + 1 + lasts * 7);
        });
        explain(register, story);
        const reads = story.filter(({ act, heard }) => act.write === undefined && heard.as === 'answer');
        const wrong = reads[which % Math.max(1, reads.length)];
        if (!wrong) return;
        expect(() =>
          explain(
            register,
            story.map((one) => (one === wrong ? { ...one, heard: { as: 'answer' as const, answer: 9 } } : one)),
          ),
        ).toThrow('not 9');
      }),
    );
  });
});
