// Entry of the process that measures one case: node run-case.js NAME INPUT-AS-JSON [PROFILE-FILE SECONDS]. Prints one line of JSON.
import { Worker } from 'node:worker_threads';
import { shareOfCore } from './clock.ts';
import { cases } from './cases.ts';
import type { CaseInput, Measured } from './measurement.ts';

export interface CaseResult extends Measured {
  /** Largest resident set of the process, in MiB; processes that it started are not part of it. */
  readonly peakMiB: number;
  /** See `shareOfCore`. */
  readonly core?: number;
}

const [name = '', input = '{}', profile, limit] = process.argv.slice(2);
const found = cases.find((each) => each.name === name);
if (!found) throw new Error(`there is no case ${name}`);

const stop = profile === undefined ? undefined : await startProfile(profile, Number(limit));
const measurement = await found.load();
const measured = await measurement(JSON.parse(input) as CaseInput);
await stop?.();
const core = shareOfCore();
const result: CaseResult = { ...measured, peakMiB: process.resourceUsage().maxRSS / 1_024, ...(core === undefined ? {} : { core }) };
process.stdout.write(`${JSON.stringify(result)}\n`);

/** Profiles this thread from another one, so that a case that never ends has a profile too. */
async function startProfile(file: string, seconds: number): Promise<() => Promise<void>> {
  const worker = new Worker(new URL('./profile-thread.js', import.meta.url), { workerData: { file, seconds } });
  const heard = (): Promise<void> => new Promise((resolve) => worker.once('message', () => resolve()));
  await heard();
  return () => {
    const written = heard();
    worker.postMessage('stop');
    return written;
  };
}
