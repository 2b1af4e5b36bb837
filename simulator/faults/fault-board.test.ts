import {
  codeOf,
  type Implementation,
  Kernel,
  Link,
  milliseconds,
  type Owner,
  type Process,
  seconds,
  service,
  sleep,
  Stream,
  type TraceRecord,
} from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FaultBoard, type PlannedFault, type Revival } from './fault-board.ts';

interface Counter {
  add(request: { readonly n: number }): { readonly sum: number };
  beat(request: object): object;
}

const counter = service<Counter>(
  'stub.v1.Counter',
  { interface: 'stub', deadline: seconds(10) },
  { add: { subject: ({ n }) => `number/${n}` }, beat: { heartbeat: true } },
);

interface Watchable {
  watch(request: object): Stream<number>;
}
const watchable = service<Watchable>('api.Server', { interface: 'api', deadline: seconds(60) }, { watch: {} });

/** A caller and a callee on each of two nodes, and a board that revives what it crashes. */
class Lab {
  readonly kernel: Kernel;
  readonly board: FaultBoard;
  readonly works: string[] = [];
  readonly trace: string[] = [];
  readonly crashes: Revival[] = [];
  readonly callersKilled: object[] = [];
  readonly links: Link<Counter>[] = [];
  readonly #callers: Owner[] = [];

  constructor(seed = 1) {
    this.kernel = new Kernel({ seed });
    this.kernel.events.on('trace', (record: TraceRecord) => this.trace.push(`${record.kind} ${record.name} ${record.data.join(' ')}`));
    const crashCaller = (caller: Owner, { after }: Revival): boolean => {
      // Whoever is on the second node is nobody who can be started anew.
      if (caller.name === 'kubelet/node-2') return false;
      this.callersKilled.push({ name: caller.name, after });
      caller.kill();
      return true;
    };
    const crash = (callee: Owner, revival: Revival): void => {
      this.crashes.push(revival);
      callee.kill();
    };
    this.board = new FaultBoard(this.kernel, crash, { crashCaller });
    for (const node of ['node-1', 'node-2']) this.addNode(node);
  }

  addNode(node: string): void {
    const host = this.kernel.owner(`host/${node}`);
    const caller = host.child(`kubelet/${node}`);
    const to = host.child(`counter/${node}`);
    this.#callers.push(caller);
    this.links.push(new Link(this.#counter(node), { service: counter, from: caller, to, latency: { '*': '1ms' } }));
  }

  /** Calls one after the other on the node with this index; what came back: sums, or codes. */
  calls(count: number, at = 0, method: 'add' | 'beat' = 'add'): readonly (number | string)[] {
    const outcomes: (number | string)[] = [];
    this.kernel.complete(this.#callers[at] as Owner, 'main', this.#main(count, at, method, outcomes));
    return outcomes;
  }

  /** Like `calls`, for a caller that may die of it: nobody waits for its end. */
  spawnCalls(count: number, outcomes: (number | string)[]): void {
    (this.#callers[0] as Owner).spawn('main', this.#main(count, 0, 'add', outcomes));
  }

  #main(count: number, at: number, method: 'add' | 'beat', outcomes: (number | string)[]): Process {
    const client = (this.links[at] as Link<Counter>).client();
    return main();
    function* main(): Process {
      for (let index = 1; index <= count; index++) {
        try {
          if (method === 'beat') {
            yield* client.beat({});
            outcomes.push('OK');
          } else outcomes.push((yield* client.add({ n: index })).sum);
        } catch (error) {
          outcomes.push(codeOf(error));
        }
      }
    }
  }

  #counter(node: string): Implementation<Counter> {
    let sum = 0;
    return {
      add: ({ n }) => {
        this.works.push(node);
        sum += n;
        return { sum };
      },
      beat: () => ({}),
    };
  }
}

describe('each arrow of a call', () => {
  const cases: [arrow: Omit<PlannedFault, 'on'>, outcomes: (number | string)[], works: number, spent: number][] = [
    [{ refuse: true }, ['UNAVAILABLE', 2], 1, milliseconds(1)],
    [{ refuse: { code: 'BUSY' } }, ['BUSY', 2], 1, milliseconds(1)],
    [{ error: 'INTERNAL' }, ['INTERNAL', 2], 1, milliseconds(2)],
    [{ error: { code: 11, message: 'later' } }, ['11', 2], 1, milliseconds(2)],
    [{ loseAnswer: true }, ['DEADLINE_EXCEEDED', 3], 2, seconds(10) + milliseconds(2)],
    [{ delay: '3s' }, [1, 3], 2, seconds(3) + milliseconds(2)],
    [{ duplicate: true }, [1, 4], 3, milliseconds(2)],
    [{ hang: true }, ['DEADLINE_EXCEEDED', 2], 1, seconds(10) + milliseconds(2)],
    [{ crash: true }, ['UNAVAILABLE', 'UNAVAILABLE'], 0, milliseconds(2)],
  ];
  test.each(cases)('%j strikes once, and the next call is whole', (arrow, outcomes, works, spent) => {
    const lab = new Lab();
    lab.board.set({ on: 'stub.add', times: 1, ...arrow });
    expect(lab.calls(2)).toEqual(outcomes);
    expect(lab.works).toHaveLength(works);
    expect(lab.kernel.now).toBe(spent);
    expect(lab.board.active).toMatchObject([{ name: 'fault-1', struck: 1 }]);
    expect(lab.trace.filter((line) => line.startsWith('fault stub.Counter/Add'))).toEqual([expect.stringContaining('fault-1')]);
  });

  test('crash: whoever revives the callee is told after how long, and whether with its state', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub', crash: true, node: 'node-1' });
    lab.board.set({ on: 'stub', crash: { restart: '30s', keepState: true }, node: 'node-2' });
    lab.calls(1, 0);
    lab.calls(1, 1);
    expect(lab.crashes).toEqual([{ after: seconds(5) }, { after: seconds(30), keepState: true }]);
  });
});

describe('a caller that dies', () => {
  test('after the work was done, and before it sees the answer; the next one does not know of it', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub.add', crashCaller: { restart: '3s' }, after: 1, times: 1 });
    const seen: (number | string)[] = [];
    lab.spawnCalls(3, seen);
    lab.kernel.run();
    expect([seen, lab.works.length, lab.callersKilled]).toEqual([[1], 2, [{ name: 'kubelet/node-1', after: seconds(3) }]]);
    expect(lab.board.fired.get('crash-between-writes')).toBe(1);
    expect(lab.trace.filter((line) => line.includes('caller crashes'))).toEqual(['fault stub.Counter/Add caller crashes fault-1']);
  });

  test('somebody who cannot is spared, and nothing is counted', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub.add', crashCaller: true, node: 'node-2' });
    expect([lab.calls(2, 1), [...lab.board.fired], lab.callersKilled]).toEqual([[1, 3], [], []]);
  });
});

