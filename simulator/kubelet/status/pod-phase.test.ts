import type { ContainerState, ContainerStatus, PodSpec } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerOf, podOf, sidecarOf } from '../testing/observations.ts';
import { podPhase } from './pod-phase.ts';

const running: ContainerState = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const waiting: ContainerState = { waiting: { reason: 'ContainerCreating' } };
const ended = (exitCode: number): ContainerState => ({ terminated: { exitCode } });

function statusOf(name: string, state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, state, ready: false, restartCount: 0, image: '', imageID: '', ...more };
}

/** Waits to be started again after an end. */
const again = (name: string, exitCode: number) => statusOf(name, waiting, { lastState: ended(exitCode) });

interface Case {
  readonly init?: readonly ContainerStatus[];
  readonly terminal?: boolean;
  readonly initialized?: boolean;
}

function phase(
  spec: Partial<PodSpec>,
  statuses: readonly ContainerStatus[],
  { init = [], terminal = false, initialized = false }: Case = {},
) {
  return podPhase({ pod: podOf(spec), status: { containerStatuses: statuses, initContainerStatuses: init }, terminal, initialized });
}

describe('podPhase: regular containers', () => {
  it.each([
    ['nothing known', 'Always', [], 'Pending'],
    ['waiting', 'Always', [statusOf('app', waiting)], 'Pending'],
    ['running', 'Always', [statusOf('app', running)], 'Running'],
    ['ended well, to be started again', 'Always', [statusOf('app', ended(0))], 'Running'],
    ['ended well', 'OnFailure', [statusOf('app', ended(0))], 'Succeeded'],
    ['ended badly, to be started again', 'OnFailure', [statusOf('app', ended(1))], 'Running'],
    ['ended badly', 'Never', [statusOf('app', ended(1))], 'Failed'],
    ['ended well for good', 'Never', [statusOf('app', ended(0))], 'Succeeded'],
    ['waits in back-off', 'Always', [again('app', 1)], 'Running'],
  ] as const)('%s under %s', (_title, restartPolicy, statuses, expected) => {
    expect(phase({ restartPolicy }, statuses)).toBe(expected);
  });

  it('one container that never ran keeps the pod Pending', () => {
    const spec = { containers: [containerOf('a'), containerOf('b')] };
    expect(phase(spec, [statusOf('a', running), statusOf('b', waiting)])).toBe('Pending');
  });

  it('a pod that ends has Succeeded only if all of it did', () => {
    expect(phase({}, [statusOf('app', ended(0))], { terminal: true })).toBe('Succeeded');
    expect(phase({}, [statusOf('app', ended(1))], { terminal: true })).toBe('Failed');
  });

  it('phase is terminal only when nothing runs and nothing will', () => {
    const state = fc.constantFrom(running, waiting, ended(0), ended(1));
    const policy = fc.constantFrom('Always', 'OnFailure', 'Never' as const);
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 4 }), policy, (states, restartPolicy) => {
        const containers = states.map((_, index) => containerOf(`c${index}`));
        const found = phase(
          { containers, restartPolicy: restartPolicy as 'Always' },
          states.map((each, index) => statusOf(`c${index}`, each)),
        );
        if (found !== 'Succeeded' && found !== 'Failed') return;
        expect(restartPolicy).not.toBe('Always');
        expect(states.every(({ terminated }) => terminated)).toBe(true);
        expect(found === 'Succeeded').toBe(states.every(({ terminated }) => terminated?.exitCode === 0));
      }),
    );
  });
});

describe('podPhase: init containers and sidecars', () => {
  const spec = { initContainers: [containerOf('i')] };
  const app = statusOf('app', { waiting: { reason: 'PodInitializing' } });

  it.each([
    ['missing', 'Always', [], 'Pending'],
    ['running', 'Always', [statusOf('i', running)], 'Pending'],
    ['failed, to be run again', 'Always', [statusOf('i', ended(1))], 'Pending'],
    ['failed for good', 'Never', [statusOf('i', ended(1))], 'Failed'],
    ['failed for good, last time', 'Never', [again('i', 1)], 'Failed'],
  ] as const)('an init container that is %s under %s', (_title, restartPolicy, init, expected) => {
    expect(phase({ ...spec, restartPolicy }, [app], { init })).toBe(expected);
  });

  it('a sidecar that has not started keeps the pod Pending, but not one that has run', () => {
    const withSidecar = { initContainers: [sidecarOf('s')] };
    const starting = [statusOf('s', running, { started: false })];
    expect(phase(withSidecar, [app], { init: starting })).toBe('Pending');
    expect(phase(withSidecar, [statusOf('app', running)], { init: starting, initialized: true })).toBe('Running');
    expect(phase(withSidecar, [statusOf('app', running)], { init: [statusOf('s', running, { started: true })] })).toBe('Running');
  });

  it('how a sidecar ended does not count', () => {
    const once = { restartPolicy: 'Never', initContainers: [sidecarOf('s')] } as const;
    expect(phase(once, [statusOf('app', ended(0))], { init: [statusOf('s', ended(137))] })).toBe('Succeeded');
  });
});
