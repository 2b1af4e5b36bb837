import { type Process, seconds } from '@slipway/kernel';
import type { Deployment, Node, Pod } from '@slipway/kube';
import { afterEach, describe, expect, test } from 'vitest';
import { worldFactory } from '../wiring/container.ts';
import type { World } from '../wiring/world.ts';
import type { PlannedFault } from './fault-board.ts';

/** A cluster of two nodes, and what a test does to it. */
class Lab {
  readonly world: World;

  constructor() {
    this.world = worldFactory({})({ nodes: [{ name: 'node-1' }, { name: 'node-2' }], trace: { keep: true } });
    this.run(10);
  }

  run(duration: number): void {
    const { kernel } = this.world;
    kernel.run({ until: kernel.now + seconds(duration) });
  }

  do<T>(process: Process<T>): T {
    return this.world.kernel.complete(this.world.user, 'test', process);
  }

  deploy(replicas = 4): void {
    const labels = { app: 'web' };
    const web: Deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'nginx' }] } },
      },
    };
    this.do(this.world.api.deployments.create(web));
  }

  scale(replicas: number): void {
    this.do(this.world.api.deployments.patch({ namespace: 'default', name: 'web', patch: { spec: { replicas } } }));
  }

  get pods(): readonly Pod[] {
    return [...this.world.server.objects('pods')] as Pod[];
  }

  /** Where pods run that are ready, sorted. */
  get running(): readonly (string | undefined)[] {
    return this.pods
      .filter(({ status }) => status?.phase === 'Running' && status.containerStatuses?.every(({ ready }) => ready))
      .map(({ spec }) => spec.nodeName)
      .sort();
  }

  condition(node: string, type: string): string | undefined {
    const { status } = this.world.server.peek('nodes', undefined, node) as Node;
    return status?.conditions?.find((condition) => condition.type === type)?.status;
  }

  taints(node: string): readonly string[] {
    const { spec } = this.world.server.peek('nodes', undefined, node) as Node;
    return (spec?.taints ?? []).map(({ key }) => key).sort();
  }

  /** Seconds from now until it holds, looked at once a second. */
  when(holds: () => boolean, most = 900): number {
    for (let waited = 0; waited <= most; waited++) {
      if (holds()) return waited;
      this.run(1);
    }
    return Number.POSITIVE_INFINITY;
  }

  /** What faults did, as the trace has it. */
  strikes(what: string): number {
    return this.world.recorder.kept.filter(({ kind, data }) => kind === 'fault' && data[0] === what).length;
  }

  fired(kind: string): number {
    return new Map<string, number>(this.world.faults.fired).get(kind) ?? 0;
  }
}

let lab: Lab;
afterEach(() => {
  lab.world.invariants.atRest();
  expect(lab.world.invariants.violations.map(({ id, message }) => `${id} ${message}`)).toEqual([]);
  expect(lab.world.crashes).toEqual([]);
});

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

