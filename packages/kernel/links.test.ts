import { describe, expect, test } from 'vitest';
import {
  ActiveFault,
  Cell,
  codeOf,
  every,
  type Gathering,
  type Implementation,
  Kernel,
  Link,
  milliseconds,
  type Process,
  seconds,
  service,
  sleep,
  Stream,
  timeout,
} from './index.ts';

interface Echo {
  say(request: { readonly text: string }): { readonly text: string };
  listen(request: object): Stream<number>;
}
const echo = service<Echo>('test.v1.Echo', { interface: 'test', deadline: seconds(10) }, { say: {}, listen: {} });

const answering = (name: string): Implementation<Echo> => ({
  say: ({ text }) => ({ text: `${name}: ${text}` }),
  listen: () => new Stream(),
});

function setup(implementation: Implementation<Echo> = answering('first')) {
  const kernel = new Kernel();
  const from = kernel.owner('caller');
  const to = kernel.owner('callee');
  const link = new Link(implementation, { service: echo, from, to, latency: { '*': '1ms' } });
  const client = link.client();
  function* ask(text: string): Process<string> {
    try {
      return (yield* client.say({ text })).text;
    } catch (error) {
      return codeOf(error);
    }
  }
  const say = (text: string): string => kernel.complete(from, 'say', ask(text));
  return { kernel, from, to, link, client, say, ask };
}

describe('a callee that is started anew', () => {
  test('answers under its new owner; what was on its way to the one before is lost', () => {
    const { kernel, from, to, link, say, ask } = setup();
    expect(say('a')).toBe('first: a');
    const late = from.spawn('late', ask('b'));
    kernel.after(0, () => {
      to.kill();
      link.serve(answering('second'), kernel.owner('callee'));
    });
    kernel.run();
    expect(late.outcome).toBe('UNAVAILABLE');
    expect(say('c')).toBe('second: c');
  });

  test('is no quiet link while it is away, and whoever leaves out idle calls learns of both', () => {
    const { kernel, from, to, link } = setup();
    const ticks: number[] = [];
    const idle = new Cell(0);
    from.spawn(
      'ticks',
      (function* (): Process {
        const ticker = every(seconds(1));
        for (;;) {
          yield* ticker.next({ unless: [idle, link.disturbed], quiet: () => link.quiet });
          ticks.push(kernel.now / seconds(1));
        }
      })(),
    );
    kernel.after(seconds(10) + 1, () => to.kill());
    kernel.after(seconds(12) + 1, () => link.serve(answering('second'), kernel.owner('callee')));
    kernel.run({ until: seconds(100) });
    expect(ticks.filter((at) => at > 2)).toEqual([11, 12, 13]);
  });
});

describe('the links of a world', () => {
  test('are told of as they are made, and forgotten with their callers', () => {
    const { kernel, from, link } = setup();
    const made: Link[] = [];
    const stop = kernel.links.observe((each) => made.push(each));
    const other = kernel.owner('other');
    const second = new Link(answering('x'), { service: echo, from: other, to: other });
    expect(made).toEqual([second]);
    expect([...kernel.links]).toEqual([link, second]);
    from.kill();
    expect([...kernel.links]).toEqual([second]);
    link.callFrom(other);
    expect([...kernel.links]).toEqual([second, link]);
    stop();
    link.callFrom(kernel.owner('third'));
    expect(made).toEqual([second, link]);
  });

  test('a fault on several links counts over all of them', () => {
    const { kernel, link, say } = setup();
    const caller = kernel.owner('other');
    const second = new Link(answering('second'), { service: echo, from: caller, to: kernel.owner('second') });
    const active = new ActiveFault({ kind: { refuse: {} }, times: 2 });
    link.addFault(active);
    second.addFault(active);
    const direct = (): string =>
      kernel.complete(
        caller,
        'say',
        (function* (): Process<string> {
          return (yield* second.client().say({ text: 'x' })).text;
        })(),
      );
    expect(say('a')).toBe('UNAVAILABLE');
    expect(direct).toThrow('connection refused');
    expect(say('b')).toBe('first: b');
    expect(active.struck).toBe(2);
    link.removeFault(active);
    expect([link.quiet, second.quiet]).toEqual([true, false]);
  });
});

