import { seconds } from '@slipway/kernel';
import type { Deployment, Node, Pod } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { StepError } from './index.ts';
import { deployment, Lab } from './testing/lab.ts';

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};

/** A cluster in which `web` runs. */
function withWeb(replicas = 2): Lab {
  const lab = new Lab();
  lab.step({ apply: [deployment('web', replicas), service] });
  lab.wait(seconds(20));
  return lab;
}

const podsOf = (lab: Lab): Pod[] =>
  ([...lab.cluster.server.objects('pods')] as Pod[]).filter(({ metadata }) => metadata.labels?.app === 'web');

describe('apply', () => {
  test('makes the objects, and a namespace that nobody makes with a warning', () => {
    const lab = new Lab();
    expect(lab.step({ apply: deployment('web', 1, 'shop') })).toBe('web');
    expect(lab.object('deployments', 'web', 'shop')).toBeDefined();
    expect(lab.warnings).toEqual(['namespace "shop" is in none of the files; it was made']);
  });

  test('says what the API server refuses', () => {
    const lab = withWeb(1);
    const other = deployment('web', 1);
    const labels = { app: 'other' };
    const changed = {
      ...other,
      spec: { ...other.spec, selector: { matchLabels: labels }, template: { ...other.spec.template, metadata: { labels } } },
    };
    expect(() => lab.step({ apply: changed })).toThrow(/the API server refuses Deployment default\/web: .*field is immutable/);
  });
});

describe('objects', () => {
  test('scale, patch and delete do as kubectl does', () => {
    const lab = withWeb();
    expect(lab.step({ scale: { of: 'deploy/web', replicas: 3 } })).toBe('web');
    lab.wait(seconds(10));
    expect(podsOf(lab)).toHaveLength(3);
    lab.step({ patch: { of: 'deployment/web', with: { metadata: { labels: { tier: 'front' } } } } });
    lab.step({ patch: { of: 'deployment/web', type: 'json', with: [{ op: 'replace', path: '/spec/replicas', value: 1 }] } });
    const { metadata, spec } = lab.object<Deployment>('deployments', 'web') as Deployment;
    expect([metadata.labels?.tier, spec.replicas]).toEqual(['front', 1]);
    expect(lab.step({ delete: ['deployment/web', 'service/web'] })).toEqual(['web', 'web']);
    expect(lab.object('deployments', 'web')).toBeUndefined();
    expect(() => lab.step({ delete: 'deployment/web' })).toThrow(new StepError('deployments.apps "web" not found'));
  });

  test('delete with force leaves no pod behind, whatever its kubelet says', () => {
    const lab = withWeb(1);
    const [pod] = podsOf(lab);
    const name = pod?.metadata.name ?? '';
    lab.cluster.nodes.get(pod?.spec.nodeName ?? '')?.powerOff();
    lab.step({ delete: { of: `pod/${name}`, gracePeriod: '1s' } });
    lab.wait(seconds(5));
    expect(lab.object('pods', name)?.metadata.deletionTimestamp).toBeDefined();
    lab.step({ delete: { of: `pod/${name}`, force: true } });
    expect(lab.object('pods', name)).toBeUndefined();
  });
});

