import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  all,
  asyncClient,
  awaitable,
  type Breach,
  CallError,
  Cell,
  type Client,
  type Fault,
  type Implementation,
  isProcess,
  Kernel,
  Link,
  type Process,
  type Source,
  Stream,
  seconds,
  service,
  sleep,
  timeout,
  type TraceRecord,
  until,
} from './index.ts';

interface Counter {
  /** Adds and returns the sum. */
  add(request: { readonly n: number }): { readonly sum: number };
  watch(request: { readonly from: number }): Stream<number>;
  reset?(request: object): object;
}

const counter = service<Counter>(
  'test.v1.Counter',
  { interface: 'test', deadline: seconds(10) },
  {
    add: {
      guard: {
        codes: ['OUT_OF_RANGE'],
        rules: [
          { id: 'n-whole', source: 'Counter, "Add"', request: ({ n }) => (Number.isInteger(n) ? undefined : `n is ${n}`) },
          { id: 'sum-positive', source: 'Counter, "Add"', response: (_, { sum }) => (sum >= 0 ? undefined : `sum is ${sum}`) },
        ],
      },
      summary: ({ n }, answer) => (answer ? [answer.sum] : [n]),
      subject: () => 'the counter',
    },
    watch: {},
    reset: { optional: true },
  },
);

function setup(
  implementation: Implementation<Counter>,
  options: { latency?: string; faults?: Fault[]; silent?: boolean; seed?: number } = {},
) {
  const kernel = new Kernel({ seed: options.seed ?? 1 });
  const trace: TraceRecord[] = [];
  const breaches: Breach[] = [];
  kernel.events.on('trace', (record) => trace.push(record));
  kernel.events.on('breach', (breach) => breaches.push(breach));
  const from = kernel.owner('caller');
  const to = kernel.owner('callee');
  const link = new Link(implementation, {
    service: counter,
    from,
    to,
    latency: options.latency === undefined ? {} : { '*': options.latency },
    faults: options.faults,
    onDeath: options.silent ? 'silent' : 'unavailable',
  });
  const run = <T>(process: Process<T>): T => kernel.complete(from, 'main', process);
  return { kernel, from, to, link, client: link.client(), trace, breaches, run };
}

class Adder implements Implementation<Counter> {
  sum = 0;
  add({ n }: { readonly n: number }): { sum: number } {
    this.sum += n;
    return { sum: this.sum };
  }
  watch(): Stream<number> {
    return new Stream<number>();
  }
}

/** What `await` takes it for: the compiler refuses it, so that authors with types write `yield*`; a plugin without types just runs. */
const promised = <T>(process: Process<T>): PromiseLike<T> => process as unknown as PromiseLike<T>;

function* cleaning<T>(process: Process<T>, clean: () => void): Process<T> {
  try {
    return yield* process;
  } finally {
    clean();
  }
}

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
  return 'OK';
};

