// A thread that tries cases: it loads the same scenarios as the command, and answers one case at a time, in the order in which it is asked.
import { parentPort, workerData } from 'node:worker_threads';
import { parseSettings } from '../input/set-options.ts';
import { type Answer, type Job, READY, type WorkerData } from './messages.ts';
import { readOnly } from './only.ts';
import { loadStories } from './stories.ts';

const { paths, set, only } = workerData as WorkerData;
const port = parentPort;
if (!port) throw new Error('a worker has to be started as a thread');
const loading = loadStories(paths, parseSettings(set), readOnly(only));

async function answer(job: Job): Promise<Answer> {
  try {
    const story = (await loading)[job.story];
    if (!story) throw new Error(`there is no story ${job.story}`);
    return { job, trial: await story.fuzzer.try(job.seed) };
  } catch (error) {
    return { job, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

// One world at a time: promises of plugins would let the next one begin meanwhile.
let last: Promise<unknown> = loading.catch(() => undefined).then(() => port.postMessage(READY));
port.on('message', (job: Job) => {
  last = last.then(async () => port.postMessage(await answer(job)));
});