describe('machines', () => {
  test('power is lost where a workload runs, and comes back by the variable', () => {
    const lab = withWeb(1);
    const node = podsOf(lab)[0]?.spec.nodeName ?? '';
    expect(lab.step({ powerOff: { nodeOf: 'deployment/web' }, as: 'lost' })).toBe(node);
    expect(lab.cluster.nodes.get(node)?.host.on).toBe(false);
    expect(lab.step({ powerOn: '$lost' })).toBe(node);
    expect(lab.cluster.nodes.get(node)?.host.on).toBe(true);
  });

  test('nodes are added and removed, several at once by one variable', () => {
    const lab = new Lab(1);
    expect(lab.step({ addNodes: { count: 2, name: 'spare' }, as: 'spares' })).toEqual(['spare-1', 'spare-2']);
    lab.wait(seconds(30));
    expect(lab.step({ cordon: '$spares' })).toEqual(['spare-1', 'spare-2']);
    expect(lab.object<Node>('nodes', 'spare-2', undefined)?.spec?.unschedulable).toBe(true);
    lab.step({ uncordon: 'spare-2' });
    expect(lab.object<Node>('nodes', 'spare-2', undefined)?.spec?.unschedulable).toBeUndefined();
    lab.step({ removeNode: '$spares' });
    expect([...lab.cluster.nodes.keys()]).toEqual(['node-1']);
    expect(() => lab.step({ powerOn: 'spare-1' })).toThrow(/node "spare-1" has no machine/);
  });

  test('a reference that finds nothing fails the step with what there is', () => {
    expect(() => new Lab(1).step({ powerOff: 'node-7' })).toThrow(StepError);
  });

  test('taint replaces the value of the same taint, untaint takes it away or says that it is not there', () => {
    const lab = new Lab(1);
    const taints = () => lab.object<Node>('nodes', 'node-1', undefined)?.spec?.taints;
    lab.step({ taint: { node: 'node-1', key: 'team', value: 'a', effect: 'NoSchedule' } });
    lab.step({ taint: { node: 'node-1', key: 'team', value: 'b', effect: 'NoSchedule' } });
    expect(taints()).toEqual([{ key: 'team', value: 'b', effect: 'NoSchedule' }]);
    expect(() => lab.step({ untaint: { node: 'node-1', key: 'team', effect: 'NoExecute' } })).toThrow('taint "team:NoExecute" not found');
    lab.step({ untaint: { node: 'node-1', key: 'team' } });
    expect(taints()).toBeUndefined();
  });
});

describe('faults', () => {
  test('nodes are put in by name, and healed by the name of the step', () => {
    const lab = new Lab();
    lab.variables.set('both', ['node-1', 'node-2']);
    const texts = () => lab.cluster.faults.active.map(({ name, text }) => `${name}: ${text}`);
    const names = lab.step({ fault: { on: 'cri', node: '$both', refuse: true, times: 2 }, as: 'broken' });
    expect(names).toEqual(['broken', 'broken-2']);
    expect(lab.step({ partition: { node: 'node-1', from: ['control-plane', 'node-2'], direction: 'in' } })).toBe('partition-1');
    lab.step({ partition: { node: 'node-1' }, as: 'cut' });
    expect(texts()).toEqual([
      'broken: cri refuse, on node-1, 2 times',
      'broken-2: cri refuse, on node-2, 2 times',
      'partition-1: node-1 cut off from control-plane, node-2, in only',
      'cut: node-1 cut off from everybody',
    ]);
    lab.step({ heal: ['broken', 'cut'] });
    expect(lab.cluster.faults.active.map(({ name }) => name)).toEqual(['partition-1']);
    expect(() => lab.step({ heal: 'broken' })).toThrow(/nothing is wrong by the name "broken": there is partition-1/);
    lab.step({ heal: 'all' });
    expect(texts()).toEqual([]);
    expect(() => lab.step({ partition: { node: 'node-1', from: 'node-9' } })).toThrow(
      'there is no node "node-9", and no place of this name',
    );
    expect(() => lab.step({ heal: 'never' })).toThrow(/nothing is called \$never yet/);
  });

  test('restart ends a part and starts it anew, on several nodes at once', () => {
    const lab = new Lab(2);
    lab.variables.set('both', ['node-1', 'node-2']);
    const start = lab.cluster.kernel.now;
    expect(lab.step({ restart: { part: 'kubelet', node: '$both', down: '30s' } })).toEqual(['node-1', 'node-2']);
    expect(lab.step({ restart: { part: 'kube-scheduler' } })).toBeUndefined();
    expect(lab.cluster.kernel.now - start).toBe(seconds(31));
    const downs = lab.trace.filter(({ name }) => name === 'fault/down').map(({ subject }) => subject);
    expect(downs).toEqual(['kubelet/node-1', 'kubelet/node-2', 'kube-scheduler']);
    expect(() => lab.step({ restart: { plugin: 'csi/none' } })).toThrow(/there is no csi\/none to restart/);
  });
});

