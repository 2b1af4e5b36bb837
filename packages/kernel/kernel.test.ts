import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { all, Cell, every, Kernel, Mailbox, Mutex, now, type Process, race, Semaphore, sleep, spawn, timeout, until } from './index.ts';

const world = (options?: ConstructorParameters<typeof Kernel>[0]) => {
  const kernel = new Kernel(options);
  return { kernel, owner: kernel.owner('test') };
};

describe('time', () => {
  test('processes: wake in the order of their times, ties in the order of their sleeps', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 60 }), (delays) => {
        const { kernel, owner } = world();
        const woken: [number, number][] = [];
        delays.forEach((delay, index) => {
          owner.spawn(
            `p${index}`,
            (function* (): Process {
              yield* sleep(delay);
              woken.push([yield* now(), index]);
            })(),
          );
        });
        kernel.run();
        const expected = delays.map((delay, index): [number, number] => [delay, index]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(woken).toEqual(expected);
      }),
    );
  });

  test('until: the clock stops there, and the rest happens later', () => {
    const { kernel, owner } = world();
    let done = false;
    owner.spawn(
      'p',
      (function* (): Process {
        yield* sleep(100);
        done = true;
      })(),
    );
    expect(kernel.run({ until: 40 })).toBe('until');
    expect([kernel.now, done]).toEqual([40, false]);
    expect(kernel.run()).toBe('idle');
    expect([kernel.now, done]).toEqual([100, true]);
  });

  test('every: keeps its grid however long the work takes', () => {
    const { kernel, owner } = world();
    const ticks: number[] = [];
    owner.spawn(
      'beat',
      (function* (): Process {
        const beat = every(10, 3);
        for (let n = 0; n < 4; n++) {
          ticks.push(yield* beat.next());
          yield* sleep(n * 7);
        }
      })(),
    );
    kernel.run();
    expect(ticks).toEqual([3, 13, 23, 43]);
  });

  test('every: several tickers of one instant all tick', () => {
    const { kernel, owner } = world();
    const ticks: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      owner.spawn(
        name,
        (function* (): Process {
          const beat = every(10);
          for (let n = 0; n < 2; n++) ticks.push(`${name}@${yield* beat.next()}`);
        })(),
      );
    }
    kernel.run();
    expect(ticks).toEqual(['a@10', 'b@10', 'c@10', 'a@20', 'b@20', 'c@20']);
  });

  test('every with elision: what is seen at the ticks that count is the same as without', () => {
    const change = fc.nat(500);
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), fc.nat(20), (changes, period, phase) => {
        const observe = (elide: boolean): unknown[] => {
          const { kernel, owner } = world({ elide });
          const cell = new Cell(0);
          const seen: unknown[] = [];
          owner.spawn(
            'watcher',
            (function* (): Process {
              const beat = every(period, phase);
              let last = -1;
              for (;;) {
                const tick = yield* beat.next({ unless: [cell] });
                if (cell.value !== last) seen.push([tick, cell.value]);
                last = cell.value;
              }
            })(),
          );
          for (const at of changes) {
            owner.spawn(
              'changer',
              (function* (): Process {
                yield* sleep(at);
                cell.set(cell.value + 1);
              })(),
            );
          }
          kernel.run({ until: 600 });
          return seen;
        };
        expect(observe(true)).toEqual(observe(false));
      }),
    );
  });

  test('every with elision: idle time costs nothing', () => {
    const { kernel, owner } = world();
    const cell = new Cell(0);
    owner.spawn(
      'watcher',
      (function* (): Process {
        const beat = every(1);
        for (;;) yield* beat.next({ unless: [cell] });
      })(),
    );
    kernel.run({ until: 1_000_000_000 });
    expect(kernel.eventCount).toBeLessThan(10);
  });
});

