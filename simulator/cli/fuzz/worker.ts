// A thread that tries cases: it loads the same scenarios as the command, and answers one case at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { parseSettings } from '../input/set-options.ts';
import type { Answer, Job, WorkerData } from './messages.ts';
import { readOnly } from './only.ts';
import { loadStories } from './stories.ts';

const { paths, set, only } = workerData as WorkerData;
const port = parentPort;
if (!port) throw new Error('a worker has to be started as a thread');
const loading = loadStories(paths, parseSettings(set), readOnly(only));
const answer = (message: Answer): void => port.postMessage(message);

port.on('message', (job: Job) => {
  void loading
    .then(async (stories) => {
      const story = stories[job.story];
      if (!story) throw new Error(`there is no story ${job.story}`);
      answer({ job, trial: await story.fuzzer.try(job.seed) });
    })
    .catch((error: unknown) => answer({ job, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
});
