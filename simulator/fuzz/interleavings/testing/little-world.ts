import {
  all,
  Cell,
  type Client,
  every,
  Kernel,
  link,
  Mailbox,
  Mutex,
  now,
  type Owner,
  type Process,
  service,
  sleep,
  spawn,
  Stream,
  timeout,
  until,
} from '@slipway/kernel';
import type { OrderedRun, Picks } from '../explore-orders.ts';

/** One thing that a process does. Numbers name cells, mailboxes and processes, modulo how many there are. */
export type Deed =
  | { readonly do: 'turn' | 'rest' | 'tick' | 'id' | 'take' | 'receive' | 'child' | 'call' | 'both' | 'patience' }
  | { readonly do: 'add' | 'wait' | 'send' | 'offer' | 'lock' | 'kill' | 'stop' | 'freeze' | 'thaw'; readonly to: number }
  | { readonly do: 'copy'; readonly from: number; readonly to: number };

interface Counter {
  add(request: { readonly n: number }): { readonly sum: number };
}
const counter = service<Counter>('test.v1.Counter', { interface: 'test', deadline: 1_000 }, { add: {} });
const CELLS = 3;

/** A small kernel in which each list of deeds is a process of an owner of its own. What comes of it is all that anybody has seen. */
export function runLittleWorld(processes: readonly (readonly Deed[])[], picks: Picks): OrderedRun<string> {
  const kernel = new Kernel({ explore: { order: 'picks', picks }, footprints: true });
  const cells = Array.from({ length: CELLS }, () => new Cell(0));
  const cell = (index: number): Cell<number> => cells[index % CELLS] as Cell<number>;
  const box = new Mailbox<number>();
  const stream = new Stream<number>();
  const lock = new Mutex();
  const server = kernel.owner('server');
  let sum = 0;
  const implementation = { add: ({ n }: { readonly n: number }) => ({ sum: (sum = sum * 3 + n) }) };
  const owners: Owner[] = [];
  const seen: string[][] = [];

  function* live(me: number, deeds: readonly Deed[], client: Client<Counter>): Process {
    const log = (text: unknown): unknown => seen[me]?.push(String(text));
    try {
      for (const deed of deeds) {
        if (deed.do === 'turn') yield* sleep(0);
        else if (deed.do === 'rest') yield* sleep(1);
        else if (deed.do === 'tick') log(yield* every(2).next());
        else if (deed.do === 'id') log(kernel.ids.next('id'));
        else if (deed.do === 'receive') log(yield* box.receive());
        else if (deed.do === 'take') log((yield* stream.take()).join('+'));
        else if (deed.do === 'call') log((yield* client.add({ n: me })).sum);
        else if (deed.do === 'child') yield* spawn('child', child(me));
        else if (deed.do === 'both') yield* all([child(me), child(me + 1)]);
        else if (deed.do === 'patience') yield* patience(log);
        else if (deed.do === 'add') cell(deed.to).set(cell(deed.to).value * 2 + me + 1);
        else if (deed.do === 'copy') cell(deed.to).set(cell(deed.from).value);
        else if (deed.do === 'wait') log(yield* until(cell(deed.to), 0));
        else if (deed.do === 'send') box.send(me * 10 + deed.to);
        else if (deed.do === 'offer') stream.offer(me * 10 + deed.to);
        else if (deed.do === 'lock') yield* lock.hold(holding(deed.to));
        else if (deed.do === 'kill') owners[deed.to % owners.length]?.kill();
        else if (deed.do === 'freeze') owners[deed.to % owners.length]?.freeze();
        else if (deed.do === 'thaw') owners[deed.to % owners.length]?.thaw();
        else if (deed.do === 'stop') owners[deed.to % owners.length]?.stop();
      }
    } finally {
      log(`end@${kernel.now}`);
    }
    yield* now();
  }
  function* child(index: number): Process {
    cell(index).set(cell(index).value * 5 + 1);
  }
  function* patience(log: (text: unknown) => unknown): Process {
    try {
      log(yield* timeout(until(cell(0), 0), 1));
    } catch {
      log('too late');
    }
  }
  function* holding(index: number): Process {
    cell(index).set(cell(index).value + 1);
    yield* sleep(0);
    cell(index).set(cell(index).value * 2);
  }

  for (const [me, deeds] of processes.entries()) {
    seen.push([]);
    const owner = kernel.owner(`p${me}`);
    owners.push(owner);
    owner.spawn('p', live(me, deeds, link(implementation, { service: counter, from: owner, to: server })));
  }
  kernel.run({ until: 10 });
  const result = JSON.stringify([seen, cells.map(({ value }) => value), box.size, sum]);
  return { choices: kernel.choices, footprints: kernel.footprints, result };
}
