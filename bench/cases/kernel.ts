import { type Client, type Implementation, Kernel, Link, type Process, seconds, service, sleep } from '@slipway/kernel';
import { TraceRecorder } from '@slipway/simulator';
import { type Measured, timed } from '../measurement.ts';

const PROCESSES = 1_000;
const WARM_UP = 200;

/** Sleepers of different periods: each event is one timer taken, one process resumed, one timer set. */
export function bareEvents(): Measured {
  return eventsPerSecond(2_000, false);
}

/** The same, each resume writing a trace event that is hashed. */
export function tracedEvents(): Measured {
  return eventsPerSecond(700, true);
}

function eventsPerSecond(rounds: number, traced: boolean): Measured {
  sleepers(WARM_UP, traced);
  const kernel = new Kernel();
  const { seconds: took } = timed(() => sleepers(rounds, traced, kernel));
  return { value: kernel.eventCount / took, note: `${kernel.eventCount} events` };
}

function sleepers(rounds: number, traced: boolean, kernel = new Kernel()): void {
  const recorder = traced ? new TraceRecorder(kernel) : undefined;
  const owner = kernel.owner('bench');
  for (let index = 0; index < PROCESSES; index += 1) {
    owner.spawn(`sleeper-${index}`, sleeper(kernel, rounds, 900 + ((index * 37) % 200), traced ? `kubelet/node-${index}` : undefined));
  }
  kernel.run();
  recorder?.fingerprint();
}

function* sleeper(kernel: Kernel, rounds: number, period: number, actor: string | undefined): Process {
  for (let round = 0; round < rounds; round += 1) {
    yield* sleep(period);
    if (actor !== undefined) kernel.record('log', actor, 'bench.Sleeper/Wake', 'default/pod-1', [round, 'awake']);
  }
}

interface Adder {
  /** Adds one. */
  add(request: { readonly n: number }): { readonly sum: number };
}

const adder = service<Adder>(
  'bench.v1.Adder',
  { interface: 'bench', deadline: seconds(10) },
  {
    add: {
      guard: { rules: [{ id: 'whole', source: 'bench', request: ({ n }) => (Number.isInteger(n) ? undefined : `n is ${n}`) }] },
      summary: ({ n }, answer) => (answer ? [answer.sum] : [n]),
      subject: () => 'default/pod-1',
    },
  },
);

const implementation: Implementation<Adder> = { add: ({ n }) => ({ sum: n + 1 }) };

/** Calls over links with latency and a guard, both halves recorded and hashed. */
export function recordedCalls(): Measured {
  calls(100);
  const count = 1_500;
  const { seconds: took } = timed(() => calls(count));
  return { value: (count * 100) / took, note: `${count * 100} calls on 100 links` };
}

function calls(each: number): void {
  const kernel = new Kernel();
  const recorder = new TraceRecorder(kernel);
  for (let index = 0; index < 100; index += 1) {
    const from = kernel.owner(`caller/node-${index}`);
    const to = kernel.owner(`callee/node-${index}`);
    const link = new Link(implementation, { service: adder, from, to, latency: { '*': '1ms' } });
    from.spawn('caller', caller(link.client(), each));
  }
  kernel.run();
  recorder.fingerprint();
}

function* caller(client: Client<Adder>, count: number): Process {
  for (let n = 0; n < count; n += 1) yield* client.add({ n });
}
