import type { ApiClient } from '@slipway/client';
import type { Pod } from '@slipway/kube';
import { afterEach, describe, expect, test } from 'vitest';
import type { World } from '@slipway/simulator';
import { Lab as FaultsLab } from '../simulator/faults/testing/lab.ts';

/** A cluster with two pods of `web` on each of two nodes. */
class Lab extends FaultsLab {
  get api(): ApiClient {
    return this.world.api;
  }

  override deploy(replicas = 4): void {
    super.deploy(replicas);
    this.run(20);
  }

  /** `web-abc@node-1`, with how often its container was restarted where that is not 0. */
  override get running(): readonly string[] {
    const pods = this.pods.filter(({ status }) => status?.phase === 'Running' && status.containerStatuses?.every(({ ready }) => ready));
    return pods
      .map(({ metadata, spec, status }) => {
        const restarts = status?.containerStatuses?.[0]?.restartCount ?? 0;
        return `${metadata.name}@${spec.nodeName}${restarts === 0 ? '' : ` after ${restarts}`}`;
      })
      .sort();
  }

  ready(name: string): string | undefined {
    return this.condition(name, 'Ready');
  }

  calls(name: string): number {
    return this.world.recorder.kept.filter((record) => record.kind === 'call' && record.name === name).length;
  }
}

let lab: Lab;
afterEach(() => {
  lab.world.invariants.atRest();
  expect(lab.world.invariants.violations).toEqual([]);
  expect(lab.world.crashes).toEqual([]);
});

describe('faults on calls', () => {
  test('a network that fails once: the pod becomes Running on the next attempt', () => {
    lab = new Lab();
    lab.world.faults.set({ name: 'busy', on: 'cni.add', error: { code: 11, message: 'try again later' }, times: 1 });
    lab.deploy(1);
    expect(lab.world.faults.active).toEqual([{ name: 'busy', kind: 'error', text: 'cni.add error 11, 1 times', struck: 1 }]);
    expect(lab.running).toHaveLength(1);
    expect(lab.calls('cri.RuntimeService/RunPodSandbox')).toBe(2);
  });

  test('a pull that hangs ends with its pod, and holds up the pulls of no other pod any longer', () => {
    lab = new Lab();
    lab.world.faults.set({ on: 'cri.PullImage', hang: true, times: 1 });
    const pod = (name: string, image: string): Pod => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { nodeName: 'node-1', containers: [{ name: 'one', image }] },
    });
    lab.do(lab.api.pods.create(pod('stuck', 'nginx')));
    lab.run(2);
    lab.do(lab.api.pods.create(pod('behind', 'redis')));
    lab.run(60);
    expect(lab.running).toEqual([]);
    lab.do(lab.api.pods.delete({ namespace: 'default', name: 'stuck' }));
    lab.run(40);
    expect(lab.running).toEqual(['behind@node-1']);
    expect([...lab.world.server.objects('pods')]).toHaveLength(1);
  });

  test('a driver that crashes in the middle of a call comes up again by itself, and the runtime finds its containers', () => {
    lab = new Lab();
    lab.deploy();
    const before = lab.running;
    lab.world.faults.set({ on: 'cri.RunPodSandbox', node: 'node-1', crash: { restart: '10s' }, times: 1 });
    lab.scale(6);
    lab.run(5);
    expect(lab.running.length).toBeLessThan(6);
    lab.run(60);
    expect(lab.running).toHaveLength(6);
    expect(lab.running).toEqual(expect.arrayContaining([...before]));
    // The runtime that came up watches the containers of the one before.
    const host = lab.world.nodes.get('node-1')?.host;
    for (const process of host?.processes.list() ?? []) if (process.spec.argv.includes('nginx')) process.signal('SIGKILL');
    lab.run(30);
    expect(lab.running.filter((pod) => pod.includes('@node-1 after 1'))).toHaveLength(3);
  });

  test('a fault that never strikes leaves the run as it is', () => {
    const fingerprint = (rate?: number): string => {
      lab = new Lab();
      if (rate !== undefined) lab.world.faults.set({ on: '*', hang: true, rate });
      lab.deploy(2);
      return lab.world.fingerprint;
    };
    expect(fingerprint(0)).toBe(fingerprint());
  });

  test('lease renewals that hang: the node is NotReady after its grace period, in spite of its status reports', () => {
    lab = new Lab();
    lab.world.faults.set({ on: 'api.renewLease', node: 'node-1', hang: true });
    expect(lab.when(() => lab.ready('node-1') === 'Unknown')).toBeGreaterThan(40);
    // The kubelet still reports: within 10 s it says that it is ready, as it does in life.
    expect(lab.when(() => lab.ready('node-1') === 'True')).toBeLessThanOrEqual(10);
    expect(lab.ready('node-2')).toBe('True');
  });

  test('watches that lag: the scheduler learns of a pod so much later', () => {
    lab = new Lab();
    lab.world.faults.set({ on: 'api.watch', from: 'kube-scheduler', lag: '30s' });
    lab.deploy(1);
    expect(lab.running).toEqual([]);
    lab.run(30);
    expect(lab.running).toHaveLength(1);
  });
});

