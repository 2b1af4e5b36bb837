import { idlePrograms } from '@slipway/testing';
import { Host } from '@slipway/host';
import { minutes, seconds } from '@slipway/kernel';
import type { ContainerStatus, Pod, PodSpec, Stored } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

const NODE = 'node-1';

/** A lab with a ready node, some time ago, and its machine. */
function cluster(only: string, cri?: object): Lab {
  const lab = new Lab([only], undefined, { withoutAdmission: ['ServiceAccount', 'TaintNodesByCondition'] });
  lab.node(NODE, { cpu: '1', memory: '1Gi', pods: '10' });
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' } as const;
  lab.run(lab.as(`kubelet/${NODE}`).nodes.patch({ name: NODE, subresource: 'status', patch: { status: { conditions: [ready] } } }));
  lab.nodes.set(NODE, { host: new Host({ name: NODE, kernel: lab.kernel, programs: idlePrograms }), cri: cri as never });
  lab.pass(minutes(1));
  return lab;
}

/** A pod that is bound and has a sandbox. */
function running(lab: Lab, name: string, spec: Partial<PodSpec> = {}) {
  const pod = lab.pod(name, spec);
  lab.bind(name, NODE);
  return { pod, sandbox: lab.sandbox(NODE, pod, `sandbox-of-${name}-${pod.metadata.uid}`) };
}

const remove = (lab: Lab, name: string, gracePeriodSeconds?: number, actor = 'kubectl') =>
  lab.run(lab.as(actor).pods.delete({ namespace: 'default', name, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) }));

const restartKubelet = (lab: Lab): void => {
  for (const what of ['down', 'up']) lab.kernel.record('fault', 'scenario', `fault/${what}`, `kubelet/${NODE}`, []);
};

describe('KUB-02 one-identity', () => {
  test('the next pod of a name may start elsewhere when the first has stopped, or was taken by force', () => {
    for (const [end, broken] of [
      ['stopped', []],
      ['forced', []],
      ['neither', ['KUB-02']],
    ] as const) {
      const lab = cluster('KUB-02');
      const first = running(lab, 'db-0');
      lab.start(NODE, first.pod, first.sandbox, 'main');
      if (end === 'stopped') lab.cri(NODE, 'StopPodSandbox', { podSandboxId: first.sandbox });
      if (end === 'forced') remove(lab, 'db-0', 0);
      else remove(lab, 'db-0', 0, `kubelet/${NODE}`);
      const second = lab.pod('db-0');
      lab.bind('db-0', 'node-2');
      lab.start('node-2', second, lab.sandbox('node-2', second, 'elsewhere'), 'main');
      expect(lab.broken).toEqual(broken);
    }
  });
});

describe('KUB-05 init-after-sandbox-loss', () => {
  test('a new sandbox in which the init container was not run is reported', () => {
    const lab = cluster('KUB-05');
    const { pod, sandbox } = running(lab, 'a', { initContainers: [{ name: 'init', image: 'busybox' }] });
    lab.start(NODE, pod, sandbox, 'init', { exitCode: 0 });
    lab.start(NODE, pod, sandbox, 'main');
    const second = lab.sandbox(NODE, pod, 'second');
    lab.start(NODE, pod, second, 'init', { exitCode: 0 });
    lab.start(NODE, pod, second, 'main');
    expect([lab.violations, lab.met('KUB-05')]).toEqual([[], 1]);
    lab.start(NODE, pod, lab.sandbox(NODE, pod, 'third'), 'main');
    expect(lab.violations).toMatchObject([
      {
        id: 'KUB-05',
        message: 'kubelet/node-1 starts container main of Pod default/a in a new sandbox, in which init container init was not run',
      },
    ]);
  });
});

