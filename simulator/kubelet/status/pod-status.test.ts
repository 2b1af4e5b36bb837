import type { Pod, PodStatus } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import type { ObservedPod } from '../decisions/observed-pod.ts';
import { containerOf, instanceOf, observedOf, podOf, sandboxOf } from '../testing/observations.ts';
import { changedFields } from './changed-fields.ts';
import { finishedStatus, mergedStatus, terminatedStatus } from './finished-status.ts';
import { podStatus } from './pod-status.ts';

const app = containerOf('app');
const noFindings = { startup: () => undefined, readiness: () => undefined, restartedBefore: 0 };

function statusOf(pod: Pod, observed: ObservedPod, more: Partial<Parameters<typeof podStatus>[0]> = {}): PodStatus {
  return podStatus({
    pod,
    observed,
    previous: undefined,
    terminal: false,
    findings: noFindings,
    startError: () => undefined,
    runtimeName: 'fake',
    hostIPs: ['192.168.0.1'],
    ...more,
  }).status;
}

const conditionOf = ({ conditions = [] }: PodStatus, type: string) => conditions.find((condition) => condition.type === type);

describe('podStatus', () => {
  it('a pod that runs is Running, ready, and has its addresses', () => {
    const status = statusOf(podOf(), observedOf([instanceOf(app)]));
    expect(status).toMatchObject({ phase: 'Running', podIP: '10.244.0.5', hostIP: '192.168.0.1', observedGeneration: 1 });
    expect(status.conditions?.map(({ type, status: is }) => `${type}=${is}`)).toEqual([
      'PodReadyToStartContainers=True',
      'Initialized=True',
      'Ready=True',
      'ContainersReady=True',
      'PodScheduled=True',
    ]);
  });

  it('a new pod says what is not ready', () => {
    const status = statusOf(podOf({ initContainers: [containerOf('i')] }), observedOf([], []));
    expect(conditionOf(status, 'Initialized')).toMatchObject({
      reason: 'ContainersNotInitialized',
      message: 'containers with incomplete status: [i]',
    });
    expect(conditionOf(status, 'Ready')).toMatchObject({ reason: 'ContainersNotReady', message: 'containers with unready status: [app]' });
    expect(conditionOf(status, 'PodReadyToStartContainers')).toMatchObject({ status: 'False' });
  });

  it('readiness gates hold readiness back, not that of the containers', () => {
    const gated = podOf({ readinessGates: [{ conditionType: 'mesh' }] });
    const status = statusOf(gated, observedOf([instanceOf(app)]));
    expect(conditionOf(status, 'ContainersReady')?.status).toBe('True');
    expect(conditionOf(status, 'Ready')).toMatchObject({
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "mesh" does not exist.',
    });
    const answered: Pod = { ...gated, status: { conditions: [{ type: 'mesh', status: 'True' }] } };
    const after = statusOf(answered, observedOf([instanceOf(app)]));
    expect(conditionOf(after, 'Ready')?.status).toBe('True');
    expect(conditionOf(after, 'mesh')).toEqual({ type: 'mesh', status: 'True' });
  });

  it('a terminal phase never goes back (KUB-01)', () => {
    for (const phase of ['Succeeded', 'Failed'] as const) {
      expect(statusOf({ ...podOf(), status: { phase } }, observedOf([instanceOf(app)])).phase).toBe(phase);
      expect(statusOf(podOf(), observedOf([instanceOf(app)]), { previous: { phase } }).phase).toBe(phase);
    }
  });

  it('a readiness probe that has not answered asks for an answer at once', () => {
    const probed = podOf({ containers: [containerOf('app', { readinessProbe: {} })] });
    const input = { pod: probed, observed: observedOf([instanceOf(app)]), previous: undefined, terminal: false, findings: noFindings };
    const { status, probeNow } = podStatus({ ...input, startError: () => undefined, runtimeName: 'fake', hostIPs: [] });
    expect(probeNow).toEqual(['app']);
    expect(status.containerStatuses?.[0]).toMatchObject({ started: true, ready: false });
  });

  it('a container that was ready before this kubelet came stays so until a probe says otherwise (KUB-12)', () => {
    const probed: Pod = {
      ...podOf({ containers: [containerOf('app', { readinessProbe: {} })] }),
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    };
    const later = { ...noFindings, restartedBefore: 2_000_000 };
    expect(statusOf(probed, observedOf([instanceOf(app)]), { findings: later }).containerStatuses?.[0]?.ready).toBe(true);
    const failing = { ...later, readiness: () => 'failure' as const };
    expect(statusOf(probed, observedOf([instanceOf(app)]), { findings: failing }).containerStatuses?.[0]?.ready).toBe(false);
  });

  it('a pod of the node’s network has the node’s address', () => {
    const observed = observedOf([instanceOf(app)], [sandboxOf({ hostNetwork: true, ips: [] })]);
    expect(statusOf(podOf({ hostNetwork: true }), { ...observed, ips: [] }).podIP).toBe('192.168.0.1');
  });
});

