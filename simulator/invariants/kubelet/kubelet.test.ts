import type { PodSpec } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

const NODE = 'node-1';

/** A pod that is bound and has a sandbox. */
function running(lab: Lab, name: string, spec: Partial<PodSpec> = {}) {
  const made = lab.pod(name, spec);
  lab.bind(name, NODE);
  return { pod: made, sandbox: lab.sandbox(NODE, made) };
}

describe('KUB-01 phase-one-way', () => {
  test('forward is right, back from an end is not', () => {
    const lab = new Lab(['KUB-01']);
    const { pod } = running(lab, 'a');
    for (const phase of ['Running', 'Failed', 'Failed'] as const) lab.status(pod, { phase });
    expect(lab.violations).toEqual([]);
    lab.status(pod, { phase: 'Running' });
    expect(lab.violations).toMatchObject([{ id: 'KUB-01', message: 'kubelet/node-1 took Pod default/a from Failed to Running' }]);
  });
});

describe('KUB-04 init-order', () => {
  const spec: Partial<PodSpec> = {
    initContainers: [
      { name: 'first', image: 'busybox' },
      { name: 'proxy', image: 'envoy', restartPolicy: 'Always' },
      { name: 'second', image: 'busybox' },
    ],
  };

  test('one after the other, each to success, sidecars started: silent', () => {
    const lab = new Lab(['KUB-04']);
    const { pod, sandbox } = running(lab, 'a', spec);
    lab.start(NODE, pod, sandbox, 'first', { exitCode: 1 });
    lab.start(NODE, pod, sandbox, 'first', { exitCode: 0 });
    lab.start(NODE, pod, sandbox, 'proxy');
    lab.start(NODE, pod, sandbox, 'second', { exitCode: 0 });
    lab.start(NODE, pod, sandbox, 'main');
    expect(lab.violations).toEqual([]);
  });

  test.each([
    ['the next init container while one runs', ['first', 'second'], ['init container first still runs', 'sidecar proxy has not started']],
    [
      'an app container before all init containers ran',
      ['proxy', 'main'],
      ['init container first has not run', 'init container first has not run', 'init container second has not run'],
    ],
  ])('%s is reported', (_what, started, wrong) => {
    const lab = new Lab(['KUB-04']);
    const { pod, sandbox } = running(lab, 'a', spec);
    for (const name of started) lab.start(NODE, pod, sandbox, name);
    expect(lab.violations.map(({ message }) => message.slice(message.indexOf('but ') + 4))).toEqual(wrong);
  });

  test('a failed init container does not let the app containers start', () => {
    const lab = new Lab(['KUB-04']);
    const { pod, sandbox } = running(lab, 'a', { initContainers: [{ name: 'first', image: 'busybox' }] });
    lab.start(NODE, pod, sandbox, 'first', { exitCode: 3 });
    lab.start(NODE, pod, sandbox, 'main');
    expect(lab.violations).toMatchObject([
      { id: 'KUB-04', message: 'kubelet/node-1 starts container main of Pod default/a, but init container first ended with 3' },
    ]);
  });

  test('a new sandbox needs its init containers to run again', () => {
    const lab = new Lab(['KUB-04']);
    const { pod, sandbox } = running(lab, 'a', { initContainers: [{ name: 'first', image: 'busybox' }] });
    lab.start(NODE, pod, sandbox, 'first', { exitCode: 0 });
    const next = lab.sandbox(NODE, pod, 'next');
    lab.start(NODE, pod, next, 'main');
    expect(lab.broken).toEqual(['KUB-04']);
  });

  test('an init container that starts while an app container runs is reported', () => {
    const lab = new Lab(['KUB-04']);
    const { pod, sandbox } = running(lab, 'a', { initContainers: [{ name: 'first', image: 'busybox' }] });
    lab.start(NODE, pod, sandbox, 'first', { exitCode: 0 });
    lab.start(NODE, pod, sandbox, 'main');
    lab.start(NODE, pod, sandbox, 'first');
    expect(lab.violations).toMatchObject([
      { message: 'kubelet/node-1 starts init container first of Pod default/a while container main runs' },
    ]);
  });
});