describe('a part is started anew', () => {
  test('a kubelet: pods run on, no container is restarted, and new pods come', () => {
    lab = new Lab();
    lab.deploy();
    const before = lab.running;
    const task = lab.world.user.spawn('restart', lab.world.restart({ part: 'kubelet', node: 'node-1', down: '30s' }));
    lab.scale(6);
    lab.run(20);
    expect(lab.running).toHaveLength(5);
    lab.run(60);
    expect(task.state).toBe('done');
    expect(lab.running).toHaveLength(6);
    expect(lab.running).toEqual(expect.arrayContaining([...before]));
    expect(lab.calls('cri.RuntimeService/RunPodSandbox')).toBe(6);
  });

  test('the scheduler: pods that came meanwhile are placed', () => {
    lab = new Lab();
    lab.world.user.spawn('restart', lab.world.restart({ part: 'kube-scheduler', down: '40s' }));
    lab.deploy();
    expect(lab.running).toEqual([]);
    lab.run(40);
    expect(lab.running).toHaveLength(4);
  });

  test('the API server: what runs runs on, what was stored is there, and the cluster goes on', () => {
    lab = new Lab();
    lab.deploy();
    const before = lab.running;
    const { revision } = lab.world.server;
    lab.do(lab.world.restart({ part: 'kube-apiserver', down: '30s' }));
    expect(lab.world.server.revision).toBe(revision);
    lab.run(60);
    lab.scale(6);
    lab.run(60);
    expect(lab.running).toHaveLength(6);
    expect(lab.running).toEqual(expect.arrayContaining([...before]));
    expect([lab.ready('node-1'), lab.ready('node-2')]).toEqual(['True', 'True']);
  });

  test.each([
    { part: 'kube-controller-manager' },
    { part: 'cloud-controller-manager' },
    { plugin: 'csi' },
    { plugin: 'cpi' },
    { plugin: 'cloud' },
    { plugin: 'cni', node: 'node-1' },
    { plugin: 'oci', node: 'node-1' },
    { plugin: 'csi/ebs', node: 'node-1' },
    { plugin: 'cri', node: 'node-1' },
    { plugin: 'cri', node: 'node-1', keepState: true },
  ] as const)('%j: no container is restarted, and new pods come', (what) => {
    lab = new Lab();
    lab.deploy();
    const before = lab.running;
    lab.do(lab.world.restart(what));
    lab.scale(8);
    lab.run(40);
    expect(lab.running).toHaveLength(8);
    expect(lab.running).toEqual(expect.arrayContaining([...before]));
  });

  test('a node: its containers are started anew', () => {
    lab = new Lab();
    lab.deploy();
    lab.do(lab.world.restart({ node: 'node-1', down: '20s' }));
    lab.run(40);
    expect(lab.running.map((pod) => pod.replace(/^[^@]*/, ''))).toEqual(
      expect.arrayContaining(['@node-1 after 1', '@node-1 after 1', '@node-2', '@node-2']),
    );
  });

  test('what there is not is named', () => {
    lab = new Lab();
    expect(() => lab.do(lab.world.restart({ plugin: 'csi/nfs' }))).toThrow('there is no csi/nfs to restart: there is kube-apiserver');
    expect(() => lab.do(lab.world.restart({ part: 'kubelet', node: 'node-9' }))).toThrow('there is no node "node-9"');
  });
});