describe('what clients see of the API', () => {
  test.each([
    ['conflict-storm', { on: 'api.Update*', error: 'Conflict', rate: '1/2' }, 'error Conflict'],
    ['conflict-storm', { on: 'api.Patch', from: 'kubelet', error: 'Conflict', rate: '1/2' }, 'error Conflict'],
    ['coalesced-watch', { on: 'api', coalesce: '7s' }, undefined],
    ['lagging-watch', { on: 'api', lag: '7s' }, undefined],
    ['slow', { on: '*', node: 'node-1', delay: '2s' }, 'delayed by 2s'],
  ] as const)('%s (%j): slower, and right in the end', (kind, fault: PlannedFault, strike) => {
    lab = new Lab();
    lab.world.faults.set({ name: 'it', ...fault });
    lab.deploy();
    expect(lab.when(() => lab.running.length === 4, 300)).toBeLessThan(300);
    lab.scale(1);
    expect(lab.when(() => lab.pods.length === 1, 300)).toBeLessThan(300);
    expect(lab.fired(kind)).toBeGreaterThan(0);
    if (strike !== undefined) expect(lab.strikes(strike)).toBeGreaterThan(0);
    lab.world.faults.calm();
    lab.scale(3);
    expect(lab.when(() => lab.running.length === 3, 60)).toBeLessThan(60);
  });

  test('a conflict has the form of the API: 409', () => {
    lab = new Lab();
    lab.deploy(0);
    lab.world.faults.set({ on: 'api.Patch', from: 'kubectl', error: 'Conflict' });
    expect(() => lab.scale(1)).toThrowError(expect.objectContaining({ code: 'Conflict', status: 409 }));
  });

  test('a replica that is behind: who starts anew sees what was, and the newest in the end', () => {
    lab = new Lab();
    lab.deploy(2);
    lab.run(20);
    lab.scale(0);
    lab.run(5);
    lab.world.faults.set({ on: 'api', from: 'kube-controller-manager', stale: '10s' });
    lab.do(lab.world.restart({ part: 'kube-controller-manager' }));
    lab.run(3);
    expect(lab.fired('stale-read')).toBeGreaterThan(0);
    const lists = lab.world.recorder.kept.filter(
      ({ kind, name, actor, data, at }) =>
        kind === 'answer' && name === 'api.Server/List' && actor === 'kube-apiserver' && data[1] === 'pods' && at > seconds(35),
    );
    // Two pods were there ten seconds ago.
    expect(lists.some(({ data }) => data[2] === 2)).toBe(true);
    lab.run(60);
    expect(lab.pods).toEqual([]);
    lab.scale(2);
    expect(lab.when(() => lab.running.length === 2, 60)).toBeLessThan(60);
  });

  test('missed events: watches are cut, and what was deleted meanwhile shows by its absence', () => {
    lab = new Lab();
    lab.deploy(4);
    lab.run(20);
    lab.world.faults.set({ on: 'api', from: 'kube-controller-manager', cut: { away: '20s', relist: true } });
    for (const { metadata } of lab.pods.slice(0, 2))
      lab.do(lab.world.api.pods.delete({ namespace: 'default', name: metadata.name, gracePeriodSeconds: 0 }));
    lab.run(15);
    expect(lab.pods).toHaveLength(2);
    expect(lab.strikes('error Expired')).toBe(0);
    expect(lab.when(() => lab.running.length === 4, 120)).toBeLessThan(120);
    expect(lab.strikes('error Expired')).toBeGreaterThan(0);
    expect(lab.fired('missed-event')).toBeGreaterThan(0);
  });
});