describe('in the cluster', () => {
  test('request fails when nobody answers', () => {
    const lab = withWeb();
    lab.step({ request: { from: { podOf: 'deployment/web' }, to: 'http://web/', method: 'HEAD' } });
    expect(() => lab.step({ request: { from: 'node/node-1', to: 'http://nobody.default/' } })).toThrow(/^no answer: dropped at .* \(dns\)/);
  });

  test('exec runs in a container, and fails with the output of a command that fails', () => {
    const lab = withWeb(1);
    const pod = podsOf(lab)[0]?.metadata.name;
    const into = { podOf: 'deployment/web' };
    expect(lab.step({ exec: { pod: into, command: 'echo hi > /tmp/x' } })).toBe(pod);
    lab.step({ exec: { pod: into, command: ['cat', '/tmp/x'] } });
    expect(() => lab.step({ exec: { pod: into, command: ['cat', '/none'] } })).toThrow(
      /^command terminated with exit code 1: .*No such file/,
    );
    expect(() => lab.step({ exec: { pod: into, container: 'other', command: ['true'] } })).toThrow(/container other is not valid for pod/);
    const call = lab.trace.find(({ name, kind }) => name === 'cri.RuntimeService/ExecSync' && kind === 'call');
    expect(call?.actor).toBe('kube-apiserver/exec');
    lab.step({ powerOff: { nodeOf: 'deployment/web' } });
    expect(() => lab.step({ exec: { pod: into, command: ['true'] } })).toThrow(/error dialing backend/);
  });
});

test('what follows from a step has it as its cause, and a step follows from nothing', () => {
  const lab = withWeb(1);
  lab.step({ scale: { of: 'deployment/web', replicas: 2 } });
  const steps = lab.trace.filter(({ actor }) => actor === 'scenario');
  expect(steps.map(({ name, subject, cause, data }) => ({ name, subject, cause, text: data[0] }))).toEqual([
    { name: 'step/apply', subject: undefined, cause: 0, text: 'apply: Deployment web, Service web' },
    { name: 'step/scale', subject: 'default/web', cause: 0, text: 'scale: {of: deployment/web, replicas: 2}' },
  ]);
  lab.wait(seconds(10));
  const byNumber = new Map(lab.trace.map((record) => [record.seq, record]));
  const rootOf = (record: (typeof steps)[number] | undefined): unknown =>
    record && byNumber.has(record.cause) ? rootOf(byNumber.get(record.cause)) : record?.name;
  const scale = steps[1]?.seq ?? 0;
  const bound = lab.trace.find(({ name, seq, kind }) => name === 'api.Server/Bind' && kind === 'call' && seq > scale);
  expect(rootOf(bound)).toBe('step/scale');
});

describe('faults of machines', () => {
  test('are set for each node that is meant, kept by name, and healed', () => {
    const lab = withWeb(2);
    expect(lab.step({ nodeFault: { node: 'node-2', freeze: true }, as: 'still' })).toBe('still');
    lab.step({ nodeFault: { node: 'node-1', clock: '+5m', for: '10s' } });
    lab.step({ nodeFault: { node: { nodeOf: 'deployment/web' }, memory: '1Mi' }, as: 'short' });
    expect(lab.cluster.faults.active.map(({ name, text, kind }) => `${name}: ${text} (${kind})`)).toEqual([
      'still: node-2: stands still (freeze)',
      'node-fault-1: node-1: clock +5m (clock-skew)',
      expect.stringMatching(/^short: node-[12]: memory 1Mi left \(memory-pressure\)$/),
    ]);
    const host = lab.cluster.nodes.get('node-2')?.host;
    expect(host?.frozen).toBe(true);
    lab.step({ heal: 'still' });
    expect(host?.frozen).toBe(false);
    expect(lab.cluster.nodes.get('node-1')?.host.clockOffset).toBe(seconds(300));
    lab.wait(seconds(11));
    expect(lab.cluster.nodes.get('node-1')?.host.clockOffset).toBe(0);
    lab.step({ heal: 'all' });
    expect([...lab.cluster.nodes.values()].map((node) => node.host.availableMemoryBytes)).toEqual([undefined, undefined]);
    expect(() => lab.step({ nodeFault: { node: 'node-9', disk: 'full' } })).toThrow(StepError);
  });
});