describe('a link that is cut', () => {
  test('loses requests, or answers to work that was done; callers meet their deadline, or lose patience before', () => {
    let works = 0;
    const { kernel, link, say } = setup({
      say: ({ text }) => {
        works += 1;
        return { text };
      },
      listen: () => new Stream(),
    });
    link.cut = { requests: true, answers: false };
    expect([say('a'), works, kernel.now]).toEqual(['DEADLINE_EXCEEDED', 0, seconds(10)]);
    link.cut = { requests: false, answers: true };
    expect([say('b'), works]).toEqual(['DEADLINE_EXCEEDED', 1]);
    const before = kernel.now;
    link.cut = { requests: true, answers: true, patience: seconds(4) };
    expect([say('c'), kernel.now - before]).toEqual(['DEADLINE_EXCEEDED', seconds(4)]);
    link.cut = undefined;
    expect([say('d'), works, link.quiet]).toEqual(['d', 2, true]);
  });

  test('cuts off what is on its way', () => {
    const { kernel, from, link, ask } = setup();
    const task = from.spawn('ask', ask('a'));
    kernel.after(100, () => {
      link.cut = { requests: true, answers: false };
    });
    kernel.run();
    expect([task.outcome, kernel.now]).toEqual(['DEADLINE_EXCEEDED', seconds(10) + milliseconds(1)]);
  });
});

describe('a stream whose items are gathered', () => {
  const every = (micros: number): Gathering => ({ every: micros, merge: (items) => items.slice(-1) });

  function heard(change: (link: Link<Echo>, kernel: Kernel) => void): readonly string[] {
    const stream = new Stream<number>();
    const { kernel, from, link, client } = setup({ say: ({ text }) => ({ text }), listen: () => stream });
    const seen: string[] = [];
    from.spawn(
      'listen',
      (function* (): Process {
        const mine = yield* client.listen({});
        for (;;) {
          const items = yield* mine.take();
          if (items.length === 0) break;
          for (const item of items) seen.push(`${item} at ${kernel.now / seconds(1)}`);
        }
        seen.push(`end at ${kernel.now / seconds(1)}`);
      })(),
    );
    for (let item = 1; item <= 7; item++) kernel.after(seconds(item), () => void stream.offer(item));
    kernel.after(seconds(9), () => stream.end());
    change(link, kernel);
    kernel.run({ until: seconds(60) });
    return seen;
  }

  test('comes at the points of a grid, merged, and ends after what came before', () => {
    expect(heard((link) => link.addGathering(every(seconds(4))))).toEqual(['3 at 4', '7 at 8', 'end at 9']);
    expect(heard((link) => link.addGathering(every(seconds(5))))).toEqual(['4 at 5', '7 at 10', 'end at 10']);
  });

  test('comes at once when that ends, merged all the same, and then as it is sent', () => {
    const seen = heard((link, kernel) => {
      const gathering = every(seconds(50));
      link.addGathering(gathering);
      kernel.after(seconds(5) + 1, () => link.removeGathering(gathering));
    });
    expect(seen).toEqual(['5 at 5.000001', '6 at 6', '7 at 7', 'end at 9']);
  });
});