describe('KUB-06 restart-policy', () => {
  const start = (policy: 'Always' | 'OnFailure' | 'Never', ...exitCodes: readonly number[]): readonly string[] => {
    const lab = new Lab(['KUB-06']);
    const { pod, sandbox } = running(lab, 'a', { restartPolicy: policy });
    for (const exitCode of exitCodes) lab.start(NODE, pod, sandbox, 'main', { exitCode });
    return lab.violations.map(({ message }) => message);
  };

  test('what the policies allow is silent', () => {
    expect([start('Always', 0, 1, 0), start('OnFailure', 1, 2, 0), start('Never', 1)].flat()).toEqual([]);
  });

  test('Never: a second start is reported; OnFailure: one after a success is', () => {
    expect(start('Never', 1, 0)).toEqual([
      'kubelet/node-1 starts container main of Pod default/a again, though its restart policy is Never',
    ]);
    expect(start('OnFailure', 0, 0)).toEqual([
      'kubelet/node-1 starts container main of Pod default/a again, though it has succeeded and its restart policy is OnFailure',
    ]);
  });

  test('a container whose image was changed, one that was told to stop, and init containers in a new sandbox may start again', () => {
    const lab = new Lab(['KUB-06']);
    const { pod, sandbox } = running(lab, 'a', { restartPolicy: 'Never' });
    lab.start(NODE, pod, sandbox, 'main', { image: 'nginx:1' });
    lab.start(NODE, pod, sandbox, 'main', { image: 'nginx:2' });
    const other = running(lab, 'b', { restartPolicy: 'OnFailure', initContainers: [{ name: 'init', image: 'busybox' }] });
    lab.start(NODE, other.pod, other.sandbox, 'init', { exitCode: 0 });
    const containerId = lab.start(NODE, other.pod, other.sandbox, 'main');
    lab.cri(NODE, 'StopContainer', { containerId, timeout: 0 });
    lab.exit(NODE, containerId, 0);
    lab.start(NODE, other.pod, other.sandbox, 'main');
    lab.start(NODE, other.pod, lab.sandbox(NODE, other.pod, 'next'), 'init', { exitCode: 0 });
    expect(lab.violations).toEqual([]);
  });

  test('an init container that has succeeded is not run again in the same sandbox', () => {
    const lab = new Lab(['KUB-06']);
    const { pod, sandbox } = running(lab, 'a', { initContainers: [{ name: 'init', image: 'busybox' }] });
    lab.start(NODE, pod, sandbox, 'init', { exitCode: 0 });
    lab.start(NODE, pod, sandbox, 'init');
    expect(lab.broken).toEqual(['KUB-06']);
  });

  test('exit codes that a rule names allow a restart', () => {
    const rule = { action: 'Restart', exitCodes: { operator: 'In', values: [42] } } as const;
    const spec: Partial<PodSpec> = {
      restartPolicy: 'Never',
      containers: [{ name: 'main', image: 'nginx', restartPolicy: 'Never', restartPolicyRules: [rule] }],
    };
    const lab = new Lab(['KUB-06']);
    const { pod, sandbox } = running(lab, 'a', spec);
    lab.start(NODE, pod, sandbox, 'main', { exitCode: 42 });
    lab.start(NODE, pod, sandbox, 'main', { exitCode: 1 });
    expect(lab.violations).toEqual([]);
    lab.start(NODE, pod, sandbox, 'main');
    expect(lab.broken).toEqual(['KUB-06']);
  });
});

describe('KUB-10 gone-means-gone', () => {
  const remove = (lab: Lab, actor: string, gracePeriodSeconds?: number) =>
    lab.run(
      lab.as(actor).pods.delete({ namespace: 'default', name: 'a', ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) }),
    );

  test('after the sandbox was stopped, and by force: silent', () => {
    const lab = new Lab(['KUB-10']);
    const { pod, sandbox } = running(lab, 'a');
    lab.start(NODE, pod, sandbox, 'main');
    remove(lab, 'kubectl');
    lab.cri(NODE, 'StopPodSandbox', { podSandboxId: sandbox });
    remove(lab, `kubelet/${NODE}`, 0);
    const other = running(lab, 'a');
    lab.start(NODE, other.pod, other.sandbox, 'main');
    remove(lab, 'kubectl', 0);
    expect(lab.server.peek('pods', 'default', 'a')).toBeUndefined();
    expect(lab.violations).toEqual([]);
  });

  test('a kubelet that removes a pod whose container runs, or whose sandbox is ready, is reported', () => {
    const lab = new Lab(['KUB-10']);
    const { pod, sandbox } = running(lab, 'a');
    lab.start(NODE, pod, sandbox, 'main');
    remove(lab, 'kubectl');
    remove(lab, `kubelet/${NODE}`, 0);
    expect(lab.violations).toMatchObject([
      { id: 'KUB-10', message: 'kubelet/node-1 removed Pod default/a while its container main runs on node-1' },
    ]);
    running(lab, 'a');
    remove(lab, `kubelet/${NODE}`, 0);
    expect(lab.violations[1]?.message).toMatch(/its sandbox .* is ready/);
  });
});

describe('KUB-13 restart-count', () => {
  const counted = (restartCount: number) => ({
    phase: 'Running' as const,
    containerStatuses: [{ name: 'main', image: 'nginx', imageID: '', ready: true, restartCount, state: {} }],
  });

  test('one more for each container that was made: silent', () => {
    const lab = new Lab(['KUB-13']);
    const { pod, sandbox } = running(lab, 'a');
    for (const count of [0, 1, 2]) {
      lab.start(NODE, pod, sandbox, 'main', { exitCode: 1 });
      lab.status(pod, counted(count));
    }
    expect(lab.violations).toEqual([]);
  });

  test('more restarts than containers, and fewer restarts than before, are reported', () => {
    const lab = new Lab(['KUB-13']);
    const { pod, sandbox } = running(lab, 'a');
    lab.start(NODE, pod, sandbox, 'main', { exitCode: 1 });
    lab.status(pod, counted(2));
    lab.status(pod, counted(1));
    expect(lab.violations.map(({ message }) => message)).toEqual([
      'kubelet/node-1 wrote that container main of Pod default/a was restarted 2 times, but it was made once',
      'kubelet/node-1 wrote that container main of Pod default/a was restarted 1 times, after 2',
    ]);
  });
});
