import { minutes, seconds } from '@slipway/kernel';
import type { PodDisruptionBudget, PodSpec, PodStatus, Stored, Pod } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

const asking = (cpu: string, more: Partial<PodSpec> = {}): Partial<PodSpec> => ({
  containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu } } }],
  ...more,
});

/** What a scheduler says that it decided; without a node: that there is none. */
const decides = (lab: Lab, pod: string, node?: string): number =>
  lab.kernel.record(
    'decision',
    'kube-scheduler',
    'scheduler/schedule',
    `default/${pod}`,
    node === undefined ? ['unschedulable', '0/1 nodes are available'] : ['scheduled', node, 1, 1, 0],
  );

/** Nodes of one CPU without taints, some time ago. */
function cluster(only: string, ...nodes: readonly string[]): Lab {
  const lab = new Lab([only], undefined, { withoutAdmission: ['ServiceAccount', 'TaintNodesByCondition'] });
  for (const name of nodes) lab.node(name, { cpu: '1', memory: '1Gi', pods: '10' });
  lab.pass(minutes(1));
  return lab;
}

const remove = (lab: Lab, name: string, gracePeriodSeconds?: number) =>
  lab.run(
    lab.as('kubectl').pods.delete({ namespace: 'default', name, ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }) }),
  );

const status = (lab: Lab, actor: string, name: string, patch: PodStatus) =>
  lab.run(lab.as(actor).pods.patch({ namespace: 'default', name, subresource: 'status', patch: { status: patch } }));

describe('SCH-04 cache-agrees', () => {
  test('a pod that was given a node and is neither bound nor tried again is reported', () => {
    const lab = cluster('SCH-04', 'node-1');
    lab.pod('a', asking('100m'));
    decides(lab, 'a', 'node-1');
    lab.pass(minutes(1));
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    lab.pass(minutes(5));
    lab.afterCalm();
    expect(lab.violations).toMatchObject([{ id: 'SCH-04', objects: ['Pod default/a', 'Node node-1'] }]);
  });

  test('a refusal while there is room all the time is reported, one for want of room is not', () => {
    const lab = cluster('SCH-04', 'node-1');
    lab.pod('a', asking('800m'));
    lab.bind('a', 'node-1');
    lab.pod('b', asking('800m'));
    lab.pass(minutes(5));
    decides(lab, 'b');
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    remove(lab, 'a', 0);
    lab.pass(minutes(5));
    decides(lab, 'b');
    lab.afterCalm();
    expect(lab.violations).toMatchObject([
      { id: 'SCH-04', message: 'the scheduler found no node for Pod default/b, though node-1 has room for it' },
    ]);
  });
});

describe('SCH-09 no-lost-wakeup', () => {
  const refused = () => {
    const lab = cluster('SCH-09', 'node-1');
    lab.pod('a', asking('800m'));
    lab.bind('a', 'node-1');
    lab.pod('b', asking('800m'));
    decides(lab, 'b');
    lab.pass(minutes(1));
    remove(lab, 'a', 0);
    return lab;
  };

  test('a pod that is tried soon after room came is no reason; one that is tried minutes later is', () => {
    for (const [wait, broken] of [
      [seconds(10), []],
      [minutes(4), ['SCH-09']],
    ] as const) {
      const lab = refused();
      lab.pass(wait);
      decides(lab, 'b', 'node-1');
      lab.bind('b', 'node-1');
      expect(lab.broken).toEqual(broken);
    }
  });

  test('one that is never tried is reported when the calm is over', () => {
    const lab = refused();
    lab.pass(minutes(5));
    lab.afterCalm();
    expect(lab.violations).toEqual([]);
    lab.pass(minutes(2));
    lab.afterCalm();
    expect(lab.violations).toMatchObject([
      { id: 'SCH-09', message: 'Pod default/b waits, though node-1 has had room for it for 6 minutes, and is not tried' },
    ]);
  });
});

describe('SCH-05 nomination-alive', () => {
  test('a nomination to a node that is gone is reported, one to a node that may become free is not', () => {
    const lab = cluster('SCH-05', 'node-1', 'node-2');
    for (const [name, node] of [
      ['a', 'node-1'],
      ['b', 'node-2'],
    ] as const) {
      lab.pod(name, asking('800m'));
      status(lab, 'kube-scheduler', name, { nominatedNodeName: node });
    }
    lab.run(lab.as('kubectl').nodes.delete({ name: 'node-2' }));
    lab.pass(minutes(7));
    lab.afterCalm();
    expect(lab.violations).toMatchObject([{ id: 'SCH-05', message: 'Pod default/b is still nominated to node-2, which is gone' }]);
  });
});

