import { afterEach, describe, expect, test } from 'vitest';
import { Lab } from './testing/lab.ts';

let lab: Lab;
afterEach(() => expect(lab.troubles).toEqual([]));

describe('callers that die between two writes', () => {
  test.each([
    [
      'the manager after it made pods',
      { on: 'api.create', from: 'kube-controller-manager', about: 'default/*' },
      'kube-controller-manager',
    ],
    ['the manager in its updates', { on: 'api.Update*', from: 'kube-controller-manager' }, 'kube-controller-manager'],
    ['the scheduler after it bound', { on: 'api.bind' }, 'kube-scheduler'],
    ['a kubelet after it wrote a status', { on: 'api.patch', from: 'kubelet', about: 'default/*' }, 'kubelet/node-1'],
    ['a kubelet after it made a sandbox', { on: 'cri.RunPodSandbox' }, 'kubelet/node-1'],
    ['a runtime after it made a network', { on: 'cni.add' }, 'cri/node-1'],
  ] as const)('%s: it comes up by itself, and the work is done', (_title, fault, part) => {
    lab = new Lab();
    lab.world.faults.set({ ...fault, crashCaller: true, times: 3 });
    lab.deploy();
    expect(lab.when(() => lab.running.length === 4, 180)).toBeLessThan(180);
    lab.run(30);
    expect(lab.running).toHaveLength(4);
    expect(lab.pods).toHaveLength(4);
    expect(lab.fired('crash-between-writes')).toBeGreaterThan(0);
    const down = lab.world.recorder.kept.filter(({ name }) => name === 'fault/down').map(({ subject }) => subject?.replace(/-\d$/, ''));
    expect(down).toContain(part.replace(/-\d$/, ''));
  });

  test('a person with kubectl does not die', () => {
    lab = new Lab();
    lab.world.faults.set({ on: 'api', from: 'kubectl', crashCaller: true });
    lab.deploy();
    lab.run(30);
    expect(lab.running).toHaveLength(4);
    expect(lab.fired('crash-between-writes')).toBe(0);
  });
});