describe('a call that is delivered twice', () => {
  test("the first delivery's answer counts, however fast the second one is refused", () => {
    const kernel = new Kernel();
    const board = new FaultBoard(kernel, () => {});
    let pending = false;
    const implementation: Implementation<Counter> = {
      *add({ n }) {
        if (pending) throw Object.assign(new Error('busy'), { code: 'ABORTED' });
        pending = true;
        yield* sleep(seconds(2));
        pending = false;
        return { sum: n };
      },
      beat: () => ({}),
    };
    const from = kernel.owner('caller');
    const link = new Link(implementation, { service: counter, from, to: kernel.owner('callee') });
    board.set({ on: 'stub.add', duplicate: true });
    function* main(): Process<number> {
      return (yield* link.client().add({ n: 7 })).sum;
    }
    expect([kernel.complete(from, 'main', main()), kernel.now, board.fired.get('duplicate')]).toEqual([7, seconds(2), 1]);
  });
});

describe('what fired', () => {
  test('counts by kind, of what has been healed too, and of what others do', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub', refuse: true, times: 2 });
    lab.calls(3);
    lab.board.heal('fault-1');
    lab.board.set({ on: 'stub', refuse: true, times: 1 });
    lab.board.set({ on: 'stub', delay: '1s' });
    lab.board.set({ on: 'cni', hang: true });
    lab.calls(2);
    lab.board.partition({ node: 'node-1', direction: 'in' });
    lab.board.count('power');
    expect(Object.fromEntries(lab.board.fired)).toEqual({ refuse: 3, delay: 1, power: 1, 'asymmetric-partition': 1 });
    const before = [...lab.board.fired];
    lab.board.calm();
    expect(new Map(lab.board.fired)).toEqual(new Map(before));
    expect(lab.board.active).toEqual([]);
  });
});

