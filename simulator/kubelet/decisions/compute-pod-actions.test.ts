import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerOf, instanceOf, observedOf, podOf, sandboxOf, sidecarOf } from '../testing/observations.ts';
import { computePodActions, hasActions, type ProbeFindings, type ProbeResult } from './compute-pod-actions.ts';
import type { ObservedContainer, ObservedState } from './observed-pod.ts';

const none: ProbeFindings = { liveness: () => undefined, startup: () => undefined };
const findings = (liveness: Record<string, ProbeResult>, startup: Record<string, ProbeResult> = {}): ProbeFindings => ({
  liveness: (id) => liveness[id],
  startup: (id) => startup[id],
});
const exited = { state: 'exited' } as const;
const failed = { state: 'exited', exitCode: 1 } as const;

describe('computePodActions: sandbox', () => {
  it('a new pod gets a sandbox and all its containers', () => {
    const pod = podOf({ containers: [containerOf('a'), containerOf('b')] });
    expect(computePodActions(pod, observedOf([], []), none)).toMatchObject({
      killPod: true,
      createSandbox: true,
      attempt: 0,
      sandboxId: '',
      containersToStart: [0, 1],
    });
  });

  it('with init containers only the first of them starts', () => {
    const pod = podOf({ initContainers: [containerOf('i'), containerOf('j')] });
    expect(computePodActions(pod, observedOf([], []), none)).toMatchObject({ initContainersToStart: [0], containersToStart: [] });
  });

  it.each([
    ['it is not ready', [sandboxOf({ ready: false })]],
    ['two are ready', [sandboxOf({ id: 's2', attempt: 0 }), sandboxOf()]],
    ['it has no address', [sandboxOf({ ips: [] })]],
    ['its network is another one', [sandboxOf({ hostNetwork: true })]],
  ])('is made anew, one attempt on, when %s', (_why, sandboxes) => {
    expect(computePodActions(podOf(), observedOf([], sandboxes), none)).toMatchObject({ createSandbox: true, attempt: 1 });
  });

  it('a missing network status is no reason for a new one', () => {
    expect(computePodActions(podOf(), observedOf([], [sandboxOf({ ips: undefined })]), none).createSandbox).toBe(false);
  });

  it('under Never a pod that has run is only killed', () => {
    const pod = podOf({ restartPolicy: 'Never' });
    const dead = [sandboxOf({ ready: false })];
    expect(computePodActions(pod, observedOf([instanceOf(containerOf('app'), exited)], dead), none)).toMatchObject({
      killPod: true,
      createSandbox: false,
      containersToStart: [],
    });
    expect(computePodActions(pod, observedOf([], dead), none)).toMatchObject({ createSandbox: true, containersToStart: [0] });
  });

  it('under OnFailure what succeeded is not run again; when nothing is left there is no sandbox', () => {
    const [a, b] = [containerOf('a'), containerOf('b')];
    const pod = podOf({ restartPolicy: 'OnFailure', containers: [a, b] });
    const dead = [sandboxOf({ ready: false })];
    const half = observedOf([instanceOf(a, exited), instanceOf(b, failed)], dead);
    expect(computePodActions(pod, half, none)).toMatchObject({ createSandbox: true, containersToStart: [1] });
    const done = observedOf([instanceOf(a, exited), instanceOf(b, exited)], dead);
    expect(computePodActions(pod, done, none)).toMatchObject({ killPod: true, createSandbox: false });
  });
});