describe('the cloud', () => {
  test.each([
    ['throttle', { on: 'cloud', error: 'RequestLimitExceeded', rate: '1/2' }],
    ['outage', { on: 'cloud', refuse: true }],
  ] as const)('%s: volumes wait, and come', (kind, fault: PlannedFault) => {
    lab = new Lab();
    lab.world.faults.set(fault);
    lab.do(
      lab.world.api.persistentvolumeclaims.create({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data', namespace: 'default' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
    );
    lab.do(
      lab.world.api.pods.create({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'db', namespace: 'default' },
        spec: {
          containers: [{ name: 'db', image: 'nginx', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
          volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
        },
      }),
    );
    lab.run(60);
    expect(lab.fired(kind)).toBeGreaterThan(0);
    lab.world.faults.calm();
    expect(lab.when(() => lab.running.length === 1, 400)).toBeLessThan(400);
  });
});

describe('machines', () => {
  test('one that stands still is given up, and what it holds goes on where it stood', () => {
    lab = new Lab();
    lab.deploy(4);
    lab.run(20);
    expect(lab.running).toEqual(['node-1', 'node-1', 'node-2', 'node-2']);
    const freeze = lab.world.faults.nodeFault({ node: 'node-1', freeze: true });
    const before = lab.world.kernel.now;
    lab.run(30);
    const moved = lab.world.recorder.kept.filter(({ actor, at }) => at > before + seconds(1) && /\/node-1$/.test(actor));
    expect(moved.map(({ name }) => name)).toEqual([]);
    expect(lab.when(() => lab.condition('node-1', 'Ready') === 'Unknown', 60)).toBeLessThan(60);
    lab.world.faults.heal(freeze);
    expect(lab.when(() => lab.condition('node-1', 'Ready') === 'True', 60)).toBeLessThan(60);
    lab.run(30);
    expect(lab.running).toEqual(['node-1', 'node-1', 'node-2', 'node-2']);
    expect(lab.fired('freeze')).toBe(1);
  });

  test('one that stands still for longer than anybody waits finds its pods gone', () => {
    lab = new Lab();
    lab.deploy(4);
    lab.run(20);
    lab.world.faults.nodeFault({ node: 'node-1', freeze: true, for: '7m' });
    expect(lab.when(() => lab.running.filter((node) => node === 'node-2').length === 4, 400)).toBeLessThan(400);
    lab.run(120);
    expect(lab.running).toEqual(['node-2', 'node-2', 'node-2', 'node-2']);
    expect(lab.pods).toHaveLength(4);
  });

  test('power ends standing still, and a part that is restarted meanwhile begins with the thaw', () => {
    lab = new Lab();
    lab.deploy(2);
    lab.run(20);
    lab.world.faults.nodeFault({ node: 'node-1', freeze: true });
    lab.do(lab.world.restart({ part: 'kubelet', node: 'node-1' }));
    lab.do(lab.world.restart({ node: 'node-1', down: '5s' }));
    expect(lab.world.nodes.get('node-1')?.host.frozen).toBe(false);
    lab.world.faults.calm();
    expect(lab.when(() => lab.running.length === 2, 120)).toBeLessThan(120);
    expect([...lab.world.faults.fired]).toEqual([
      ['restart-kubelet', 1],
      ['power', 1],
      ['freeze', 1],
    ]);
  });

  test('a wrong clock is what its machine writes, spans of time are right, and nobody is given up for it', () => {
    lab = new Lab();
    const { kernel } = lab.world;
    lab.world.faults.nodeFault({ node: 'node-1', clock: '+10m' });
    lab.world.faults.nodeFault({ node: 'node-2', clock: '-1h' });
    lab.deploy(2);
    lab.run(20);
    const ahead = (node: string): number => {
      const pod = lab.pods.find(({ spec }) => spec.nodeName === node) as Pod;
      const [status] = pod.status?.containerStatuses ?? [];
      return (Date.parse(status?.state?.running?.startedAt ?? '') * 1000 - kernel.epoch) / seconds(60);
    };
    expect(ahead('node-1')).toBeCloseTo(10, 0);
    expect(ahead('node-2')).toBeCloseTo(-60, 0);
    lab.run(120);
    expect([lab.condition('node-1', 'Ready'), lab.condition('node-2', 'Ready')]).toEqual(['True', 'True']);
    lab.world.faults.calm();
    lab.scale(4);
    lab.run(30);
    expect(lab.running).toHaveLength(4);
    expect(lab.fired('clock-skew')).toBe(2);
  });

  test('short of memory: pods are evicted one after the other, none comes, and all is well five minutes after', () => {
    lab = new Lab();
    lab.deploy(4);
    lab.run(20);
    lab.world.faults.nodeFault({ name: 'short', node: 'node-1', memory: '50Mi' });
    expect(lab.when(() => lab.condition('node-1', 'MemoryPressure') === 'True', 30)).toBeLessThan(30);
    lab.run(5);
    expect(lab.taints('node-1')).toEqual(['node.kubernetes.io/memory-pressure']);
    lab.run(60);
    expect(lab.running).toEqual(['node-2', 'node-2', 'node-2', 'node-2']);
    const evicted = lab.pods.filter(({ status }) => status?.reason === 'Evicted');
    expect(evicted.length).toBeGreaterThanOrEqual(2);
    expect(evicted[0]?.status).toMatchObject({
      phase: 'Failed',
      message: expect.stringContaining('The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. '),
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }),
      ]),
    });
    lab.world.faults.heal('short');
    lab.run(240);
    expect(lab.condition('node-1', 'MemoryPressure')).toBe('True');
    lab.run(90);
    expect([lab.condition('node-1', 'MemoryPressure'), lab.taints('node-1')]).toEqual(['False', []]);
    lab.scale(6);
    lab.run(30);
    expect(lab.running.filter((node) => node === 'node-1')).toHaveLength(2);
  });

  test('a full disk: nothing new runs on it, its pods go elsewhere, and it is used again afterwards', () => {
    lab = new Lab();
    lab.deploy(2);
    lab.run(20);
    lab.world.faults.nodeFault({ name: 'full', node: 'node-1', disk: 'full' });
    lab.scale(4);
    expect(lab.when(() => lab.condition('node-1', 'DiskPressure') === 'True', 30)).toBeLessThan(30);
    lab.run(90);
    expect(lab.running).toEqual(['node-2', 'node-2', 'node-2', 'node-2']);
    expect(lab.taints('node-1')).toEqual(['node.kubernetes.io/disk-pressure']);
    lab.world.faults.calm();
    lab.run(330);
    expect([lab.condition('node-1', 'DiskPressure'), lab.taints('node-1')]).toEqual(['False', []]);
    lab.scale(6);
    lab.run(30);
    expect(lab.running.filter((node) => node === 'node-1')).toHaveLength(2);
    expect(lab.fired('disk-full')).toBe(1);
  });
});