describe('which calls', () => {
  test('on: interface, method, service and method, or all; letters may be small or capital', () => {
    for (const on of ['*', 'stub', 'stub.add', 'STUB.Add', 'stub.Counter/Add', 'stub.Counter/*', 'stub.a*']) {
      const lab = new Lab();
      lab.board.set({ on, refuse: true });
      expect([on, ...lab.calls(1)]).toEqual([on, 'UNAVAILABLE']);
    }
    for (const on of ['cni', 'stub.beat', 'stub.Other/Add', 'api.*', 'stub.sub*']) {
      const lab = new Lab();
      lab.board.set({ on, refuse: true });
      expect([on, ...lab.calls(1)]).toEqual([on, 1]);
    }
  });

  test('node, from, to and about choose; a bare name means every instance, and * any text', () => {
    const here: Partial<PlannedFault>[] = [
      { node: 'node-1' },
      { from: 'kubelet/node-1' },
      { from: 'host/node-1' },
      { to: 'counter/*-1' },
      { about: 'number/1', node: 'node-1' },
      { about: 'number/*', to: 'counter', node: 'node-1' },
    ];
    for (const choice of here) {
      const lab = new Lab();
      lab.board.set({ on: 'stub', refuse: true, ...choice });
      expect([choice, lab.calls(1, 0), lab.calls(1, 1)]).toEqual([choice, ['UNAVAILABLE'], [1]]);
    }
    const lab = new Lab();
    lab.board.set({ on: 'stub', refuse: true, from: 'kubelet' });
    expect([lab.calls(1, 0), lab.calls(1, 1)]).toEqual([['UNAVAILABLE'], ['UNAVAILABLE']]);
  });

  test('after and times count over all links together', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub.add', refuse: true, after: 2, times: 2 });
    expect([...lab.calls(2, 0), ...lab.calls(2, 1), ...lab.calls(2, 0)]).toEqual([1, 3, 'UNAVAILABLE', 'UNAVAILABLE', 4, 6]);
  });

  test('a call that is refused counts for the faults after it, too', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub.add', refuse: true, times: 2 });
    lab.board.set({ on: 'stub.add', error: 'INTERNAL', after: 2, times: 1 });
    expect(lab.calls(4)).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'INTERNAL', 4]);
    expect(lab.board.active.map(({ struck }) => struck)).toEqual([2, 1]);
  });

  test('heartbeats are struck too, and count where they are named', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub.beat', hang: true, after: 1, times: 1 });
    expect(lab.calls(3, 0, 'beat')).toEqual(['OK', 'DEADLINE_EXCEEDED', 'OK']);
  });

  test('links that are made later are struck as well', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub', refuse: true });
    lab.addNode('node-3');
    expect(lab.calls(1, 2)).toEqual(['UNAVAILABLE']);
    lab.board.healAll();
    expect(lab.calls(1, 2)).toEqual([1]);
  });
});

describe('rate', () => {
  test('strikes its share, the same calls for the same seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (seed) => {
        const outcomes = (): readonly (number | string)[] => {
          const lab = new Lab(seed);
          lab.board.set({ on: 'stub', error: 'INTERNAL', rate: '1/4' });
          return lab.calls(200);
        };
        const first = outcomes();
        expect(outcomes()).toEqual(first);
        const struck = first.filter((outcome) => outcome === 'INTERNAL').length;
        expect(struck).toBeGreaterThan(20);
        expect(struck).toBeLessThan(85);
      }),
      { numRuns: 20 },
    );
  });

  test('setting or healing another fault moves no draw', () => {
    const struckAt = (prepare: (board: FaultBoard) => void): readonly number[] => {
      const lab = new Lab();
      prepare(lab.board);
      lab.board.set({ on: 'stub.add', name: 'rare', error: 'INTERNAL', rate: 0.3 });
      return lab.calls(60).flatMap((outcome, index) => (outcome === 'INTERNAL' ? [index] : []));
    };
    const alone = struckAt(() => {});
    expect(alone.length).toBeGreaterThan(5);
    expect(struckAt((board) => board.set({ on: 'stub.beat', hang: true }))).toEqual(alone);
    expect(struckAt((board) => board.heal(board.set({ on: 'stub', refuse: true })))).toEqual(alone);
  });

  test.each([
    ...(['refuse', 'loseAnswer', 'duplicate', 'hang', 'crash', 'crashCaller'] as const).map((arrow) => ({ [arrow]: true as const })),
    ...[{ error: 'INTERNAL' }, { delay: '3s' }, { stale: '3s' }, { lag: '3s' }, { coalesce: '3s' }, { cut: true as const }],
  ])('0 leaves the run as it is without the fault: %j', (arrow) => {
    const told = (fault?: PlannedFault): readonly unknown[] => {
      const lab = new Lab();
      if (fault) lab.board.set(fault);
      const outcomes = [...lab.calls(20), ...lab.calls(3, 1, 'beat')];
      const quiet = lab.links.map((link) => link.quiet);
      lab.board.calm();
      return [outcomes, quiet, lab.kernel.eventCount, lab.kernel.now, lab.trace, [...lab.board.fired]];
    };
    fc.assert(
      fc.property(fc.constantFrom('*', 'stub', 'stub.add', 'api'), fc.constantFrom(0, '0/4'), (on, rate) => {
        expect(told({ on, ...arrow, rate, for: '5ms' })).toEqual(told());
      }),
      { numRuns: 8 },
    );
  });
});

