import fc from 'fast-check';
import { Kernel, milliseconds, type Process, seconds, sleep } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { WorkQueue } from './work-queue.ts';

function setup() {
  const kernel = new Kernel();
  const owner = kernel.owner('worker');
  return { kernel, owner, queue: new WorkQueue({ owner }) };
}

describe('work queue', () => {
  it('never hands out a key twice at a time, and loses none that was added', () => {
    const add = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      at: fc.nat({ max: 50 }),
      how: fc.constantFrom('add', 'after', 'limited'),
    });
    fc.assert(
      fc.property(fc.array(add, { maxLength: 40 }), fc.integer({ min: 1, max: 3 }), (adds, workers) => {
        const { kernel, owner, queue } = setup();
        const busy = new Set<string>();
        const begun = new Map<string, number>();
        function* work(): Process {
          for (;;) {
            const key = yield* queue.take();
            expect(busy.has(key)).toBe(false);
            busy.add(key);
            begun.set(key, kernel.now);
            yield* sleep(milliseconds(7));
            busy.delete(key);
            queue.done(key);
          }
        }
        for (let worker = 0; worker < workers; worker++) owner.spawn('worker', work());
        const due = new Map<string, number>();
        for (const { key, at, how } of adds) {
          kernel.after(milliseconds(at), () => {
            if (how === 'after') queue.addAfter(key, milliseconds(3));
            else if (how === 'limited') queue.addRateLimited(key);
            else queue.add(key);
            due.set(key, Math.max(due.get(key) ?? 0, kernel.now));
          });
        }
        kernel.run();
        expect(queue.idle).toBe(true);
        // After the last add of a key, its work began at least once more.
        for (const [key, time] of due) expect(begun.get(key)).toBeGreaterThanOrEqual(time);
      }),
      { numRuns: 100 },
    );
  });

  it('a key that waits is queued once; one added while being worked on comes again', () => {
    const { kernel, owner, queue } = setup();
    const taken: string[] = [];
    owner.spawn(
      'worker',
      (function* (): Process {
        for (;;) {
          const key = yield* queue.take();
          taken.push(key);
          if (taken.length === 1) queue.add(key);
          queue.done(key);
        }
      })(),
    );
    queue.add('a');
    queue.add('a');
    queue.add('b');
    kernel.run();
    expect(taken).toEqual(['a', 'b', 'a']);
  });

  it('backs off from 5 ms, doubling, to 1000 s; forget starts anew', () => {
    const { kernel, owner, queue } = setup();
    const times: number[] = [];
    owner.spawn(
      'worker',
      (function* (): Process {
        while (times.length < 21) {
          const key = yield* queue.take();
          times.push(kernel.now);
          queue.addRateLimited(key);
          queue.done(key);
        }
        queue.forget('a');
      })(),
    );
    queue.add('a');
    kernel.run({ until: seconds(4000) });
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(gaps.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(gaps.at(-1)).toBe(seconds(1000));
    expect(queue.failures('a')).toBe(0);
  });

  it('of several delays the shortest counts', () => {
    const { kernel, owner, queue } = setup();
    const times: number[] = [];
    owner.spawn(
      'worker',
      (function* (): Process {
        for (;;) {
          queue.done(yield* queue.take());
          times.push(kernel.now);
        }
      })(),
    );
    queue.addAfter('a', seconds(9));
    queue.addAfter('a', seconds(2));
    queue.addAfter('a', seconds(5));
    kernel.run();
    expect(times).toEqual([seconds(2)]);
  });

  it('remembers the newest cause of each key, and take goes on under it', () => {
    const { kernel, owner, queue } = setup();
    const causes: (readonly [string, number])[] = [];
    queue.add('a', 3);
    queue.add('b', 4);
    queue.add('a', 7);
    const work = function* (): Process {
      for (;;) {
        const key = yield* queue.take();
        causes.push([key, kernel.cause]);
        queue.done(key);
      }
    };
    owner.spawn('worker', work());
    kernel.run();
    queue.add('c', 9);
    kernel.run();
    expect(causes).toEqual([
      ['a', 7],
      ['b', 4],
      ['c', 9],
    ]);
  });

  it('ends with its owner: nothing delayed is left in the world', () => {
    const { kernel, owner, queue } = setup();
    queue.addAfter('a', seconds(500));
    owner.kill();
    expect(kernel.run()).toBe('idle');
    expect(kernel.now).toBe(0);
  });
});