describe('finishedStatus', () => {
  it('keeps transition times while a status stays, and the start time always', () => {
    const before: PodStatus = {
      startTime: 't0',
      conditions: [
        { type: 'Ready', status: 'True', lastTransitionTime: 't1' },
        { type: 'Initialized', status: 'False', lastTransitionTime: 't1' },
      ],
    };
    const next: PodStatus = { conditions: ['Ready', 'Initialized'].map((type) => ({ type, status: 'True' as const })) };
    expect(finishedStatus(podOf(), next, before, 't2')).toEqual({
      startTime: 't0',
      conditions: [
        { type: 'Ready', status: 'True', lastTransitionTime: 't1' },
        { type: 'Initialized', status: 'True', lastTransitionTime: 't2' },
      ],
    });
  });
});

describe('mergedStatus', () => {
  const ended: PodStatus = { phase: 'Failed', reason: 'Evicted', conditions: [{ type: 'Ready', status: 'True' }] };

  it('a terminal phase is held back while something may run', () => {
    expect(mergedStatus(podOf(), { phase: 'Running' }, ended, true)).toMatchObject({ phase: 'Running' });
    expect(mergedStatus(podOf(), { phase: 'Running' }, ended, true).reason).toBeUndefined();
    expect(mergedStatus(podOf(), { phase: 'Running' }, ended, false)).toMatchObject({
      phase: 'Failed',
      reason: 'Evicted',
      conditions: [{ type: 'Ready', status: 'False', reason: 'PodFailed' }],
    });
  });

  it('conditions of others are theirs', () => {
    const api: PodStatus = {
      phase: 'Running',
      conditions: [
        { type: 'mesh', status: 'True' },
        { type: 'Ready', status: 'False' },
      ],
    };
    const merged = mergedStatus(podOf(), api, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }, true);
    expect(merged.conditions).toEqual([
      { type: 'mesh', status: 'True' },
      { type: 'Ready', status: 'True' },
    ]);
  });
});

describe('terminatedStatus', () => {
  it('what has not ended counts as lost, and the pod as failed', () => {
    const status = statusOf(podOf(), observedOf([instanceOf(app)]));
    expect(terminatedStatus(podOf(), status)).toMatchObject({
      phase: 'Failed',
      containerStatuses: [{ state: { terminated: { exitCode: 137, reason: 'ContainerStatusUnknown' } } }],
    });
    expect(terminatedStatus(podOf(), { phase: 'Succeeded' }).phase).toBe('Succeeded');
  });
});

describe('changedFields', () => {
  it('names what is new, and what is gone as null', () => {
    expect(changedFields({ a: [1, { b: 2 }], c: 3, d: 4 }, { a: [1, { b: 2 }], c: 5 })).toEqual({ c: 5, d: null });
    expect(changedFields({ a: [1], b: { c: [] } }, { a: [1], b: { c: [] } })).toEqual({});
  });
});