describe('healing', () => {
  test('a healed fault strikes nothing, and the trace tells of both', () => {
    const lab = new Lab();
    const name = lab.board.set({ on: 'stub', refuse: true });
    expect(lab.calls(1)).toEqual(['UNAVAILABLE']);
    lab.board.heal(name);
    expect(lab.calls(1)).toEqual([1]);
    expect(lab.links.map((link) => link.quiet)).toEqual([true, true]);
    expect(lab.board.active).toEqual([]);
    expect(lab.trace.filter((line) => line.startsWith('fault fault/'))).toEqual([
      'fault fault/set stub refuse',
      'fault fault/heal stub refuse',
    ]);
  });

  test('for: heals by itself', () => {
    const lab = new Lab();
    lab.board.set({ on: 'stub', hang: true, for: '15s' });
    expect(lab.calls(3)).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED', 3]);
  });

  test('names: what is not there is named, and none is given twice', () => {
    const lab = new Lab();
    expect(() => lab.board.heal('flaky')).toThrow('nothing is wrong by the name "flaky": no fault is set');
    lab.board.set({ name: 'fault-1', on: 'stub', refuse: true });
    expect(lab.board.set({ on: 'stub', hang: true })).toBe('fault-2');
    expect(() => lab.board.heal('flaky')).toThrow('there is fault-1, fault-2');
    expect(() => lab.board.set({ name: 'fault-1', on: 'stub', hang: true })).toThrow('"fault-1" is wrong already');
  });
});

describe('watches', () => {
  /** What a watch of the API server shows, with times in seconds; it is opened anew when it breaks. */
  function watching(prepare: (lab: Lab) => void, until: number): readonly string[] {
    const lab = new Lab();
    const server = lab.kernel.owner('kube-apiserver');
    const client = lab.kernel.owner('host/node-9').child('kubelet/node-9');
    const open = new Set<Stream<number>>();
    const implementation: Implementation<Watchable> = {
      watch: () => {
        const stream = new Stream<number>();
        open.add(stream);
        return stream;
      },
    };
    const api = new Link(implementation, { service: watchable, from: client, to: server }).client();
    const seen: string[] = [];
    const note = (what: string): void => void seen.push(`${Math.round(lab.kernel.now / seconds(1))}: ${what}`);
    client.spawn(
      'watch',
      (function* (): Process {
        for (;;) {
          try {
            const stream = yield* api.watch({});
            for (;;) for (const item of yield* stream.take()) note(String(item));
          } catch (error) {
            note(codeOf(error));
          }
        }
      })(),
    );
    for (const at of [10, 20, 30, 40, 60, 70])
      lab.kernel.after(seconds(at), () => {
        for (const stream of open) stream.offer(at);
      });
    lab.kernel.after(seconds(5), () => prepare(lab));
    lab.kernel.run({ until: seconds(until) });
    return seen;
  }

  test('lag: items come late and in order, those on their way at the time of healing included', () => {
    expect(watching(({ board }) => board.set({ on: 'api.watch', lag: '15s', for: '20s' }), 80)).toEqual([
      ...['25: 10', '35: 20', '35: 30', '40: 40', '60: 60', '70: 70'],
    ]);
  });

  test('cut: once; the client begins anew', () => {
    expect(watching(({ board }) => board.set({ on: 'api', cut: true, node: 'node-9' }), 45)).toEqual([
      ...['5: UNAVAILABLE', '10: 10', '20: 20', '30: 30', '40: 40'],
    ]);
  });

  test('a short partition holds items back; a long one breaks the watch, and calls meet no error at once', () => {
    expect(watching(({ board }) => board.partition({ node: 'node-9', for: '20s' }), 45)).toEqual(['25: 10', '25: 20', '30: 30', '40: 40']);
    const seen = watching(({ board }) => board.partition({ node: 'node-9', direction: 'out', for: '50s' }), 100);
    // The way in is open until the client takes the connection for dead; its new request is lost, too.
    expect(seen).toEqual(['10: 10', '20: 20', '30: 30', '40: 40', '50: UNAVAILABLE', '95: DEADLINE_EXCEEDED']);
  });
});