describe('call', () => {
  test('plain answer, process and promise: the same contract, the same answer', async () => {
    const { client, run } = setup(new Adder());
    expect(run(client.add({ n: 2 }))).toEqual({ sum: 2 });
    const slow = setup({
      *add({ n }) {
        yield* sleep(7);
        return { sum: n };
      },
      watch: () => new Stream(),
    });
    expect(slow.run(slow.client.add({ n: 3 }))).toEqual({ sum: 3 });
    expect(slow.kernel.now).toBe(7);
    const promised = setup({ add: async ({ n }) => ({ sum: await Promise.resolve(n) }), watch: () => new Stream() });
    expect(() => promised.run(promised.client.add({ n: 4 }))).toThrow('use runAsync');
    const again = setup({ add: async ({ n }) => ({ sum: await Promise.resolve(n) }), watch: () => new Stream() });
    expect(await again.kernel.completeAsync(again.from, 'main', again.client.add({ n: 4 }))).toEqual({ sum: 4 });
  });

  test('an async plugin that waits on its AsyncClient lets virtual time run on', async () => {
    const { kernel, from, to, client } = setup(new Adder(), { latency: '5ms' });
    const inner = asyncClient(client, to);
    const outer = new Link<Counter>(
      { add: async ({ n }) => ({ sum: (await inner.add({ n })).sum + (await inner.add({ n })).sum }), watch: () => new Stream() },
      { service: counter, from, to },
    ).client();
    expect(await kernel.completeAsync(from, 'main', outer.add({ n: 1 }))).toEqual({ sum: 3 });
    expect(kernel.now).toBe(10_000);
  });

  test('latency: the midpoint of its range, before the work', () => {
    const { client, run, kernel } = setup(new Adder(), { latency: '8ms..20ms' });
    run(client.add({ n: 1 }));
    expect(kernel.now).toBe(14_000);
  });

  test('trace: call and answer with names, subject, summary and cause', () => {
    const { client, run, trace } = setup(new Adder());
    run(client.add({ n: 5 }));
    expect(trace.map(({ full, ...rest }) => rest)).toEqual([
      { seq: 1, at: 0, actor: 'caller', kind: 'call', name: 'test.Counter/Add', subject: 'the counter', cause: 0, data: [5] },
      { seq: 2, at: 0, actor: 'callee', kind: 'answer', name: 'test.Counter/Add', subject: 'the counter', cause: 1, data: ['OK', 5] },
    ]);
  });

  test('cause: a call made while answering follows from the call being answered, and the caller goes on from the answer', () => {
    const { kernel, from, to, client, trace } = setup(new Adder());
    const outer = new Link<Counter>(
      {
        *add({ n }) {
          return yield* client.add({ n });
        },
        watch: () => new Stream(),
      },
      { service: counter, from, to },
    ).client();
    kernel.complete(
      from,
      'main',
      (function* (): Process {
        yield* outer.add({ n: 1 });
        yield* client.add({ n: 1 });
      })(),
    );
    expect(trace.map(({ seq, kind, cause }) => [seq, kind, cause])).toEqual([
      [1, 'call', 0],
      [2, 'call', 1],
      [3, 'answer', 2],
      [4, 'answer', 1],
      [5, 'call', 4],
      [6, 'answer', 5],
    ]);
  });

  test('a method left out: UNIMPLEMENTED', () => {
    const { client, run } = setup(new Adder());
    expect(codeOf(() => run(client.reset({})))).toBe('UNIMPLEMENTED');
  });

  test('a forgotten yield*: stops the run with call, process and place', () => {
    const { client, run } = setup(new Adder());
    function* careless(): Process {
      void client.add({ n: 1 });
      yield* sleep(1);
    }
    expect(() => run(careless())).toThrow(/call test\.add: yield\* is missing \(main, at 0s, .*link\.test\.ts/);
  });

  const forgetful: Record<string, (client: Client<Counter>) => Implementation<Counter>['add']> = {
    'a plain method': (client) => () => {
      void client.add({ n: 1 });
      return { sum: 0 };
    },
    'a plain method that then fails': (client) => () => ({ sum: (client.add({ n: 1 }) as unknown as { of: { sum: number } }).of.sum }),
    'a generator that ends': (client) =>
      function* () {
        yield* sleep(1);
        void client.add({ n: 1 });
        return { sum: 0 };
      },
    'a generator that waits for something else': (client) =>
      function* () {
        void client.add({ n: 1 });
        yield* sleep(seconds(1));
        return yield* client.add({ n: 7 });
      },
    'a generator that fails for it': (client) =>
      function* () {
        yield* sleep(1);
        const { of } = client.add({ n: 1 }) as unknown as { of: { sum: number } };
        return { sum: of.sum };
      },
    'one of several processes of a generator': (client) =>
      function* () {
        const careless = function* (): Process {
          void client.add({ n: 1 });
          yield* sleep(1);
        };
        yield* all([sleep(3), careless()]);
        return { sum: 0 };
      },
    'an async method, between its awaits': (client) => async () => {
      await Promise.resolve();
      void client.add({ n: 1 });
      return await Promise.resolve({ sum: 0 });
    },
    'an async method': (client) => async () => {
      void client.add({ n: 1 });
      return await Promise.resolve({ sum: 0 });
    },
  };
  for (const [who, make] of Object.entries(forgetful))
    test(`a forgotten yield* in ${who}: the plugin's breach, the call fails, the run goes on`, async () => {
      const adder = new Adder();
      const { kernel, client, from, to, breaches } = setup(adder);
      let cleaned = 0;
      const add = make(client);
      const outer = new Link<Counter>(
        {
          add: (request) => {
            const answer = add(request) as { sum: number } | Process<{ sum: number }>;
            return isProcess(answer) ? cleaning(answer, () => cleaned++) : answer;
          },
          watch: () => new Stream(),
        },
        { service: counter, from, to },
      ).client();
      const [code, sum] = await kernel.completeAsync(
        from,
        'main',
        (function* (): Process<readonly [string, number]> {
          let code = 'OK';
          try {
            yield* outer.add({ n: 1 });
          } catch (error) {
            code = `${(error as CallError).code} ${(error as CallError).message}`;
          }
          return [code, (yield* client.add({ n: 5 })).sum];
        })(),
      );
      expect(code).toMatch(/^UNKNOWN call test\.Counter\/Add: yield\* is missing at .*link\.test\.ts:\d+:\d+$/);
      // Neither the forgotten call nor what would have come after it was made.
      expect(sum).toBe(5);
      expect(breaches).toMatchObject([{ culprit: 'callee', side: 'plugin', rule: 'link.yield-missing', call: 'test.Counter/Add' }]);
      expect(cleaned).toBe(who.includes('generator') ? 1 : 0);
    });

  test('await on a client of generators works inside an async method, and is refused elsewhere', async () => {
    const { kernel, from, to, client, breaches } = setup(new Adder(), { latency: '5ms' });
    const outer = new Link<Counter>(
      {
        add: async ({ n }) => {
          await Promise.resolve();
          const [first, second] = await Promise.all([promised(client.add({ n })), promised(client.add({ n }))]);
          await promised(awaitable(sleep(1_000), () => to));
          // Not awaited, and started all the same.
          void asyncClient(client, to).add({ n });
          return { sum: first.sum + second.sum };
        },
        watch: () => new Stream(),
      },
      { service: counter, from, to },
    ).client();
    expect(await kernel.completeAsync(from, 'main', outer.add({ n: 1 }))).toEqual({ sum: 3 });
    expect(kernel.now).toBe(6_000);
    expect(breaches).toEqual([]);
    await expect(Promise.resolve(promised(client.add({ n: 1 })))).rejects.toThrow('write yield* in a generator');
  });

  test('a promise that waits for a call which nobody answers names its plugin', async () => {
    const { kernel, from, to, client } = setup({ add: () => ({ sum: 0 }), watch: () => new Stream() });
    const never = new Cell(0);
    const outer = new Link<Counter>(
      {
        add: async () => {
          await promised(awaitable(until(never), () => to));
          return await promised(client.add({ n: 1 }));
        },
        watch: () => new Stream(),
      },
      {
        service: service<Counter>('test.v1.Counter', { interface: 'test', deadline: Number.POSITIVE_INFINITY }, counter.methods),
        from,
        to,
      },
    ).client();
    await expect(kernel.completeAsync(from, 'main', outer.add({ n: 1 }))).rejects.toThrow(
      'the promise from callee (test.Counter/Add) waits for a call that nothing will ever answer',
    );
  });
});

describe('guard', () => {
  test('a bad request: the caller is to blame, and no work is done', () => {
    const adder = new Adder();
    const { client, run, breaches } = setup(adder);
    expect(codeOf(() => run(client.add({ n: 1.5 })))).toBe('INVALID_ARGUMENT');
    expect(adder.sum).toBe(0);
    expect(breaches).toMatchObject([{ culprit: 'caller', side: 'caller', rule: 'n-whole', call: 'test.Counter/Add', message: 'n is 1.5' }]);
  });

  test('what a machine refuses the callee reaches its caller as UNKNOWN: no spec lists what a disk may say', () => {
    const { client, run, breaches } = setup({
      add: () => {
        throw Object.assign(new CallError('ENOSPC', 'write /var/state: no space left on device'), { isForeign: true });
      },
      watch: () => new Stream(),
    });
    expect(() => run(client.add({ n: 1 }))).toThrow(
      expect.objectContaining({ code: 'UNKNOWN', message: expect.stringMatching(/no space/) }),
    );
    expect(breaches).toEqual([]);
  });

  test('a bad answer, a code outside the spec, an untyped throw, an answer that is no object: the plugin is to blame', () => {
    const cases: [Implementation<Counter>['add'], string, string][] = [
      [() => ({ sum: -1 }), 'sum-positive', 'INTERNAL'],
      [
        () => {
          throw new CallError('NOT_FOUND', 'no such counter');
        },
        'link.allowed-code',
        'NOT_FOUND',
      ],
      [
        () => {
          throw new TypeError('x is undefined');
        },
        'link.typed-error',
        'UNKNOWN',
      ],
      [() => 'seven' as never, 'link.response-object', 'INTERNAL'],
      [() => null as never, 'link.response-object', 'INTERNAL'],
    ];
    for (const [add, rule, code] of cases) {
      const { client, run, breaches } = setup({ add, watch: () => new Stream() });
      expect(codeOf(() => run(client.add({ n: 1 })))).toBe(code);
      expect(breaches).toMatchObject([{ culprit: 'callee', side: 'plugin', rule }]);
    }
  });
});

describe('faults at each arrow', () => {
  const outcome = (kind: Fault['kind']) => {
    const adder = new Adder();
    const { client, run, kernel } = setup(adder, { faults: [{ kind, times: 1 }] });
    const code = codeOf(() => run(client.add({ n: 1 })));
    return { code, sum: adder.sum, at: kernel.now };
  };

  test('refused: no work', () => expect(outcome({ refuse: {} })).toEqual({ code: 'UNAVAILABLE', sum: 0, at: 0 }));
  test('error: no work', () => expect(outcome({ error: { code: 'INTERNAL' } })).toEqual({ code: 'INTERNAL', sum: 0, at: 0 }));
  test('answer lost: the work is done, the caller meets its deadline', () => {
    expect(outcome({ loseAnswer: true })).toEqual({ code: 'DEADLINE_EXCEEDED', sum: 1, at: 10_000_000 });
  });
  test('delayed', () => expect(outcome({ delay: '3s' })).toEqual({ code: 'OK', sum: 1, at: 3_000_000 }));
  test('delayed beyond the deadline: the work is done later', () => {
    const result = outcome({ delay: '11s' });
    expect([result.code, result.at]).toEqual(['DEADLINE_EXCEEDED', 10_000_000]);
  });
  test('delivered twice: the work is done twice, one answer', () =>
    expect(outcome({ duplicate: true })).toEqual({ code: 'OK', sum: 2, at: 0 }));
  test('hangs: no work, deadline', () => expect(outcome({ hang: true })).toEqual({ code: 'DEADLINE_EXCEEDED', sum: 0, at: 10_000_000 }));
  test('crash: the callee is gone', () => expect(outcome({ crash: true })).toEqual({ code: 'UNAVAILABLE', sum: 0, at: 0 }));

  test('after, times, method: strike just the calls they name', () => {
    const { client, run } = setup(new Adder(), { faults: [{ kind: { refuse: {} }, method: 'add', after: 1, times: 2 }] });
    const codes = [1, 2, 3, 4].map(() => codeOf(() => run(client.add({ n: 1 }))));
    expect(codes).toEqual(['OK', 'UNAVAILABLE', 'UNAVAILABLE', 'OK']);
  });

  test('healed: an empty list sets the link right', () => {
    const { client, run, link } = setup(new Adder(), { faults: [{ kind: { hang: true } }] });
    expect(link.quiet).toBe(false);
    link.faults = [];
    expect(link.quiet).toBe(true);
    expect(run(client.add({ n: 1 }))).toEqual({ sum: 1 });
  });

  test('keyed chance: one call more at another time moves no other', () => {
    const codes = (seed: number, extra: boolean): string[] => {
      const { client, run, kernel } = setup(new Adder(), { seed, faults: [{ kind: { refuse: {} }, odds: [1, 2] }] });
      const all: string[] = [];
      for (let n = 0; n < 10; n++) {
        run(sleep(100));
        all.push(codeOf(() => run(client.add({ n: 1 }))));
        if (extra && n === 3) {
          kernel.after(50, () => {});
          run(sleep(50));
          codeOf(() => run(client.add({ n: 1 })));
          run(sleep(50));
        }
      }
      return all;
    };
    for (let seed = 0; seed < 10; seed++) expect(codes(seed, true).slice(0, 4)).toEqual(codes(seed, false).slice(0, 4));
  });
});

describe('no answer is lost or doubled', () => {
  const kind: fc.Arbitrary<Fault['kind']> = fc.constantFrom<Fault['kind']>(
    { refuse: {} },
    { error: { code: 'INTERNAL' } },
    { loseAnswer: true },
    { delay: '1s' },
    { duplicate: true },
    { hang: true },
  );

  test('every call is answered exactly once, works once without faults, and an OK always means that the work was done', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ kind, odds: fc.constant([1, 3] as const) }), { maxLength: 3 }),
        fc.array(fc.nat(5_000), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        (faults, starts, seed) => {
          const works = new Map<number, number>();
          const implementation: Implementation<Counter> = {
            *add({ n }) {
              yield* sleep(n % 3);
              works.set(n, (works.get(n) ?? 0) + 1);
              return { sum: n };
            },
            watch: () => new Stream(),
          };
          const { client, run } = setup(implementation, { faults, seed });
          const answers = new Map<number, string[]>();
          function* caller(n: number, start: number): Process {
            yield* sleep(start);
            let outcome = 'OK';
            try {
              const { sum } = yield* client.add({ n });
              expect(sum).toBe(n);
            } catch (error) {
              outcome = String((error as { code?: unknown }).code);
            }
            answers.set(n, [...(answers.get(n) ?? []), outcome]);
          }
          run(all(starts.map((start, n) => caller(n, start))));
          for (const [n, outcomes] of answers) {
            expect(outcomes).toHaveLength(1);
            if (outcomes[0] === 'OK') expect(works.get(n)).toBeGreaterThanOrEqual(1);
            if (faults.length === 0) expect([outcomes[0], works.get(n)]).toEqual(['OK', 1]);
          }
          expect(answers.size).toBe(starts.length);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('death', () => {
  const slow = (): Implementation<Counter> & { done: number } => ({
    done: 0,
    *add({ n }) {
      yield* sleep(100);
      this.done += 1;
      return { sum: n };
    },
    watch: () => new Stream(),
  });

  test('a caller that times out leaves the callee working, and the answer is dropped', () => {
    const work = slow();
    const { client, run, kernel } = setup(work);
    expect(codeOf(() => run(timeout(client.add({ n: 1 }), 10)))).toBe('DEADLINE_EXCEEDED');
    kernel.run();
    expect([work.done, kernel.now]).toEqual([1, 100]);
  });

  test('a callee that dies at work: UNAVAILABLE at once, or silence until the deadline', () => {
    for (const silent of [false, true]) {
      const { client, run, kernel, to } = setup(slow(), { silent });
      kernel.after(20, () => to.kill());
      expect(codeOf(() => run(client.add({ n: 1 })))).toBe(silent ? 'DEADLINE_EXCEEDED' : 'UNAVAILABLE');
      expect(kernel.now).toBe(silent ? 10_000_000 : 20);
    }
  });

  test('a callee that is stopped: its finally runs, then UNAVAILABLE', () => {
    let cleaned = false;
    const { client, run, kernel, to } = setup({
      *add() {
        try {
          yield* sleep(100);
        } finally {
          cleaned = true;
        }
        return { sum: 1 };
      },
      watch: () => new Stream(),
    });
    kernel.after(20, () => to.stop());
    expect(codeOf(() => run(client.add({ n: 1 })))).toBe('UNAVAILABLE');
    expect(cleaned).toBe(true);
  });

  test('a plugin that never answers meets the deadline of its method', () => {
    const { client, run, kernel } = setup({
      *add() {
        for (;;) yield* sleep(1_000_000);
      },
      watch: () => new Stream(),
    });
    expect(codeOf(() => run(client.add({ n: 1 })))).toBe('DEADLINE_EXCEEDED');
    expect(kernel.now).toBe(10_000_000);
  });
});

describe('stream', () => {
  function watching(lag = 0) {
    const source = new Stream<number>(4);
    const world = setup({ add: () => ({ sum: 0 }), watch: () => source });
    world.link.streamLag = lag;
    const got: number[][] = [];
    let ended: string | undefined;
    let open: Source<number> | undefined;
    world.from.spawn(
      'reader',
      (function* (): Process {
        try {
          const stream = yield* world.client.watch({ from: 0 });
          open = stream;
          for (;;) {
            const batch = yield* stream.take();
            if (batch.length === 0) break;
            got.push([...batch]);
          }
          ended = 'clean';
        } catch (error) {
          ended = String((error as { code?: unknown }).code);
        }
      })(),
    );
    world.kernel.run();
    return { ...world, source, got, ended: () => ended, reader: () => open };
  }

  test('items arrive in order, those of one instant as one batch, after the lag', () => {
    const { kernel, source, got } = watching(50);
    source.offer(1);
    source.offer(2);
    kernel.run();
    source.offer(3);
    kernel.run();
    expect(got).toEqual([[1, 2], [3]]);
    expect(kernel.now).toBe(100);
  });

  test('ends: cleanly after its items, with its error, or with UNAVAILABLE when the other side dies', () => {
    const clean = watching();
    clean.source.offer(1);
    clean.source.end();
    clean.kernel.run();
    expect([clean.got, clean.ended()]).toEqual([[[1]], 'clean']);
    const failed = watching();
    failed.source.end(new CallError('EXPIRED', 'too old'));
    failed.kernel.run();
    expect(failed.ended()).toBe('EXPIRED');
    const dead = watching();
    dead.to.kill();
    dead.kernel.run();
    expect(dead.ended()).toBe('UNAVAILABLE');
  });

  test('a reader that goes away closes the source', () => {
    const { from, source, kernel } = watching();
    let closed = false;
    source.onClose = () => {
      closed = true;
    };
    from.kill();
    kernel.run();
    expect([closed, source.open, source.offer(1)]).toEqual([true, false, false]);
  });
});
