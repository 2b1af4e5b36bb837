import type { ContainerStatus } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import type { ObservedContainer } from '../decisions/observed-pod.ts';
import { containerOf, instanceOf, observedOf, podOf, sidecarOf } from '../testing/observations.ts';
import { containerStatuses, type StartError } from './container-status.ts';

const app = containerOf('app');

function statusOf(
  containers: readonly ObservedContainer[],
  {
    previous,
    error,
    pod = podOf(),
    init = false,
  }: { previous?: ContainerStatus; error?: StartError; pod?: ReturnType<typeof podOf>; init?: boolean } = {},
): ContainerStatus | undefined {
  const list = (init ? pod.spec.initContainers : pod.spec.containers) ?? [];
  return containerStatuses({
    pod,
    observed: observedOf(containers),
    containers: list,
    init,
    previous: previous ? [previous] : undefined,
    runtimeName: 'fake',
    startError: () => error,
  })[0];
}

const was = (more: Partial<ContainerStatus>): ContainerStatus => ({
  name: 'app',
  ready: false,
  restartCount: 0,
  image: '',
  imageID: '',
  ...more,
});

describe('containerStatuses', () => {
  it('what has no instance waits: ContainerCreating, or PodInitializing behind init containers', () => {
    expect(statusOf([])?.state).toEqual({ waiting: { reason: 'ContainerCreating' } });
    expect(statusOf([], { pod: podOf({ initContainers: [containerOf('i')] }) })?.state).toEqual({ waiting: { reason: 'PodInitializing' } });
  });

  it.each([
    ['running', { state: 'running' }, { running: { startedAt: '1970-01-01T00:00:01Z' } }],
    ['created', { state: 'created' }, { waiting: {} }],
    [
      'exited',
      { state: 'exited', exitCode: 3, message: 'bye' },
      {
        terminated: {
          exitCode: 3,
          reason: 'Error',
          message: 'bye',
          startedAt: '1970-01-01T00:00:01Z',
          finishedAt: '1970-01-01T00:00:02Z',
          containerID: 'fake://app-0',
        },
      },
    ],
    ['unknown', { state: 'unknown' }, { waiting: {} }],
  ] as const)('a container that is %s', (_title, more, state) => {
    expect(statusOf([instanceOf(app, more)])).toMatchObject({
      state,
      containerID: 'fake://app-0',
      image: 'app:1',
      imageID: 'sha256:app:1',
    });
  });

  it('the instance before becomes the last state', () => {
    const now = instanceOf(app, { restartCount: 1 });
    const before = instanceOf(app, { state: 'exited', exitCode: 1 });
    expect(statusOf([now, before])).toMatchObject({ restartCount: 1, state: { running: {} }, lastState: { terminated: { exitCode: 1 } } });
  });

  it('a failed start shows as waiting, with the end before it as last state', () => {
    const error = { reason: 'CrashLoopBackOff', message: 'back-off 10s' };
    expect(statusOf([instanceOf(app, { state: 'exited', exitCode: 1 })], { error })).toMatchObject({
      state: { waiting: error },
      lastState: { terminated: { exitCode: 1 } },
    });
  });

  it('a start error counts only for what ought to be started', () => {
    const error = { reason: 'ErrImagePull', message: '' };
    expect(statusOf([instanceOf(app)], { error })?.state?.running).toBeDefined();
    const done = statusOf([instanceOf(app, { state: 'exited' })], { error, pod: podOf({ restartPolicy: 'OnFailure' }) });
    expect(done?.state?.terminated).toBeDefined();
  });

  it('what ran and has vanished has ended, and counts as a restart unless the pod is being deleted', () => {
    const previous = was({ state: { running: {} }, restartCount: 2 });
    expect(statusOf([], { previous })).toMatchObject({
      restartCount: 3,
      lastState: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
    });
    expect(statusOf([], { previous, pod: podOf({}, { deletionTimestamp: 'x' }) })?.restartCount).toBe(2);
  });

  it('what ran and is of unknown state has ended with 137', () => {
    const previous = was({ state: { running: {} }, containerID: 'fake://app-0' });
    expect(statusOf([instanceOf(app, { state: 'unknown' })], { previous })).toMatchObject({
      restartCount: 1,
      state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } },
    });
  });

  it('what ended stays ended when the runtime has forgotten it', () => {
    const previous = was({ state: { terminated: { exitCode: 0 } }, restartCount: 4 });
    expect(statusOf([], { previous, pod: podOf({ restartPolicy: 'Never' }) })).toBe(previous);
  });

  it('an init container that was collected has succeeded if regular containers are there; a sidecar has not', () => {
    const pod = podOf({ initContainers: [containerOf('i')] });
    expect(statusOf([instanceOf(app)], { pod, init: true })?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' });
    const withSidecar = podOf({ initContainers: [sidecarOf('s')] });
    expect(statusOf([instanceOf(app)], { pod: withSidecar, init: true })?.state?.waiting).toBeDefined();
  });

  it('regular containers are sorted by name, init containers stay in order', () => {
    const names = (init: boolean) =>
      containerStatuses({
        pod: podOf(),
        observed: observedOf(),
        containers: [containerOf('b'), containerOf('a')],
        init,
        previous: undefined,
        runtimeName: 'fake',
        startError: () => undefined,
      }).map(({ name }) => name);
    expect(names(false)).toEqual(['a', 'b']);
    expect(names(true)).toEqual(['b', 'a']);
  });
});
