import type { Exploration } from './exploration.ts';
import type { FootprintOptions } from './footprint.ts';
import type { Task } from './task.ts';
import type { Breach, TraceRecord } from './trace-record.ts';

export interface KernelOptions {
  /** Left out: 1. */
  readonly seed?: number | string;
  /** Unix time of virtual zero, in microseconds. Left out: 2026-01-01T00:00:00Z. */
  readonly epoch?: number;
  /** Left out: none. `swarm`: the seed draws which freedoms are on. */
  readonly explore?: Exploration | 'swarm';
  /** Whether it is kept what each event reads and writes, for the search through all orders. Slow. Left out: no. */
  readonly footprints?: boolean | FootprintOptions;
  /** Whether idle ticks of fixed grids are left out. Left out: true. */
  readonly elide?: boolean;
  /** How many calls of a method by one sort of caller note where in the code they are made, for messages of a forgotten `yield*`. Left out: 3. */
  readonly callPlaces?: number;
  /** Steps of one process at one instant beyond which it is taken for a runaway. Left out: 200,000. */
  readonly maxStepsPerInstant?: number;
  /** Events at one instant beyond which the run is taken for a runaway. Left out: 10 million. */
  readonly maxEventsPerInstant?: number;
  /** Real time in milliseconds after which a promise that does not settle aborts the run. Left out: 30,000. */
  readonly promiseLimitMs?: number;
}

/** What the kernel tells observers, as it happens. Listeners only look: they must not act on the world. */
export interface KernelEvents {
  trace: [record: TraceRecord];
  breach: [breach: Breach];
  crash: [error: unknown, task: Task];
}