describe('computePodActions: regular containers', () => {
  const app = containerOf('app');

  it('a running pod needs nothing', () => {
    expect(hasActions(computePodActions(podOf(), observedOf([instanceOf(app)]), none))).toBe(false);
  });

  it.each([
    ['Always', 0, true],
    ['Always', 1, true],
    ['OnFailure', 0, false],
    ['OnFailure', 1, true],
    ['Never', 1, false],
  ] as const)('policy %s, exit code %i: started again is %s', (restartPolicy, exitCode, again) => {
    const actions = computePodActions(podOf({ restartPolicy }), observedOf([instanceOf(app, { state: 'exited', exitCode })]), none);
    expect(actions.containersToStart).toEqual(again ? [0] : []);
    // Nothing runs and nothing shall: the sandbox goes too.
    expect(actions.killPod).toBe(!again);
  });

  it('exit-code rules of a container come before the policies', () => {
    const restartPolicyRules = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }] as const;
    const picky = containerOf('app', { restartPolicy: 'Never', restartPolicyRules });
    const start = (exitCode: number) =>
      computePodActions(
        podOf({ restartPolicy: 'Never', containers: [picky] }),
        observedOf([instanceOf(picky, { state: 'exited', exitCode })]),
        none,
      );
    expect(start(42).containersToStart).toEqual([0]);
    expect(start(1).containersToStart).toEqual([]);
  });

  it('another spec restarts whatever the policy', () => {
    const actions = computePodActions(podOf({ restartPolicy: 'Never' }), observedOf([instanceOf(app, { hash: 'old' })]), none);
    expect(actions.containersToStart).toEqual([0]);
    expect(actions.containersToKill).toEqual([
      { id: 'app-0', name: 'app', message: 'Container app definition changed, will be restarted', reason: '' },
    ]);
  });

  it.each([
    ['liveness', findings({ 'app-0': 'failure' }), 'LivenessProbe'],
    ['startup', findings({}, { 'app-0': 'failure' }), 'StartupProbe'],
  ] as const)('a failed %s probe kills, and restarts unless the policy is Never', (what, probes, reason) => {
    const observed = observedOf([instanceOf(app)]);
    expect(computePodActions(podOf(), observed, probes)).toMatchObject({
      killPod: false,
      containersToStart: [0],
      containersToKill: [{ reason, message: `Container app failed ${what} probe, will be restarted` }],
    });
    expect(computePodActions(podOf({ restartPolicy: 'Never' }), observed, probes)).toMatchObject({
      killPod: true,
      containersToStart: [],
      containersToKill: [{ message: `Container app failed ${what} probe` }],
    });
  });

  it('a container of unknown state is killed before it is started', () => {
    expect(computePodActions(podOf(), observedOf([instanceOf(app, { state: 'unknown' })]), none)).toMatchObject({
      containersToStart: [0],
      containersToKill: [{ message: 'Container is in "unknown" state, try killing it before restart' }],
    });
  });

  it('a pod that is being deleted starts nothing', () => {
    const pod = podOf({}, { deletionTimestamp: '2026-01-01T00:00:00Z' });
    expect(computePodActions(pod, observedOf([instanceOf(app, failed)]), none).containersToStart).toEqual([]);
  });

  it('ephemeral containers start once, even while the pod initialises', () => {
    const pod = podOf({ initContainers: [containerOf('i')], ephemeralContainers: [containerOf('debug')] });
    const initialising = [instanceOf(containerOf('i'))];
    expect(computePodActions(pod, observedOf(initialising), none).ephemeralContainersToStart).toEqual([0]);
    const ended = [...initialising, instanceOf(containerOf('debug'), failed)];
    expect(computePodActions(pod, observedOf(ended), none).ephemeralContainersToStart).toEqual([]);
  });
});