describe('KUB-07 grace-bound', () => {
  const stopping = (grace: number, spec: Partial<PodSpec> = {}) => {
    const lab = cluster('KUB-07');
    const { pod, sandbox } = running(lab, 'a', { terminationGracePeriodSeconds: grace, ...spec });
    const containerId = lab.start(NODE, pod, sandbox, 'main');
    remove(lab, 'a');
    return { lab, containerId };
  };

  test.each([
    [30, 30, []],
    [30, 2, ['KUB-07']],
    [30, 31, ['KUB-07']],
    [0.5, 2, []],
  ])('a grace of %d s and a stop with %d s', (grace, timeout, broken) => {
    const { lab, containerId } = stopping(Math.ceil(grace));
    lab.cri(NODE, 'StopContainer', { containerId, timeout });
    expect(lab.broken).toEqual(broken);
  });

  test('what a hook has used is taken off', () => {
    const command = ['sh', '-c', 'sleep 10'];
    const spec = { containers: [{ name: 'main', image: 'nginx', lifecycle: { preStop: { exec: { command } } } }] };
    for (const [timeout, broken] of [
      [20, []],
      [30, ['KUB-07']],
    ] as const) {
      const { lab, containerId } = stopping(30, spec);
      lab.cri(NODE, 'ExecSync', { containerId, cmd: command });
      lab.pass(seconds(10));
      lab.cri(NODE, 'StopContainer', { containerId, timeout });
      expect(lab.broken).toEqual(broken);
    }
  });

  test('a runtime that kills before the time is up is reported', () => {
    const { lab, containerId } = stopping(30);
    const kill = (signal: string): void => lab.call('oci.Runtime/Kill', `containerd/${NODE}`, `runc/${NODE}`, { id: containerId, signal });
    lab.kernel.record('call', `kubelet/${NODE}`, 'cri.RuntimeService/StopContainer', undefined, [], { containerId, timeout: 30 }, 0);
    kill('SIGTERM');
    lab.pass(seconds(30));
    kill('SIGKILL');
    expect(lab.violations).toEqual([]);
    const early = stopping(30);
    early.lab.kernel.record(
      'call',
      `kubelet/${NODE}`,
      'cri.RuntimeService/StopContainer',
      undefined,
      [],
      { containerId: early.containerId, timeout: 30 },
      0,
    );
    early.lab.pass(seconds(5));
    early.lab.call('oci.Runtime/Kill', `containerd/${NODE}`, `runc/${NODE}`, { id: early.containerId, signal: 'SIGKILL' });
    expect(early.lab.violations).toMatchObject([{ id: 'KUB-07', objects: ['Pod default/a'] }]);
  });
});

describe('KUB-08 termination-ends', () => {
  test('a pod that is not let go of for long after its deletion is reported', () => {
    const lab = cluster('KUB-08');
    running(lab, 'a');
    running(lab, 'held');
    lab.run(
      lab.as('kubectl').pods.patch({ namespace: 'default', name: 'held', patch: { metadata: { finalizers: ['example.com/hold'] } } }),
    );
    for (const name of ['a', 'held']) remove(lab, name);
    lab.pass(minutes(5));
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    lab.pass(minutes(8));
    lab.afterCalm();
    expect(lab.violations).toMatchObject([
      { id: 'KUB-08', message: 'Pod default/a was deleted 13 minutes ago, and node-1 has not let it go' },
    ]);
  });
});

describe('KUB-09 admission-books', () => {
  const asking = (cpu: string): Partial<PodSpec> => ({
    nodeName: NODE,
    containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }],
  });
  const refuse = (lab: Lab, name: string): void => {
    lab.status(lab.pod(name, asking('600m')), { phase: 'Failed', reason: 'OutOfcpu' });
  };

  test('a refusal for want of what others hold is right, one for what an ended pod held is not', () => {
    const lab = cluster('KUB-09');
    lab.pass(minutes(5));
    const holder = lab.pod('holder', asking('600m'));
    refuse(lab, 'right');
    expect([lab.violations, lab.met('KUB-09')]).toEqual([[], 1]);
    lab.status(holder, { phase: 'Succeeded' });
    refuse(lab, 'soon');
    expect(lab.violations).toEqual([]);
    lab.pass(minutes(3));
    refuse(lab, 'wrong');
    expect(lab.violations).toMatchObject([
      {
        id: 'KUB-09',
        message: 'kubelet/node-1 refused Pod default/wrong for want of cpu: it asks for 600m, and others hold 0 of 1 at most',
      },
    ]);
  });
});