describe('idle ticks that are left out', () => {
  type Trouble = readonly [what: string, act: (world: World) => unknown];
  test.each<Trouble>([
    ['a node is cut off', ({ faults }) => faults.partition({ node: 'node-1', for: '2m' })],
    ['the runtime does not say how it is', ({ faults }) => faults.set({ on: 'cri.Status', error: 'INTERNAL', for: '1m' })],
    ['a runtime crashes over a relist', ({ faults }) => faults.set({ on: 'cri.ListContainers', node: 'node-1', crash: true, times: 1 })],
    ['one call in fifty fails', ({ faults }) => faults.set({ on: '*', error: 'INTERNAL', rate: 0.02, for: '3m' })],
  ])('%s: the same happens as if none were left out', (_what, act) => {
    const [elided, whole] = [true, false].map((elide) => {
      lab = new Lab({}, { elide });
      // Off the grid of ticks: at one instant, the order of what concerns different nodes may differ.
      lab.run(0.137);
      lab.deploy(2);
      lab.run(0.0371);
      act(lab.world);
      lab.run(300);
      return lab.world.recorder.kept.map(({ at, actor, kind, name, subject = '' }) => [at, actor, kind, name, subject].join(' ')).sort();
    });
    expect(elided).toEqual(whole);
  });
});

describe('a node is cut off', () => {
  test('both ways for 2 minutes: NotReady after the grace period, its pods run on, Ready again soon after', () => {
    lab = new Lab();
    lab.deploy();
    const before = lab.running;
    lab.world.faults.partition({ node: 'node-1', for: '2m' });
    const lost = lab.when(() => lab.ready('node-1') === 'Unknown');
    expect(lost).toBeGreaterThanOrEqual(40);
    expect(lost).toBeLessThanOrEqual(60);
    lab.run(120 - lost);
    const pods = [...lab.world.server.objects('pods')] as Pod[];
    expect(pods.filter(({ status }) => status?.phase === 'Running')).toHaveLength(4);
    expect(lab.when(() => lab.ready('node-1') === 'True')).toBeLessThanOrEqual(60);
    lab.run(30);
    expect(lab.running).toEqual(before);
  });

  test('one way is as good as both: no connection lasts, and none is made', () => {
    for (const direction of ['in', 'out'] as const) {
      lab = new Lab();
      lab.world.faults.partition({ node: 'node-1', from: 'control-plane', direction });
      lab.run(110);
      expect([direction, lab.ready('node-1'), lab.ready('node-2')]).toEqual([direction, 'Unknown', 'True']);
    }
  });

  test('from another node alone: only packets between the two are lost', () => {
    lab = new Lab();
    lab.deploy();
    const [here, there] = ['node-1', 'node-2'].map((node) =>
      ([...lab.world.server.objects('pods')] as Pod[]).find(({ spec }) => spec.nodeName === node),
    );
    const reaches = (from: Pod | undefined, to: Pod | undefined): boolean =>
      lab.do(
        lab.world.traffic.request({
          from: { pod: `default/${from?.metadata.name}` },
          to: `http://${to?.status?.podIP}:80/`,
        }),
      ).delivered;
    expect(reaches(here, there)).toBe(true);
    const name = lab.world.faults.partition({ node: 'node-1', from: ['node-2'] });
    expect([reaches(here, there), reaches(there, here), reaches(here, here)]).toEqual([false, false, true]);
    lab.run(90);
    expect(lab.ready('node-1')).toBe('True');
    lab.world.faults.heal(name);
    expect(reaches(here, there)).toBe(true);
  });
});
