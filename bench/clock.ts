// Real time: read here, in the command, and nowhere else.
import { existsSync, readFileSync } from 'node:fs';

const SCHEDULER = '/proc/self/schedstat';

/** Set by `--cpu`: time that this thread was on a core, so that whatever else the machine does hardly counts. Linux only. */
const onCore = process.env['SLIPWAY_BENCH_CLOCK'] === 'cpu' && existsSync(SCHEDULER);

/** Seconds since some moment. */
export function clock(): number {
  return onCore ? onCoreSeconds() : performance.now() / 1_000;
}

/** Share of real time since the process began that its main thread had a core; undefined where the system does not say. */
export function shareOfCore(): number | undefined {
  return existsSync(SCHEDULER) ? onCoreSeconds() / (performance.now() / 1_000) : undefined;
}

function onCoreSeconds(): number {
  return Number(readFileSync(SCHEDULER, 'utf8').split(' ')[0]) / 1e9;
}