const statusOf = (id: string, restartCount = 0, more: Partial<ContainerStatus> = {}): ContainerStatus => ({
  name: 'main',
  image: 'nginx',
  imageID: '',
  containerID: `containerd://${id}`,
  ready: true,
  restartCount,
  state: { running: { startedAt: '2026-01-01T00:01:00Z' } },
  ...more,
});

describe('KUB-11 exit-noticed', () => {
  test('a container that ended long ago and is running by its status is reported', () => {
    let finishedAt = 0n;
    const runtime = {
      listContainers: () => ({ containers: [{ id: 'c-1', state: 'CONTAINER_EXITED' }] }),
      containerStatus: () => ({ status: { finishedAt } }),
    };
    const lab = cluster('KUB-11', { runtime });
    const { pod } = running(lab, 'a');
    lab.status(pod, { phase: 'Running', containerStatuses: [statusOf('c-1')] });
    lab.pass(minutes(10));
    finishedAt = BigInt(lab.kernel.unixMicros) * 1000n;
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    lab.pass(minutes(10));
    lab.afterCalm();
    expect(lab.violations).toMatchObject([
      { id: 'KUB-11', message: 'container main of Pod default/a is running by its status, but it has ended on node-1' },
    ]);
  });
});

describe('KUB-12 agent-restart-neutral', () => {
  const ready = (is: boolean, status: ContainerStatus): Pod['status'] => ({
    phase: 'Running',
    conditions: [{ type: 'Ready', status: is ? 'True' : 'False' }],
    containerStatuses: [status],
  });
  const restarted = () => {
    const lab = cluster('KUB-12');
    const { pod, sandbox } = running(lab, 'a');
    const id = lab.start(NODE, pod, sandbox, 'main');
    lab.status(pod, ready(true, statusOf(id)));
    lab.pass(minutes(5));
    restartKubelet(lab);
    lab.pass(seconds(2));
    return { lab, pod, sandbox, id };
  };

  test('a pod that stays as it was: silent', () => {
    const { lab, pod, id } = restarted();
    lab.status(pod, ready(true, statusOf(id, 0, { started: true })));
    expect([lab.violations, lab.met('KUB-12')]).toEqual([[], 1]);
  });

  test('readiness that goes, a count that grows, and a second instance beside the first are reported', () => {
    const unready = restarted();
    unready.lab.status(unready.pod, ready(false, statusOf(unready.id)));
    expect(unready.lab.violations).toMatchObject([{ message: expect.stringContaining('took the readiness of Pod default/a') }]);
    const counted = restarted();
    counted.lab.status(counted.pod, ready(true, statusOf(counted.id, 1)));
    expect(counted.lab.violations).toMatchObject([
      { message: expect.stringContaining('was restarted 1 times, after 0 for the same instance') },
    ]);
    const doubled = restarted();
    doubled.lab.start(NODE, doubled.pod, doubled.sandbox, 'main');
    expect(doubled.lab.violations).toMatchObject([{ message: expect.stringContaining('while the instance before runs') }]);
  });

  test('readiness that goes because the container ended is no reason', () => {
    const { lab, pod, id } = restarted();
    lab.exit(NODE, id, 1);
    lab.status(pod, ready(false, statusOf(id)));
    expect(lab.violations).toEqual([]);
  });

  test('a pod that has ended is not started again', () => {
    const { lab, pod, sandbox, id } = restarted();
    lab.exit(NODE, id, 0);
    lab.status(pod, { phase: 'Succeeded' });
    lab.start(NODE, pod, sandbox, 'main');
    expect(lab.violations).toMatchObject([{ message: 'kubelet/node-1 starts container main of Pod default/a, which has ended for good' }]);
  });
});