describe('waiting together', () => {
  function* after<T>(delay: number, value: T): Process<T> {
    yield* sleep(delay);
    return value;
  }
  function* failing(delay: number): Process<never> {
    yield* sleep(delay);
    throw new Error('no');
  }

  test('all: values in order, at the time of the slowest', () => {
    const { kernel, owner } = world();
    expect(kernel.complete(owner, 'main', all([after(5, 'a'), after(9, 'b'), after(1, 'c')]))).toEqual(['a', 'b', 'c']);
    expect(kernel.now).toBe(9);
    expect(kernel.complete(owner, 'none', all([]))).toEqual([]);
  });

  test('all: one failure stops the others, which run their finally', () => {
    const { kernel, owner } = world();
    let cleaned = false;
    function* careful(): Process {
      try {
        yield* sleep(100);
      } finally {
        cleaned = true;
      }
    }
    expect(() => kernel.complete(owner, 'main', all<unknown>([careful(), failing(5)]))).toThrow('no');
    expect([cleaned, kernel.now]).toEqual([true, 5]);
  });

  test('race: the first to end wins, ties go to the first in the list, losers clean up', () => {
    const { kernel, owner } = world();
    const cleaned: string[] = [];
    function* careful(name: string, delay: number): Process<string> {
      try {
        yield* sleep(delay);
        return name;
      } finally {
        cleaned.push(name);
      }
    }
    expect(kernel.complete(owner, 'main', race([careful('a', 4), careful('b', 4), careful('c', 9)]))).toBe('a');
    expect(cleaned).toEqual(['a', 'b', 'c']);
  });

  test('timeout: DEADLINE_EXCEEDED when the time is up, and no timer stays behind otherwise', () => {
    const { kernel, owner } = world();
    expect(() => kernel.complete(owner, 'main', timeout(after(50, 1), 10))).toThrow(expect.objectContaining({ code: 'DEADLINE_EXCEEDED' }));
    expect(kernel.now).toBe(10);
    expect(kernel.complete(owner, 'main', timeout(after(5, 1), 1_000))).toBe(1);
    kernel.run();
    expect(kernel.now).toBe(15);
  });

  test('join: gives the value of a process that was started beside, before or after its end', () => {
    const { kernel, owner } = world();
    function* main(): Process<number[]> {
      const quick = yield* spawn('quick', after(1, 1));
      const slow = yield* spawn('slow', after(20, 2));
      yield* sleep(10);
      return [yield* quick.join(), yield* slow.join()];
    }
    expect(kernel.complete(owner, 'main', main())).toEqual([1, 2]);
  });

  test('mailbox: every item arrives once, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 30 }), (steps) => {
        const { kernel, owner } = world();
        const box = new Mailbox<number>();
        const got: number[] = [];
        function* sender(): Process {
          for (const [index, [pause]] of steps.entries()) {
            yield* sleep(pause);
            box.send(index);
          }
        }
        function* receiver(): Process {
          for (const [, pause] of steps) {
            got.push(yield* box.receive());
            yield* sleep(pause);
          }
        }
        owner.spawn('sender', sender());
        owner.spawn('receiver', receiver());
        kernel.run();
        expect(got).toEqual(steps.map((_, index) => index));
      }),
    );
  });

  test('cell: a change that came before the wait is not lost', () => {
    const { kernel, owner } = world();
    const cell = new Cell('old');
    const seen = cell.version;
    cell.set('new');
    expect(kernel.complete(owner, 'main', until(cell, seen))).toBe('new');
  });

  test('semaphore: never more inside than it admits, and everyone gets in', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }), (size, works) => {
        const { kernel, owner } = world();
        const door = new Semaphore(size);
        let inside = 0;
        let most = 0;
        let done = 0;
        function* work(duration: number): Process {
          inside += 1;
          most = Math.max(most, inside);
          yield* sleep(duration);
          inside -= 1;
          done += 1;
        }
        for (const duration of works) owner.spawn('worker', door.hold(work(duration)));
        kernel.run();
        expect(done).toBe(works.length);
        expect(most).toBeLessThanOrEqual(size);
      }),
    );
  });
});

describe('ends', () => {
  test('kill: no finally, timers gone, locks released', () => {
    const { kernel, owner } = world();
    const machine = kernel.owner('machine');
    const lock = new Mutex('disk');
    let cleaned = false;
    function* holder(): Process {
      try {
        yield* lock.hold(sleep(1_000_000));
      } finally {
        cleaned = true;
      }
    }
    function* next(): Process<number> {
      yield* lock.hold(sleep(1));
      return yield* now();
    }
    machine.spawn('holder', all([holder()]));
    kernel.run({ until: 5 });
    kernel.after(5, () => machine.kill());
    expect(kernel.complete(owner, 'next', next())).toBe(11);
    kernel.run();
    expect([cleaned, kernel.now, machine.tasks.size]).toEqual([false, 11, 0]);
  });

  test('stop: finally runs at once, and clean-up that waits goes on in the background', () => {
    const { kernel } = world();
    const daemon = kernel.owner('daemon');
    const log: [string, number][] = [];
    function* work(): Process {
      try {
        yield* sleep(1_000);
      } finally {
        log.push(['stopping', yield* now()]);
        yield* sleep(5);
        log.push(['clean', yield* now()]);
      }
    }
    daemon.spawn('work', work());
    kernel.after(10, () => daemon.stop());
    kernel.run();
    expect(log).toEqual([
      ['stopping', 10],
      ['clean', 15],
    ]);
    expect(daemon.alive).toBe(false);
  });

  test('kill and stop at oneself: act at the next yield', () => {
    for (const how of ['kill', 'stop'] as const) {
      const { kernel } = world();
      const self = kernel.owner('self');
      const log: string[] = [];
      self.spawn(
        'me',
        (function* (): Process {
          try {
            self[how]();
            log.push('still here');
            yield* sleep(1);
            log.push('never');
          } finally {
            log.push('finally');
          }
        })(),
      );
      kernel.run();
      expect(log).toEqual(how === 'kill' ? ['still here'] : ['still here', 'finally']);
    }
  });

  test('children: what ends an owner ends all below it', () => {
    const { kernel } = world();
    const node = kernel.owner('node');
    const pod = node.child('pod');
    let ran = false;
    pod.spawn(
      'p',
      (function* (): Process {
        yield* sleep(10);
        ran = true;
      })(),
    );
    kernel.after(5, () => node.kill());
    kernel.run();
    expect([ran, pod.alive]).toEqual([false, false]);
  });
});

