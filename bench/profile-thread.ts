// A thread that profiles the main one: an inspector session reaches it even while it computes.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { parentPort, workerData } from 'node:worker_threads';

const { file, seconds } = workerData as { readonly file: string; readonly seconds: number };
let finished = false;
// Set first: an answer that is awaited does not keep a thread alive, a timer does.
const timer = setTimeout(() => void finish(), seconds * 1_000);
const session = new Session();
session.connectToMainThread();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 500 });
await session.post('Profiler.start');
parentPort?.once('message', () => void finish());
parentPort?.postMessage('started');

async function finish(): Promise<void> {
  if (finished) return;
  finished = true;
  clearTimeout(timer);
  const alive = setInterval(() => {}, 1_000);
  const { profile } = await session.post('Profiler.stop');
  clearInterval(alive);
  writeFileSync(file, JSON.stringify(profile));
  parentPort?.postMessage('written');
  parentPort?.close();
}