describe('an owner that stands still', () => {
  test('does nothing, and then goes on where it stood: late, in order, and once', () => {
    const { kernel, from, to, ask } = setup({
      *say({ text }) {
        yield* sleep(seconds(3));
        return { text };
      },
      listen: () => new Stream(),
    });
    const told: string[] = [];
    const note = (what: string): void => void told.push(`${what} at ${kernel.now / seconds(1)}`);
    from.spawn(
      'calls',
      (function* (): Process {
        for (const text of ['a', 'b', 'c', 'd']) note(yield* ask(text));
      })(),
    );
    to.child('part').spawn(
      'ticks',
      (function* (): Process {
        for (;;) {
          yield* sleep(seconds(4));
          note('tick');
        }
      })(),
    );
    kernel.after(seconds(5), () => to.freeze());
    kernel.after(seconds(9), () => to.thaw());
    kernel.run({ until: seconds(17) });
    expect(told).toEqual(['a at 3.001', 'tick at 4', 'tick at 9', 'b at 9', 'c at 12.001', 'tick at 13', 'd at 15.002', 'tick at 17']);
  });

  test('takes in nothing that is sent to it: callers meet their deadline, and its end is seen', () => {
    const { kernel, from, to, ask, say } = setup();
    to.freeze();
    expect([say('a'), kernel.now]).toEqual(['DEADLINE_EXCEEDED', seconds(10) + milliseconds(1)]);
    const late = from.spawn('late', ask('b'));
    kernel.after(seconds(1), () => to.kill());
    kernel.run();
    expect([late.outcome, kernel.now]).toEqual(['UNAVAILABLE', seconds(11) + milliseconds(1)]);
  });

  test('is a caller whose answers wait for it, and its children are born still', () => {
    const { kernel, from, ask } = setup();
    const task = from.spawn('ask', ask('a'));
    const child = from.child('child');
    const task2 = child.spawn('time', timeout(sleep(seconds(5)), seconds(1)));
    task2.onEnd = () => {};
    kernel.after(10, () => from.freeze());
    kernel.after(seconds(3), () => from.child('late').spawn('late', ask('b')));
    kernel.run({ until: seconds(4) });
    expect([task.state, task2.state, [...from.tasks].length]).toEqual(['waiting', 'waiting', 1]);
    from.thaw();
    kernel.run();
    expect([task.outcome, codeOf(task2.outcome)]).toEqual(['first: a', 'DEADLINE_EXCEEDED']);
  });
});

describe('a clock that is wrong', () => {
  test('is what code of its owner reads, tasks and plain methods, and nobody else; spans are right', () => {
    const read: number[] = [];
    const { kernel, from, to, say } = setup({
      say: ({ text }) => {
        read.push(kernel.unixMicros - kernel.epoch - kernel.now);
        return { text };
      },
      listen: () => new Stream(),
    });
    to.skew(-seconds(60));
    const child = to.child('part');
    function* clock(): Process<number> {
      yield* sleep(seconds(1));
      return kernel.unixMicros - kernel.epoch - kernel.now;
    }
    say('a');
    expect(read).toEqual([-seconds(60)]);
    expect([kernel.complete(child, 'own', clock()), kernel.complete(from, 'other', clock()), kernel.unixMicros - kernel.epoch]).toEqual([
      ...[-seconds(60), 0],
      kernel.now,
    ]);
    expect([kernel.now, kernel.clockError]).toEqual([seconds(2) + milliseconds(1), { ahead: 0, behind: seconds(60) }]);
  });
});

describe('a stream that lags', () => {
  /** What comes when, in seconds; items are sent at 1 s, 2 s and so on. */
  function heard(change: (link: Link<Echo>, kernel: Kernel) => void): readonly string[] {
    const stream = new Stream<number>();
    const { kernel, from, link, client } = setup({ say: ({ text }) => ({ text }), listen: () => stream });
    const seen: string[] = [];
    from.spawn(
      'listen',
      (function* (): Process {
        const mine = yield* client.listen({});
        for (;;) for (const item of yield* mine.take()) seen.push(`${item} at ${kernel.now / seconds(1)}`);
      })(),
    );
    for (let item = 1; item <= 5; item++) kernel.after(seconds(item), () => void stream.offer(item));
    change(link, kernel);
    kernel.run({ until: seconds(60) });
    return seen;
  }

  test('keeps the order when the lag shrinks', () => {
    const seen = heard((link, kernel) => {
      link.streamLag = seconds(10);
      kernel.after(seconds(3) + 1, () => {
        link.streamLag = 0;
      });
    });
    expect(seen).toEqual(['1 at 11', '2 at 12', '3 at 13', '4 at 13', '5 at 13']);
  });

  test('holds items back while answers are cut', () => {
    const seen = heard((link, kernel) => {
      kernel.after(seconds(2) - 1, () => {
        link.cut = { requests: false, answers: true };
      });
      kernel.after(seconds(4) + 1, () => {
        link.cut = undefined;
      });
    });
    expect(seen).toEqual(['1 at 1', '2 at 4.000001', '3 at 4.000001', '4 at 4.000001', '5 at 5']);
  });
});