describe('computePodActions: init containers', () => {
  const [i, j] = [containerOf('i'), containerOf('j')];
  const pod = podOf({ initContainers: [i, j] });

  it.each([
    ['none was seen: the first starts', [], { initContainersToStart: [0], containersToStart: [] }],
    ['the first runs: wait', [instanceOf(i)], { initContainersToStart: [], containersToStart: [] }],
    ['the first is done: the next starts', [instanceOf(i, exited)], { initContainersToStart: [1], containersToStart: [] }],
    ['the first failed: once more', [instanceOf(i, failed)], { initContainersToStart: [0], containersToStart: [] }],
    ['all are done: the pod starts', [instanceOf(j, exited), instanceOf(i, exited)], { initContainersToStart: [], containersToStart: [0] }],
    ['only the last left a trace: the pod starts', [instanceOf(j, exited)], { initContainersToStart: [], containersToStart: [0] }],
    [
      'it was made but never started: once more',
      [instanceOf(i, { state: 'created' })],
      { initContainersToStart: [0], containersToStart: [] },
    ],
  ] as const)('%s', (_title, containers, expected) => {
    expect(computePodActions(pod, observedOf(containers), none)).toMatchObject({ ...expected, killPod: false });
  });

  it('a failure under Never ends the pod', () => {
    const once = podOf({ restartPolicy: 'Never', initContainers: [i] });
    expect(computePodActions(once, observedOf([instanceOf(i, failed)]), none)).toMatchObject({ killPod: true, initContainersToStart: [] });
  });

  it('a running regular container means that the pod was initialised, whatever became of the traces', () => {
    expect(hasActions(computePodActions(pod, observedOf([instanceOf(containerOf('app'))]), none))).toBe(false);
  });

  it('init containers run one by one, to success, before any other container (KUB-04)', () => {
    const state = fc.constantFrom<ObservedState | 'none'>('none', 'created', 'running', 'exited', 'unknown');
    fc.assert(
      fc.property(fc.array(fc.record({ state, exitCode: fc.constantFrom(0, 1) }), { minLength: 1, maxLength: 4 }), (states) => {
        const list = states.map((_, index) => containerOf(`i${index}`));
        const seen = list.flatMap((container, index): ObservedContainer[] => {
          const { state: is, exitCode } = states[index] ?? { state: 'none', exitCode: 0 };
          return is === 'none' ? [] : [instanceOf(container, { state: is, exitCode })];
        });
        const actions = computePodActions(podOf({ initContainers: list }), observedOf(seen.reverse()), none);
        expect(actions.initContainersToStart.length).toBeLessThanOrEqual(1);
        const last = states.at(-1);
        const done = last?.state === 'exited' && last.exitCode === 0;
        expect(actions.containersToStart.length > 0).toBe(done);
      }),
    );
  });
});

describe('computePodActions: sidecars', () => {
  const [s, t] = [sidecarOf('s'), sidecarOf('t')];
  const app = containerOf('app');
  const probed = sidecarOf('s', { startupProbe: {}, livenessProbe: {} });

  it('the next init container starts beside a sidecar that runs', () => {
    const pod = podOf({ initContainers: [s, t] });
    expect(computePodActions(pod, observedOf([instanceOf(s)]), none)).toMatchObject({ initContainersToStart: [1], containersToStart: [] });
    expect(computePodActions(pod, observedOf([instanceOf(t), instanceOf(s)]), none)).toMatchObject({
      initContainersToStart: [],
      containersToStart: [0],
    });
  });

  it.each([
    [undefined, { initContainersToStart: [], containersToStart: [], containersToKill: [] }],
    ['unknown', { initContainersToStart: [], containersToStart: [], containersToKill: [] }],
    ['success', { initContainersToStart: [], containersToStart: [0], containersToKill: [] }],
    ['failure', { initContainersToStart: [0], containersToStart: [], containersToKill: [{ reason: 'StartupProbe' }] }],
  ] as const)('startup probe %s', (result, expected) => {
    const pod = podOf({ initContainers: [probed] });
    const probes = findings({}, result ? { 's-0': result } : {});
    expect(computePodActions(pod, observedOf([instanceOf(probed)]), probes)).toMatchObject(expected);
  });

  it('a sidecar is restarted always: when it ends, fails its liveness probe, changes, or is lost', () => {
    const pod = podOf({ restartPolicy: 'Never', initContainers: [probed] });
    const started = { 's-0': 'success' } as const;
    const restart = (container: ObservedContainer[], probes = findings({}, started)) =>
      computePodActions(pod, observedOf([instanceOf(app), ...container]), probes);
    expect(restart([instanceOf(probed, exited)]).initContainersToStart).toEqual([0]);
    expect(restart([]).initContainersToStart).toEqual([0]);
    expect(restart([instanceOf(probed)], findings({ 's-0': 'failure' }, started))).toMatchObject({
      initContainersToStart: [0],
      containersToKill: [{ reason: 'LivenessProbe', message: 'Init container s failed liveness probe' }],
    });
    expect(restart([instanceOf(probed, { hash: 'old' })]).containersToKill).toHaveLength(1);
    expect(hasActions(restart([instanceOf(probed)]))).toBe(false);
  });

  it('a sidecar does not keep a pod alive whose work is done', () => {
    const pod = podOf({ restartPolicy: 'Never', initContainers: [s] });
    expect(computePodActions(pod, observedOf([instanceOf(app, exited), instanceOf(s)]), none)).toMatchObject({
      killPod: true,
      initContainersToStart: [],
    });
  });
});
