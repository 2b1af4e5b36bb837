import { type Micros, milliseconds, minutes, seconds } from '@slipway/kernel';
import { type CronJob, type CronJobStatus, isControlledBy, type Job, parseTime, type Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import { jobController } from '../job/job-controller.ts';
import { ControllerWorld, template } from '../testing/world.ts';
import { endOf } from './child-jobs.ts';
import { cronJobController } from './cronjob-controller.ts';

const at = { namespace: 'default', name: 'tick' } as const;
/** Minutes from 1970 to the beginning of each world. */
const BEGIN = Date.parse('2026-01-01T00:00:00Z') / 60_000;
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

const cronJob = (spec: Partial<CronJob['spec']> = {}): CronJob => ({
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: at,
  spec: {
    schedule: '* * * * *',
    jobTemplate: {
      metadata: { labels: { made: 'here' }, annotations: { note: 'kept' } },
      spec: { backoffLimit: 0, template: { spec: { ...template('x').spec, restartPolicy: 'Never' } } },
    },
    ...spec,
  },
});

const definitions = () => [jobController(), cronJobController, garbageCollector()];

/** Pods run for so long, and end with this code. */
function worldWith(runs: Micros, exitCode = 0): ControllerWorld {
  const kubelet = { startUp: milliseconds(10), shutDown: milliseconds(10), outcome: () => ({ exitCode, after: runs }) };
  return new ControllerWorld({ controllers: definitions(), kubelet });
}

const create = (world: ControllerWorld, spec?: Partial<CronJob['spec']>): void => void world.run(world.api.cronjobs.create(cronJob(spec)));
const change = (world: ControllerWorld, spec: Partial<CronJob['spec']>): void =>
  void world.run(world.api.cronjobs.patch({ ...at, patch: { spec } }));
const statusOf = (world: ControllerWorld): CronJobStatus => world.run(world.api.cronjobs.get(at)).status ?? {};
const events = (world: ControllerWorld): readonly string[] => world.events('CronJob');
const passTo = (world: ControllerWorld, time: Micros): void => world.pass(time - world.kernel.now);
const jobs = (world: ControllerWorld): readonly Stored<Job>[] =>
  [...world.stored<Stored<Job>>('jobs')].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
/** Minutes of the starts whose Jobs are there. */
const starts = (world: ControllerWorld): readonly number[] => jobs(world).map(({ metadata }) => Number(metadata.name.slice(5)) - BEGIN);
/** The controller manager is away for so long. */
function away(world: ControllerWorld, duration: Micros): void {
  world.manager.kill();
  world.pass(duration);
  world.restartManager(definitions());
}

describe('cron job', () => {
  it('makes a Job of its template 100 ms after each time, and says what became of it', () => {
    const world = worldWith(seconds(10));
    const made: number[] = [];
    world.server.observe(({ resource, type }) => {
      if (resource === 'jobs' && type === 'ADDED') made.push(world.kernel.now);
    });
    create(world);
    passTo(world, seconds(62));
    expect(made.map((time) => Math.round(time / 1e5) / 10)).toEqual([60.1]);
    const [job] = jobs(world);
    expect(job?.metadata).toMatchObject({
      name: `tick-${BEGIN + 1}`,
      labels: { made: 'here' },
      annotations: { note: 'kept', [SCHEDULED_AT]: '2026-01-01T00:01:00Z' },
    });
    expect(job && isControlledBy(job, world.run(world.api.cronjobs.get(at)))).toBe(true);
    const status = statusOf(world);
    expect(status.active).toMatchObject([{ kind: 'Job', name: `tick-${BEGIN + 1}`, uid: job?.metadata.uid }]);
    expect(status.lastScheduleTime).toBe('2026-01-01T00:01:00Z');
    passTo(world, seconds(100));
    expect(statusOf(world)).toMatchObject({ active: [], lastSuccessfulTime: jobs(world)[0]?.status?.completionTime });
    expect(events(world)).toEqual([
      `SuccessfulCreate Created job tick-${BEGIN + 1}`,
      `SawCompletedJob Saw completed job: tick-${BEGIN + 1}, condition: Complete`,
    ]);
    expect(made).toHaveLength(1);
  });

  it('costs nothing between two times', () => {
    const eventsOf = (count: number): number => {
      const world = worldWith(seconds(10));
      for (let index = 0; index < count; index++) {
        const { metadata, ...rest } = cronJob({ schedule: '@daily' });
        world.run(world.api.cronjobs.create({ ...rest, metadata: { ...metadata, name: `tick${index}` } }));
      }
      // Watches report their place once after the creates.
      passTo(world, minutes(2));
      const before = world.kernel.eventCount;
      passTo(world, minutes(10 * 60));
      return world.kernel.eventCount - before;
    };
    expect(eventsOf(20)).toBe(eventsOf(0));
  });

  it('keeps three Jobs that succeeded and one that failed, or as many as it is told', () => {
    const good = worldWith(seconds(10));
    create(good);
    passTo(good, minutes(6) + seconds(30));
    expect(starts(good)).toEqual([4, 5, 6]);
    expect(events(good)).toContain(`SuccessfulDelete Deleted job tick-${BEGIN + 3}`);
    change(good, { successfulJobsHistoryLimit: 0 });
    passTo(good, minutes(6) + seconds(40));
    expect(starts(good)).toEqual([]);

    const bad = worldWith(seconds(10), 1);
    create(bad);
    passTo(bad, minutes(4) + seconds(30));
    expect(starts(bad)).toEqual([4]);
    expect(events(bad)).toContain(`SawCompletedJob Saw completed job: tick-${BEGIN + 4}, condition: Failed`);
    expect(statusOf(bad).lastSuccessfulTime).toBeUndefined();
  });

  it('Allow: Jobs run side by side', () => {
    const world = worldWith(seconds(150));
    create(world, { concurrencyPolicy: 'Allow' });
    passTo(world, seconds(182));
    expect(statusOf(world).active).toHaveLength(3);
  });

  it('Forbid: leaves out the starts while a Job runs, and makes up for the last of them when it ends', () => {
    const world = worldWith(seconds(150));
    create(world, { concurrencyPolicy: 'Forbid' });
    passTo(world, seconds(200));
    expect(starts(world)).toEqual([1]);
    expect(events(world)).toContain(
      'JobAlreadyActive Not starting job because prior execution is running and concurrency policy is Forbid',
    );
    passTo(world, seconds(215));
    expect(starts(world)).toEqual([1, 3]);
    expect(statusOf(world)).toMatchObject({ active: [{ name: `tick-${BEGIN + 3}` }], lastScheduleTime: '2026-01-01T00:03:00Z' });
  });

  it('Replace: deletes what still runs', () => {
    const world = worldWith(seconds(150));
    create(world, { concurrencyPolicy: 'Replace' });
    passTo(world, seconds(125));
    expect(starts(world)).toEqual([2]);
    expect(statusOf(world).active).toMatchObject([{ name: `tick-${BEGIN + 2}` }]);
    expect(events(world)).toEqual([
      `SuccessfulCreate Created job tick-${BEGIN + 1}`,
      `SuccessfulDelete Deleted job tick-${BEGIN + 1}`,
      `SuccessfulCreate Created job tick-${BEGIN + 2}`,
    ]);
    expect(world.pods().map(({ metadata }) => metadata.labels?.['job-name'])).toEqual([`tick-${BEGIN + 2}`]);
  });

  it('suspended it starts nothing; resumed it makes up for the last start at once', () => {
    const world = worldWith(seconds(10));
    create(world, { suspend: true });
    passTo(world, seconds(200));
    expect(starts(world)).toEqual([]);
    change(world, { suspend: false });
    passTo(world, seconds(201));
    expect(starts(world)).toEqual([3]);
  });

  it('of the starts missed while the controller was away only the last is made up for', () => {
    const world = worldWith(seconds(10));
    create(world);
    passTo(world, seconds(30));
    away(world, minutes(10));
    world.pass(seconds(1));
    expect(starts(world)).toEqual([10]);
    expect(events(world).filter((line) => line.startsWith('TooMany'))).toEqual([]);
  });

  it('a start that is later than its deadline is given up, without a word', () => {
    const world = worldWith(seconds(10));
    create(world, { startingDeadlineSeconds: 20 });
    passTo(world, seconds(30));
    away(world, minutes(5));
    world.pass(seconds(1));
    expect(starts(world)).toEqual([]);
    expect(events(world)).toEqual([]);
    passTo(world, seconds(361));
    expect(starts(world)).toEqual([6]);
  });

  it('more than a hundred missed starts are reported, and the last is made up for', () => {
    const world = worldWith(seconds(10));
    create(world);
    passTo(world, seconds(30));
    away(world, minutes(101));
    world.pass(seconds(1));
    expect(starts(world)).toEqual([101]);
    expect(events(world)[0]).toBe(
      'TooManyMissedTimes too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
    );
  });

  it('a start that intervals of different lengths hide is not made up for', () => {
    const world = worldWith(seconds(10));
    create(world, { schedule: '0-5 0 * * *' });
    passTo(world, seconds(30));
    away(world, minutes(60));
    world.pass(seconds(1));
    expect(starts(world)).toEqual([]);
    passTo(world, minutes(24 * 60) + seconds(1));
    expect(starts(world)).toEqual([24 * 60]);
  });

  it('a schedule that never comes is reported', () => {
    const world = worldWith(seconds(10));
    create(world, { schedule: '0 0 31 2 *' });
    world.pass(seconds(1));
    expect(events(world)).toEqual([
      'InvalidSchedule invalid schedule: 0 0 31 2 * : time difference between two schedules is less than 1 second',
    ]);
  });

  it('a new schedule counts from the last start', () => {
    const world = worldWith(seconds(10));
    create(world, { schedule: '*/30 * * * *' });
    passTo(world, seconds(90));
    change(world, { schedule: '*/5 * * * *' });
    passTo(world, seconds(299));
    expect(starts(world)).toEqual([]);
    passTo(world, seconds(301));
    expect(starts(world)).toEqual([5]);
    change(world, { schedule: '@every 90s' });
    passTo(world, seconds(391));
    expect(jobs(world).map(({ metadata }) => metadata.annotations?.[SCHEDULED_AT])).toEqual([
      '2026-01-01T00:05:00Z',
      '2026-01-01T00:06:30Z',
    ]);
  });

  it('a crash after the Job was made and before the status was written makes no second one', () => {
    const world = worldWith(seconds(100));
    let crashed = false;
    world.server.observe(({ resource, type }) => {
      if (resource !== 'jobs' || type !== 'ADDED' || crashed) return;
      crashed = true;
      world.manager.kill();
    });
    create(world);
    passTo(world, seconds(65));
    expect(statusOf(world)).toEqual({});
    world.restartManager(definitions());
    passTo(world, seconds(70));
    expect(starts(world)).toEqual([1]);
    expect(statusOf(world)).toMatchObject({ active: [{ name: `tick-${BEGIN + 1}` }], lastScheduleTime: '2026-01-01T00:01:00Z' });
    expect(events(world)).toEqual([`UnexpectedJob Saw a job that the controller did not create or forgot: tick-${BEGIN + 1}`]);
  });

  it('a Job that somebody deletes is missed and not made again', () => {
    const world = worldWith(seconds(100));
    create(world);
    passTo(world, seconds(65));
    world.run(world.api.jobs.delete({ namespace: 'default', name: `tick-${BEGIN + 1}`, propagationPolicy: 'Background' }));
    passTo(world, seconds(70));
    expect(starts(world)).toEqual([]);
    expect(statusOf(world).active).toEqual([]);
    expect(events(world).at(-1)).toBe(`MissingJob Active job went missing: tick-${BEGIN + 1}`);
  });

  it("somebody else's Job of the same name is left alone", () => {
    const world = worldWith(seconds(10));
    const { spec } = cronJob().spec.jobTemplate;
    world.run(world.api.jobs.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { ...at, name: `tick-${BEGIN + 1}` }, spec }));
    create(world);
    passTo(world, seconds(65));
    expect(statusOf(world)).toEqual({});
    expect(jobs(world)[0]?.metadata.ownerReferences).toBeUndefined();
  });

  it('deleted it takes its Jobs and their pods along', () => {
    const world = worldWith(seconds(100));
    create(world);
    passTo(world, seconds(65));
    expect(world.pods()).toHaveLength(1);
    world.run(world.api.cronjobs.delete(at));
    world.pass(seconds(5));
    expect([jobs(world), world.pods()]).toEqual([[], []]);
    passTo(world, seconds(200));
    expect(jobs(world)).toEqual([]);
  });

  it('whenever the controller crashes: one Job for a time, Forbid holds, and the last time is never forgotten', () => {
    const moment = fc.oneof(
      // Around a start, where every step lies within a few milliseconds.
      fc.record({ minute: fc.integer({ min: 0, max: 3 }), offset: fc.integer({ min: 0, max: 60_000 }) }).map(
        ({ minute, offset }) =>
          (past: number) =>
            (Math.floor(past / 60e6) + 1 + minute) * 60e6 + 100_000 + offset - past,
      ),
      fc.integer({ min: 0, max: 150_000_000 }).map((wait) => () => wait),
    );
    fc.assert(
      fc.property(
        fc.record({
          policy: fc.constantFrom('Allow', 'Forbid', 'Replace'),
          runs: fc.integer({ min: 1, max: 150 }),
          exitCode: fc.constantFrom(0, 1),
          limit: fc.integer({ min: 1, max: 3 }),
          crashes: fc.array(fc.record({ moment, down: fc.constantFrom(0, 1, 30, 90, 200) }), { minLength: 1, maxLength: 4 }),
        }),
        ({ policy, runs, exitCode, limit, crashes }) => {
          const world = worldWith(seconds(runs), exitCode);
          const made: string[] = [];
          let most = 0;
          world.server.observe(({ resource, type, object }) => {
            if (resource !== 'jobs') return;
            if (type === 'ADDED') made.push(object.metadata.annotations?.[SCHEDULED_AT] ?? 'none');
            most = Math.max(most, world.stored<Job>('jobs').filter((job) => endOf(job) === undefined).length);
          });
          create(world, { concurrencyPolicy: policy, successfulJobsHistoryLimit: limit, failedJobsHistoryLimit: limit });
          for (const { moment: wait, down } of crashes) {
            world.pass(wait(world.kernel.now));
            away(world, seconds(down));
          }
          world.pass(seconds(2));
          expect(new Set(made).size).toBe(made.length);
          // A Job that was made just before a crash and not yet written down is reported, and upstream lets it run beside the others.
          const forgotten = new Set(
            events(world)
              .filter((line) => line.startsWith('Unexpected'))
              .map((line) => line.split(' ').at(-1)),
          );
          if (policy !== 'Allow' && forgotten.size === 0) expect(most).toBeLessThanOrEqual(1);
          if (policy !== 'Forbid') {
            const last = Math.floor((world.kernel.unixMicros - 1e6) / 60e6) * 60e6;
            if (last > BEGIN * 60e6) expect(parseTime(made.at(-1) ?? '')).toBeGreaterThanOrEqual(last);
          }
          passTo(world, world.kernel.now + seconds(5));
          const listed = (statusOf(world).active ?? []).map(({ name }) => name);
          const running = jobs(world)
            .filter((job) => endOf(job) === undefined)
            .map(({ metadata }) => metadata.name);
          expect(listed.filter((name) => !running.includes(name ?? ''))).toEqual([]);
          expect(running.filter((name) => !listed.includes(name) && !forgotten.has(name))).toEqual([]);
        },
      ),
      { numRuns: 15 },
    );
  });
});
