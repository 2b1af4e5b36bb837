import { milliseconds, minutes, seconds } from '@slipway/kernel';
import { findCondition, type Job, type Pod, type Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FakeKubeletOptions } from '../testing/fake-kubelet.ts';
import { ControllerWorld, template } from '../testing/world.ts';
import { indexOf } from './indexes.ts';
import { jobController } from './job-controller.ts';
import { ttlAfterFinishedController } from './ttl-after-finished-controller.ts';

const at = { namespace: 'default', name: 'work' } as const;

const job = (spec: Partial<Job['spec']> = {}): Job => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: at,
  spec: { template: { spec: { ...template('x').spec, restartPolicy: 'Never' } }, ...spec },
});

const worldWith = (kubelet: FakeKubeletOptions = {}): ControllerWorld =>
  new ControllerWorld({
    controllers: [jobController(), ttlAfterFinishedController],
    kubelet: { startUp: milliseconds(10), shutDown: milliseconds(10), ...kubelet },
  });

const current = (world: ControllerWorld): Job => world.run(world.api.jobs.get(at));
const conditions = (world: ControllerWorld): readonly string[] =>
  (current(world).status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
const ended = (world: ControllerWorld): boolean => conditions(world).some((line) => /^(Complete|Failed)=True/.test(line));
const succeed = { exitCode: 0, after: seconds(5) };
const fail = { exitCode: 1, after: seconds(5) };

describe('job', () => {
  it('runs as many pods as it may until enough have succeeded, and says so in two steps', () => {
    const world = worldWith({ outcome: () => succeed });
    let most = 0;
    world.server.observe(() => {
      most = Math.max(most, world.stored<Pod>('pods').filter(({ status }) => status?.phase !== 'Succeeded').length);
    });
    world.run(world.api.jobs.create(job({ completions: 7, parallelism: 3 })));
    world.until(() => ended(world));
    expect(most).toBe(3);
    const { status } = current(world);
    expect(status).toMatchObject({ succeeded: 7, active: 0, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(status?.failed ?? 0).toBe(0);
    expect(conditions(world)).toEqual(['SuccessCriteriaMet=True CompletionsReached', 'Complete=True CompletionsReached']);
    expect(status?.completionTime).toBeDefined();
    expect(world.events('Job').at(-1)).toBe('Completed Job completed');
    expect(world.pods()).toHaveLength(7);
    expect(world.pods().flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
    const { revision } = world.server;
    world.pass(minutes(30));
    expect(world.server.revision).toBe(revision);
  });

  it('a work queue ends with its first success and what still runs', () => {
    let left = 3;
    const world = worldWith({ outcome: () => ({ exitCode: 0, after: seconds(left === 3 ? 5 : 30) }) });
    world.run(world.api.jobs.create(job({ parallelism: 3 })));
    world.pass(seconds(20));
    left = 0;
    world.until(() => ended(world));
    expect(current(world).status?.succeeded).toBe(3);
    expect(world.pods()).toHaveLength(3);
  });

  it('tries again after 10, 20, 40 s, and gives up beyond the limit', () => {
    const world = worldWith({ outcome: () => fail });
    const created: number[] = [];
    world.server.observe(({ resource, type }) => {
      if (resource === 'pods' && type === 'ADDED') created.push(world.kernel.now);
    });
    world.run(world.api.jobs.create(job({ backoffLimit: 3 })));
    world.until(() => ended(world), minutes(5));
    const pauses = created.slice(1).map((time, index) => Math.round((time - (created[index] ?? 0)) / 1e6) - 5);
    for (const [index, wanted] of [10, 20, 40].entries()) expect(Math.abs((pauses[index] ?? 0) - wanted)).toBeLessThanOrEqual(1);
    expect(pauses).toHaveLength(3);
    expect(conditions(world)).toEqual(['FailureTarget=True BackoffLimitExceeded', 'Failed=True BackoffLimitExceeded']);
    expect(current(world).status).toMatchObject({ failed: 4, active: 0 });
    expect(world.events('Job').at(-1)).toBe('BackoffLimitExceeded Job has reached the specified backoff limit');
  });

  it('at its deadline: FailureTarget at once, Failed only when no pod is terminating', () => {
    const world = worldWith({ shutDown: seconds(20) });
    world.run(world.api.jobs.create(job({ parallelism: 2, completions: 2, activeDeadlineSeconds: 30 })));
    world.until(() => conditions(world).length > 0);
    expect(Math.round(world.kernel.now / 1e6)).toBe(30);
    expect(conditions(world)).toEqual(['FailureTarget=True DeadlineExceeded']);
    world.pass(seconds(15));
    expect(conditions(world)).toHaveLength(1);
    expect(current(world).status).toMatchObject({ active: 0, terminating: 2, failed: 2 });
    world.until(() => ended(world));
    expect(conditions(world)[1]).toBe('Failed=True DeadlineExceeded');
    expect(current(world).status).toMatchObject({ terminating: 0, failed: 2 });
    expect(world.pods()).toEqual([]);
  });

  it('suspended: its pods go, its clock stops; resumed: both start anew', () => {
    const world = worldWith({ outcome: () => ({ exitCode: 0, after: seconds(60) }) });
    world.run(world.api.jobs.create(job({ completions: 2, parallelism: 2, activeDeadlineSeconds: 100, suspend: true })));
    world.pass(seconds(50));
    expect(world.pods()).toEqual([]);
    expect(conditions(world)).toEqual(['Suspended=True JobSuspended']);
    expect(current(world).status?.startTime).toBeUndefined();
    const suspend = (value: boolean): void => void world.run(world.api.jobs.patch({ ...at, patch: { spec: { suspend: value } } }));
    suspend(false);
    world.pass(seconds(50));
    expect(current(world).status).toMatchObject({ active: 2, startTime: '2026-01-01T00:00:50Z' });
    suspend(true);
    world.pass(seconds(100));
    expect([world.pods().length, current(world).status?.active]).toEqual([0, 0]);
    suspend(false);
    world.until(() => ended(world), minutes(3));
    expect(conditions(world)).toContain('Complete=True CompletionsReached');
    expect(world.events('Job').filter((line) => /Suspended|Resumed/.test(line))).toEqual([
      'Suspended Job suspended',
      'Resumed Job resumed',
    ]);
  });

  it('a pod that is being deleted counts as failed and is replaced; with podReplacementPolicy Failed only once it has ended', () => {
    for (const [podReplacementPolicy, wanted] of [
      ['TerminatingOrFailed', 2],
      ['Failed', 1],
    ] as const) {
      const world = worldWith({ shutDown: minutes(1) });
      world.run(world.api.jobs.create(job({ podReplacementPolicy })));
      world.pass(seconds(2));
      world.run(world.api.pods.delete({ namespace: 'default', name: world.pods()[0]?.metadata.name ?? '' }));
      // The failure has a back-off of 10 s.
      world.pass(seconds(20));
      expect(world.pods()).toHaveLength(wanted);
    }
  });

  it('restartPolicy OnFailure: restarts in place count against the limit', () => {
    const world = worldWith();
    world.run(world.api.jobs.create(job({ backoffLimit: 2, template: { spec: { ...template('x').spec, restartPolicy: 'OnFailure' } } })));
    world.pass(seconds(2));
    const [pod] = world.pods() as readonly Stored<Pod>[];
    if (!pod) throw new Error('no pod');
    const restarted = (restartCount: number) => [{ name: 'main', ready: true, restartCount, image: '', imageID: '' }];
    const first = world.run(world.api.pods.updateStatus({ ...pod, status: { ...pod.status, containerStatuses: restarted(1) } }));
    world.pass(seconds(5));
    expect(conditions(world)).toEqual([]);
    world.run(world.api.pods.updateStatus({ ...first, status: { ...first.status, containerStatuses: restarted(2) } }));
    world.until(() => ended(world));
    expect(conditions(world)).toContain('Failed=True BackoffLimitExceeded');
  });
});

describe('indexed job', () => {
  it('gives out the lowest free indexes, in every form, and counts indexes', () => {
    const world = worldWith({ outcome: (pod) => ({ exitCode: 0, after: seconds(1 + (indexOf(pod, 9) ?? 0)) }) });
    world.run(world.api.jobs.create(job({ completions: 4, parallelism: 3, completionMode: 'Indexed' })));
    world.pass(seconds(0.5));
    const indexes = (): readonly (string | undefined)[] =>
      world
        .pods()
        .map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-completion-index'])
        .sort();
    expect(indexes()).toEqual(['0', '1', '2']);
    const [pod] = world.pods();
    expect(pod?.metadata.name).toMatch(/^work-0-[a-z0-9]{5}$/);
    expect(pod?.metadata.labels?.['batch.kubernetes.io/job-completion-index']).toBe('0');
    expect(pod?.spec.hostname).toBe('work-0');
    expect(pod?.spec.containers[0]?.env?.map(({ name }) => name)).toEqual(['JOB_COMPLETION_INDEX']);
    world.until(() => ended(world));
    expect(current(world).status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
    expect(indexes()).toEqual(['0', '1', '2', '3']);
  });

  it('a limit per index: the others go on, and the Job says which failed', () => {
    const world = worldWith({ outcome: (pod) => ((indexOf(pod, 9) ?? 0) === 1 ? fail : succeed) });
    world.run(world.api.jobs.create(job({ completions: 3, parallelism: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 })));
    world.until(() => ended(world), minutes(5));
    expect(conditions(world)).toEqual(['FailureTarget=True FailedIndexes', 'Failed=True FailedIndexes']);
    expect(current(world).status).toMatchObject({ succeeded: 2, failed: 2, completedIndexes: '0,2', failedIndexes: '1' });
    const counts = world
      .pods()
      .map(({ metadata }) => metadata.annotations?.['batch.kubernetes.io/job-index-failure-count'])
      .sort();
    expect(counts).toEqual(['0', '0', '0', '1']);
  });

  it('more failed indexes than allowed end it', () => {
    const world = worldWith({ outcome: () => fail });
    world.run(
      world.api.jobs.create(
        job({ completions: 5, parallelism: 2, completionMode: 'Indexed', backoffLimitPerIndex: 0, maxFailedIndexes: 1 }),
      ),
    );
    world.until(() => ended(world), minutes(5));
    expect(conditions(world)).toContain('Failed=True MaxFailedIndexesExceeded');
    expect(world.pods()).toHaveLength(2);
  });

  it('success policy: enough is enough, the rest is stopped and is no failure', () => {
    const world = worldWith({ outcome: (pod) => ((indexOf(pod, 9) ?? 0) === 0 ? succeed : undefined) });
    const successPolicy = { rules: [{ succeededIndexes: '0' }] };
    world.run(world.api.jobs.create(job({ completions: 3, parallelism: 3, completionMode: 'Indexed', successPolicy })));
    world.until(() => ended(world));
    expect(conditions(world)).toEqual(['SuccessCriteriaMet=True SuccessPolicy', 'Complete=True SuccessPolicy']);
    expect(current(world).status).toMatchObject({ succeeded: 1, active: 0 });
    expect(current(world).status?.failed ?? 0).toBe(0);
  });
});

describe('pod failure policy of a job', () => {
  const withRule = (rule: NonNullable<Job['spec']['podFailurePolicy']>['rules'][number]): Job =>
    job({ backoffLimit: 1, podFailurePolicy: { rules: [rule] } });

  it('FailJob ends it at the first such failure', () => {
    const world = worldWith({ outcome: () => ({ exitCode: 42, after: seconds(5) }) });
    world.run(world.api.jobs.create(withRule({ action: 'FailJob', onExitCodes: { operator: 'In', values: [42] } })));
    world.until(() => ended(world));
    expect(conditions(world)).toEqual(['FailureTarget=True PodFailurePolicy', 'Failed=True PodFailurePolicy']);
    expect(findCondition(current(world).status?.conditions, 'Failed')?.message).toMatch(
      /failed with exit code 42 matching FailJob rule at index 0$/,
    );
    expect(world.pods()).toHaveLength(1);
  });

  it('Ignore: such a failure is not counted', () => {
    let runs = 0;
    const world = worldWith({ outcome: () => (runs++ < 200 ? { exitCode: 7, after: seconds(5) } : succeed) });
    world.run(world.api.jobs.create(withRule({ action: 'Ignore', onExitCodes: { operator: 'In', values: [7] } })));
    world.pass(minutes(3));
    expect(world.pods().length).toBeGreaterThan(3);
    expect(current(world).status?.failed ?? 0).toBe(0);
    expect(conditions(world)).toEqual([]);
  });
});

describe('end of a job', () => {
  it('ttlSecondsAfterFinished: it goes with its pods that long after its end', () => {
    const world = worldWith({ outcome: () => succeed });
    world.run(world.api.jobs.create(job({ ttlSecondsAfterFinished: 60 })));
    world.until(() => ended(world));
    const took = world.until(() => world.stored<Job>('jobs').every(({ metadata }) => metadata.deletionTimestamp !== undefined), minutes(2));
    expect(Math.abs(took - seconds(60))).toBeLessThan(seconds(2));
    expect(world.stored<Job>('jobs')[0]?.metadata.finalizers).toEqual(['foregroundDeletion']);
  });

  it('a Job that is gone leaves no pod with a finalizer', () => {
    const world = worldWith();
    world.run(world.api.jobs.create(job({ parallelism: 3 })));
    world.pass(seconds(2));
    world.run(world.api.jobs.delete({ ...at, propagationPolicy: 'Background' }));
    world.pass(seconds(5));
    expect(world.pods().flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
  });

  it('every pod is counted exactly once, whatever fails and however often the controller crashes', () => {
    const plan = fc.record({
      completions: fc.integer({ min: 1, max: 5 }),
      parallelism: fc.integer({ min: 1, max: 3 }),
      indexed: fc.boolean(),
      failures: fc.array(fc.boolean(), { maxLength: 6 }),
      crashes: fc.array(fc.integer({ min: 5, max: 25_000 }), { maxLength: 3 }),
      podLag: fc.constantFrom(0, milliseconds(40), milliseconds(1500)),
    });
    fc.assert(
      fc.property(plan, ({ completions, parallelism, indexed, failures, crashes, podLag }) => {
        const outcomes = new Map<string, number>();
        const outcome = ({ metadata: { uid } }: Stored<Pod>) => {
          if (!outcomes.has(uid)) outcomes.set(uid, failures[outcomes.size] ? 1 : 0);
          return { exitCode: outcomes.get(uid) ?? 0, after: seconds(3) };
        };
        const world = new ControllerWorld({ controllers: [jobController()], kubelet: { outcome, startUp: milliseconds(10) }, podLag });
        world.run(
          world.api.jobs.create(job({ completions, parallelism, backoffLimit: 10, completionMode: indexed ? 'Indexed' : 'NonIndexed' })),
        );
        for (const time of crashes) {
          world.pass(milliseconds(time));
          world.restartManager([jobController()]);
        }
        world.until(() => ended(world), minutes(60), seconds(2));
        const pods = world.pods();
        const { succeeded = 0, failed = 0 } = current(world).status ?? {};
        expect(succeeded).toBe(completions);
        expect(failed).toBe(pods.filter(({ status }) => status?.phase === 'Failed').length);
        expect(pods.filter(({ status }) => status?.phase === 'Succeeded').length).toBe(completions);
        expect(pods.flatMap(({ metadata }) => metadata.finalizers ?? [])).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});
