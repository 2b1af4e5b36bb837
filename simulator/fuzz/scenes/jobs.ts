import { job } from './objects.ts';
import { type Manifest, type Scene, second } from './scene.ts';

/** Work that ends, work that fails, and work that comes back every minute for a while. */
export const jobScenes: readonly Scene[] = [
  {
    name: 'jobs',
    draw({ random }) {
      const count = random.integer(1, 4);
      const runs = job('runs', `sleep ${random.integer(1, 8)}`, { completions: count, parallelism: random.integer(1, count) });
      const fails = job('fails', 'sleep 1; exit 1', { backoffLimit: random.integer(0, 2) });
      return {
        objects: [runs, ...(random.chance(1, 2) ? [fails] : [])],
        steps: random.chance(1, 3) ? [{ at: second(random.integer(3, 20)), mayFail: true, delete: { of: { podOf: 'job/runs' } } }] : [],
      };
    },
  },
  {
    name: 'cron-jobs',
    draw({ random }) {
      const { spec } = job('every', `sleep ${random.pick([1, 20, 70])}`);
      const every: Manifest = {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: 'every' },
        spec: {
          schedule: '* * * * *',
          concurrencyPolicy: random.pick(['Allow', 'Forbid', 'Replace']),
          successfulJobsHistoryLimit: random.integer(0, 1),
          jobTemplate: { spec },
        },
      };
      return {
        objects: [every],
        // Else it never came to rest.
        steps: [{ at: second(random.integer(70, 150)), patch: { of: 'cronjob/every', type: 'merge', with: { spec: { suspend: true } } } }],
      };
    },
  },
];