describe('SCH-06 no-stolen-room', () => {
  const nominated = () => {
    const lab = cluster('SCH-06', 'node-1');
    lab.pod('victim', asking('800m'));
    lab.bind('victim', 'node-1');
    lab.pod('vip', asking('800m'));
    decides(lab, 'vip');
    status(lab, 'kube-scheduler', 'vip', { nominatedNodeName: 'node-1' });
    lab.pass(seconds(20));
    remove(lab, 'victim', 0);
    return lab;
  };
  const bind = (lab: Lab, name: string, cpu: string): void => {
    lab.pod(name, asking(cpu));
    decides(lab, name, 'node-1');
    lab.bind(name, 'node-1');
  };

  test('what fits beside the nominee may have it, what does not may not', () => {
    const lab = nominated();
    bind(lab, 'small', '200m');
    expect(lab.violations).toEqual([]);
    bind(lab, 'thief', '100m');
    expect(lab.violations).toMatchObject([{ id: 'SCH-06', objects: ['Pod default/thief', 'Pod default/vip', 'Node node-1'] }]);
  });

  test('a nominee that was tried again since holds nothing for certain', () => {
    const lab = nominated();
    decides(lab, 'vip');
    bind(lab, 'thief', '500m');
    expect(lab.violations).toEqual([]);
  });
});

describe('disruption budgets', () => {
  const budget = (lab: Lab, app: string, disruptionsAllowed: number): Stored<PodDisruptionBudget> => {
    const metadata = { name: app, namespace: 'default' };
    const { poddisruptionbudgets } = lab.as('disruption');
    const made = lab.run(
      poddisruptionbudgets.create({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata,
        spec: { selector: { matchLabels: { app } } },
      }),
    );
    const counts = { currentHealthy: 2, desiredHealthy: 2 - disruptionsAllowed, expectedPods: 2, observedGeneration: 1 };
    return lab.run(poddisruptionbudgets.updateStatus({ ...made, status: { disruptionsAllowed, ...counts } }));
  };
  const running = (lab: Lab, name: string, node: string, app: string): Stored<Pod> => {
    lab.pod(name, asking('800m', { terminationGracePeriodSeconds: 30 }), { labels: { app } });
    lab.bind(name, node);
    return status(lab, `kubelet/${node}`, name, { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] });
  };

  test('SCH-08: as many evictions as are allowed are right, one more is reported', () => {
    const lab = cluster('SCH-08', 'node-1', 'node-2');
    budget(lab, 'web', 1);
    const pods = [running(lab, 'a', 'node-1', 'web'), running(lab, 'b', 'node-2', 'web')];
    const evict = lab.as('kubectl').pods.evict({ namespace: 'default', name: 'a' });
    lab.run(evict);
    expect(lab.violations).toEqual([]);
    // A server that forgot to look: the real one says no.
    const [, second] = pods as [Stored<Pod>, Stored<Pod>];
    const request = { namespace: 'default', name: 'b' };
    const seq = lab.kernel.record('call', 'kubectl', 'api.Server/Evict', 'default/b', [], request, 0);
    const mark = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI' } as const;
    const object = { ...second, status: { ...second.status, conditions: [...(second.status?.conditions ?? []), mark] } };
    lab.write({ resource: 'pods', type: 'MODIFIED', object, old: second }, seq);
    expect(lab.violations).toMatchObject([
      {
        id: 'SCH-08',
        message: 'an eviction of Pod default/b was granted to kubectl, the second of 1 that PodDisruptionBudget default/web allows',
      },
    ]);
  });

  test('SCH-07: a victim with an exhausted budget is reported where another node would do, and only there', () => {
    for (const [app, broken] of [
      ['other', ['SCH-07']],
      ['web', []],
    ] as const) {
      const lab = cluster('SCH-07', 'node-1', 'node-2');
      budget(lab, 'web', 0);
      running(lab, 'a', 'node-1', 'web');
      running(lab, 'b', 'node-2', app);
      lab.run(
        lab
          .as('kubectl')
          .priorityclasses.create({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1000 }),
      );
      lab.pod('vip', asking('800m', { priorityClassName: 'high' }));
      lab.pass(minutes(1));
      lab.kernel.cause = decides(lab, 'vip');
      const mark = { type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' } as const;
      const ready = { type: 'Ready', status: 'True' } as const;
      status(lab, 'kube-scheduler', 'a', { conditions: [ready, mark] });
      expect(lab.broken).toEqual(broken);
    }
  });
});