describe('KUB-14 back-off', () => {
  const starts = (pauses: readonly number[], between: (lab: Lab) => void = () => undefined): readonly string[] => {
    const lab = cluster('KUB-14');
    const { pod, sandbox } = running(lab, 'a');
    lab.start(NODE, pod, sandbox, 'main', { exitCode: 1 });
    for (const pause of pauses) {
      lab.pass(seconds(pause));
      between(lab);
      lab.start(NODE, pod, sandbox, 'main', { exitCode: 1 });
    }
    return lab.violations.map(({ message }) => message);
  };

  test('pauses that grow as they should are silent, up to five minutes', () => {
    expect(starts([1, 10, 20, 40, 80, 160, 300, 300])).toEqual([]);
  });

  test('a pause that does not grow is reported', () => {
    expect(starts([1, 10, 10])).toEqual([
      'kubelet/node-1 starts container main of Pod default/a 10s after its last start, where it has to pause for 20s',
    ]);
  });

  test('a kubelet that was restarted has forgotten, and who ran for ten minutes starts afresh', () => {
    expect(starts([1, 1, 1], restartKubelet)).toEqual([]);
    expect(starts([1, 10, 20, 601, 10])).toEqual([]);
  });
});

describe('KUB-15 timed-eviction', () => {
  const taint = (lab: Lab, taints: readonly object[] | null) =>
    lab.run(lab.as('kubectl').nodes.patch({ name: NODE, patch: { spec: { taints } } }));
  const gone = { key: 'gone', effect: 'NoExecute' };
  const tolerant = { tolerations: [{ key: 'gone', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 }] } as const;
  const evicted = (lab: Lab, pod: Stored<Pod>) =>
    lab.run(
      lab.as('taint-eviction-controller').pods.patch({
        namespace: 'default',
        name: pod.metadata.name,
        subresource: 'status',
        patch: { status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByTaintManager' }] } },
      }),
    );

  test('when its time is up: silent; before, or without a taint: reported', () => {
    for (const [wait, broken] of [
      [60, []],
      [20, ['KUB-15']],
    ] as const) {
      const lab = cluster('KUB-15');
      const { pod } = running(lab, 'a', tolerant);
      taint(lab, [gone]);
      lab.pass(seconds(wait));
      evicted(lab, pod);
      expect(lab.broken).toEqual(broken);
    }
    const lab = cluster('KUB-15');
    const { pod } = running(lab, 'a', tolerant);
    taint(lab, [gone]);
    lab.pass(seconds(30));
    taint(lab, null);
    lab.pass(seconds(60));
    evicted(lab, pod);
    expect(lab.violations).toMatchObject([{ message: expect.stringContaining('which has no taint that would') }]);
  });

  test('a pod that is still there long after is reported, one that tolerates the taint is not', () => {
    const lab = cluster('KUB-15');
    running(lab, 'a', tolerant);
    running(lab, 'b', { tolerations: [{ operator: 'Exists' }] });
    taint(lab, [gone]);
    lab.pass(minutes(9));
    lab.afterCalm();
    expect(lab.violations).toMatchObject([
      { id: 'KUB-15', message: 'Pod default/a is still on node-1, whose taint gone should have driven it out' },
    ]);
  });
});

describe('KUB-16 no-delete-while-mounted', () => {
  const PODS = '/var/lib/kubelet/pods';

  test("a pod's directory that is gone while its volume is published is reported", () => {
    const lab = cluster('KUB-16');
    const files = lab.nodes.get(NODE)?.host.files;
    const step = (method: 'Publish' | 'Unpublish', uid: string): void =>
      lab.call(`csi.Node/Node${method}Volume`, `kubelet/${NODE}`, `csi/${NODE}`, {
        targetPath: `${PODS}/${uid}/volumes/kubernetes.io~csi/pv/mount`,
      });
    for (const uid of ['right', 'wrong']) {
      files?.makeDirectory(`${PODS}/${uid}`, { recursive: true });
      step('Publish', uid);
    }
    step('Unpublish', 'right');
    files?.remove(`${PODS}/right`, { recursive: true });
    expect([lab.violations, lab.met('KUB-16')]).toEqual([[], 1]);
    files?.remove(`${PODS}/wrong`, { recursive: true });
    step('Unpublish', 'wrong');
    expect(lab.violations).toMatchObject([{ id: 'KUB-16', objects: ['Node node-1'] }]);
  });
});