describe('defects', () => {
  function* broken(): Process {
    yield* sleep(3);
    throw new Error('disk on fire');
  }

  test('a crash that nobody waits for: stops the run and names owner, process and time', () => {
    const { kernel, owner } = world();
    owner.spawn('writer', broken());
    expect(() => kernel.run()).toThrow('process writer of test failed at 3us: disk on fire');
  });

  test('onCrash: the owner hears of it and the run goes on', () => {
    const { kernel } = world();
    const heard: string[] = [];
    const owner = kernel.owner('resilient', { onCrash: (error, task) => heard.push(`${task.name}: ${String(error)}`) });
    owner.child('below').spawn('writer', broken());
    kernel.run();
    expect(heard).toEqual(['writer: Error: disk on fire']);
  });

  test('deadlock: names the processes and what each waits for', () => {
    const { kernel, owner } = world();
    const [left, right] = [new Mutex('left'), new Mutex('right')];
    function* both(first: Mutex, second: Mutex): Process {
      yield* first.hold(
        (function* (): Process {
          yield* sleep(1);
          yield* second.hold(sleep(1));
        })(),
      );
    }
    const main = all([both(left, right), both(right, left)]);
    expect(() => kernel.complete(owner, 'philosophers', main)).toThrow(
      /philosophers\/1 waits for right[\s\S]*philosophers\/2 waits for left/,
    );
  });

  test('runaway: a loop that lets no time pass is stopped and named', () => {
    const { kernel, owner } = world({ maxStepsPerInstant: 1_000 });
    owner.spawn(
      'spinner',
      (function* (): Process {
        for (;;) yield* sleep(0);
      })(),
    );
    expect(() => kernel.run()).toThrow(/process spinner of test took more than 1000 steps at one instant/);
  });

  test('an effect that is none: the process is told to write yield*', () => {
    const { kernel, owner } = world();
    function* wrong(): Process {
      yield 42 as never;
    }
    expect(() => kernel.complete(owner, 'wrong', wrong())).toThrow('write yield* before calls');
  });
});

describe('repeatability', () => {
  /** A little world in which chance, order and time all matter. */
  function story(options: ConstructorParameters<typeof Kernel>[0]): string {
    const { kernel, owner } = world(options);
    const log: string[] = [];
    const random = kernel.random('story');
    const lock = new Mutex();
    for (let n = 0; n < 20; n++) {
      owner.spawn(
        `p${n}`,
        (function* (): Process {
          yield* sleep(random.integer(0, 3));
          yield* lock.hold(sleep(1));
          log.push(`${n}@${yield* now()} ${kernel.ids.next('id')}`);
        })(),
      );
    }
    kernel.run();
    return log.join(' ');
  }

  test('same seed, same run; also with another world beside it; with explored order too', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('random' as const, 'priority' as const, undefined), (seed, order) => {
        const options = { seed, explore: order ? { order, changes: 3 } : {} };
        const first = story(options);
        story({ seed: seed + 1 });
        expect(story(options)).toBe(first);
      }),
      { numRuns: 30 },
    );
  });

  test('another seed, another run', () => {
    expect(new Set(Array.from({ length: 10 }, (_, seed) => story({ seed }))).size).toBeGreaterThan(5);
  });

  test('explored order: really changes who goes first', () => {
    const first = (seed: number): string | undefined => story({ seed, explore: { order: 'random' } }).split(' ')[0];
    expect(new Set(Array.from({ length: 20 }, (_, seed) => first(seed))).size).toBeGreaterThan(3);
  });
});
