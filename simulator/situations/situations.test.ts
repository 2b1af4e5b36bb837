import type { AddRequest } from '@slipway/cni';
import type { CallError } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { failure, Lab, metadataOf } from '../invariants/testing/lab.ts';
import { Coverage, Situations, situations } from './index.ts';

/** A world in which nothing is judged. */
function watched(): { readonly lab: Lab; readonly reached: () => readonly string[] } {
  const onlooker = new Situations();
  const lab = new Lab(['SIM-01'], undefined, {}, [onlooker]);
  return { lab, reached: () => [...onlooker.counts].filter(([, count]) => count > 0).map(([id]) => id) };
}

const attachment = (containerId: string): Omit<AddRequest, 'config'> & { config: { type: string; name: string; cniVersion: string } } =>
  ({
    containerId,
    netns: `/run/${containerId}`,
    ifname: 'eth0',
    args: {},
    path: [],
    config: { type: 'bridge', name: 'pods', cniVersion: '1.1.0' },
  }) as never;
const result = (ip: string): object => ({ cniVersion: '1.1.0', ips: [{ address: `${ip}/24` }], interfaces: [], routes: [], dns: {} });

/** Records a call that is answered later. */
function begin({ kernel }: Lab, name: string, from: string, request: object): (answer?: object) => void {
  const seq = kernel.record('call', from, name, undefined, [], request, 0);
  return (answer = {}) => {
    const failed = answer instanceof Error;
    kernel.record('answer', 'other', name, undefined, [failed ? (answer as CallError).code : 'OK'], answer, seq);
  };
}

const strike = ({ kernel }: Lab, name: string, what: string, cause = 0): number =>
  kernel.record('fault', 'other/node-1', name, undefined, [what], undefined, cause);
const up = ({ kernel }: Lab, subject: string): number => kernel.record('fault', 'scenario', 'fault/up', subject, []);
const API = (method: string): string => `api.Server/${method}`;
const CSI = (method: string): string => `csi.Controller/${method}`;
const condition = (type: string, status: 'True' | 'False' | 'Unknown', reason: string) => ({
  conditions: [{ type, status, reason, lastTransitionTime: '2026-01-01T00:00:00Z' }],
});

/** For each situation, a trace that comes to it. */
const PLANTED: Readonly<Record<string, (lab: Lab) => void>> = {
  'pod-preempted': (lab) => disrupt(lab, 'PreemptionByScheduler'),
  'pod-evicted-by-taint': (lab) => disrupt(lab, 'DeletionByTaintManager'),
  'pod-evicted-by-kubelet': (lab) => disrupt(lab, 'TerminationByKubelet'),
  'binding-refused': (lab) =>
    lab.call(API('Bind'), 'kube-scheduler', 'kube-apiserver', { namespace: 'default', name: 'a' }, failure('Conflict')),
  'bound-after-waiting'(lab) {
    const pod = lab.pod('a');
    const patch = { status: condition('PodScheduled', 'False', 'Unschedulable') };
    lab.run(lab.as('kube-scheduler').pods.patch({ namespace: 'default', name: pod.metadata.name, subresource: 'status', patch }));
    lab.bind('a', 'node-1');
  },
  'deleted-while-sandbox-made'(lab) {
    const pod = lab.pod('a');
    begin(lab, 'cri.RuntimeService/RunPodSandbox', 'kubelet/node-1', { config: { metadata: metadataOf(pod) } });
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'a' }));
  },
  'sandbox-made-anew'(lab) {
    const metadata = { ...metadataOf(lab.pod('a')), attempt: 1 };
    lab.cri('node-1', 'RunPodSandbox', { config: { metadata } }, { podSandboxId: 's' });
  },
  'container-restarted'(lab) {
    const pod = lab.pod('a');
    const sandbox = lab.sandbox('node-1', pod);
    lab.start('node-1', pod, sandbox, 'main', { exitCode: 1 });
    lab.start('node-1', pod, sandbox, 'main');
  },
  'stop-repeated'(lab) {
    const podSandboxId = lab.sandbox('node-1', lab.pod('a'));
    for (let time = 0; time < 2; time += 1) lab.cri('node-1', 'StopPodSandbox', { podSandboxId });
  },
  'runtime-answer-lost': (lab) => void strike(lab, 'cri.RuntimeService/CreateContainer', 'answer lost'),
  'pull-failed': (lab) => lab.call('cri.ImageService/PullImage', 'kubelet/node-1', 'containerd/node-1', {}, failure('NOT_FOUND')),
  'pod-force-deleted'(lab) {
    lab.sandbox('node-1', lab.pod('a'));
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'a', gracePeriodSeconds: 0 }));
  },
  'add-failed-late'(lab) {
    const answer = begin(lab, 'cni.Plugin/Add', 'containerd/node-1', attachment('s'));
    strike(lab, 'cni.Plugin/Add', 'answer lost', lab.kernel.traceSequence);
    answer(failure('DEADLINE_EXCEEDED'));
  },
  'del-repeated'(lab) {
    for (let time = 0; time < 2; time += 1) lab.cni('node-1', 'Del', attachment('s'));
  },
  'del-after-power-loss'(lab) {
    const owner = { on: true, owner: lab.kernel.owner('power-1'), network: { get: () => undefined } };
    lab.nodes.set('node-1', { host: owner, cri: undefined } as never);
    lab.cni('node-1', 'Add', attachment('s'), result('10.0.0.2'));
    owner.owner = lab.kernel.owner('power-2');
    lab.cni('node-1', 'Del', attachment('s'));
  },
  'del-during-add'(lab) {
    begin(lab, 'cni.Plugin/Add', 'containerd/node-1', attachment('s'));
    lab.cni('node-1', 'Del', attachment('s'));
  },
  'address-reused'(lab) {
    for (const sandbox of ['s', 't']) lab.cni('node-1', 'Add', attachment(sandbox), result('10.0.0.2'));
  },
  'adds-overlapped'(lab) {
    for (const sandbox of ['s', 't']) begin(lab, 'cni.Plugin/Add', 'containerd/node-1', attachment(sandbox));
  },
  'creates-overlapped'(lab) {
    for (let time = 0; time < 2; time += 1) begin(lab, CSI('CreateVolume'), 'provisioner', { name: 'pvc-1' });
  },
  'create-repeated'(lab) {
    begin(lab, CSI('CreateVolume'), 'provisioner', { name: 'pvc-1' })(failure('DEADLINE_EXCEEDED'));
    begin(lab, CSI('CreateVolume'), 'provisioner', { name: 'pvc-1' });
  },
  'delete-repeated'(lab) {
    for (let time = 0; time < 2; time += 1) lab.call(CSI('DeleteVolume'), 'provisioner', 'ebs', { volumeId: 'v' });
  },
  'attached-without-power'(lab) {
    lab.nodes.set('node-1', { host: { on: false }, cri: undefined } as never);
    lab.call(CSI('ControllerPublishVolume'), 'attacher', 'ebs', { volumeId: 'v', nodeId: 'node-1' });
  },
  'detached-from-gone-node': (lab) => lab.call(CSI('ControllerUnpublishVolume'), 'attacher', 'ebs', { volumeId: 'v', nodeId: 'node-1' }),
  'attach-during-detach'(lab) {
    begin(lab, CSI('ControllerUnpublishVolume'), 'attacher', { volumeId: 'v', nodeId: 'node-1' });
    begin(lab, CSI('ControllerPublishVolume'), 'attacher', { volumeId: 'v', nodeId: 'node-2' });
  },
  'volume-moved'(lab) {
    for (const nodeId of ['node-1', 'node-2']) lab.call(CSI('ControllerPublishVolume'), 'attacher', 'ebs', { volumeId: 'v', nodeId });
  },
  'stage-repeated'(lab) {
    for (let time = 0; time < 2; time += 1) lab.call('csi.Node/NodeStageVolume', 'kubelet/node-1', 'ebs/node-1', { volumeId: 'v' });
  },
  'driver-busy': (lab) => lab.call(CSI('CreateVolume'), 'provisioner', 'ebs', { name: 'pvc-1' }, failure('ABORTED')),
  'kubelet-came-back'(lab) {
    const pod = lab.pod('a');
    lab.start('node-1', pod, lab.sandbox('node-1', pod), 'main');
    up(lab, 'kubelet/node-1');
  },
  'node-lost': (lab) => ready(lab, 'True', 'Unknown'),
  'node-back': (lab) => ready(lab, 'Unknown', 'True'),
  'node-removed'(lab) {
    lab.node('node-1');
    lab.pod('a');
    lab.bind('a', 'node-1');
    lab.run(lab.as('kubectl').nodes.delete({ name: 'node-1' }));
  },
  'callee-crashed': (lab) => void strike(lab, CSI('CreateVolume'), 'callee crashes'),
  'caller-crashed': (lab) => void strike(lab, CSI('CreateVolume'), 'caller crashes'),
  'conflict-retried'(lab) {
    const request = { resource: 'pods', object: { kind: 'Pod', metadata: { namespace: 'default', name: 'a' } } };
    lab.call(API('Update'), 'controller', 'kube-apiserver', request, failure('Conflict'));
    lab.call(API('Update'), 'controller', 'kube-apiserver', request);
  },
  'watch-expired'(lab) {
    lab.call(API('Watch'), 'controller', 'kube-apiserver', { resource: 'pods' }, failure('Expired'));
    lab.call(API('List'), 'controller', 'kube-apiserver', { resource: 'pods' });
  },
  'write-answer-lost': (lab) => void strike(lab, API('Create'), 'answer lost'),
  'server-away': (lab) => lab.call(API('Patch'), 'controller', 'kube-apiserver', { resource: 'pods', name: 'a' }, failure('UNAVAILABLE')),
  'drain-met-budget': (lab) => lab.call(API('Evict'), 'kubectl', 'kube-apiserver', { name: 'a' }, failure('TooManyRequests')),
  'finalizer-held'(lab) {
    lab.pod('a', {}, { finalizers: ['example.com/hold'] });
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'a', gracePeriodSeconds: 0 }));
  },
  'name-used-again'(lab) {
    lab.pod('a');
    lab.run(lab.as('kubectl').pods.delete({ namespace: 'default', name: 'a', gracePeriodSeconds: 0 }));
    lab.pod('a');
  },
  'dependent-collected': (lab) =>
    lab.call(API('Delete'), 'kube-controller-manager/garbage-collector-controller', 'kube-apiserver', { resource: 'pods', name: 'a' }),
};

function disrupt(lab: Lab, reason: string): void {
  const pod = lab.pod('a');
  lab.bind('a', 'node-1');
  lab.status(pod, { phase: 'Running', ...condition('DisruptionTarget', 'True', reason) });
}

function ready(lab: Lab, before: 'True' | 'Unknown', after: 'True' | 'Unknown'): void {
  lab.node('node-1');
  for (const status of [before, after]) {
    const patch = { status: condition('Ready', status, 'Test') };
    lab.run(lab.as('node-lifecycle').nodes.patch({ name: 'node-1', subresource: 'status', patch }));
  }
}

describe('situations', () => {
  test('each has an id and a title of its own', () => {
    for (const key of ['id', 'title'] as const) expect(new Set(situations.map((each) => each[key])).size).toBe(situations.length);
    expect(situations.filter(({ id }) => !/^[a-z]+(-[a-z]+)+$/.test(id))).toEqual([]);
  });

  test.each(situations.map(({ id }) => id))('%s: reached by a trace that comes to it, and by no pod that comes and goes', (id) => {
    const quiet = watched();
    const pod = quiet.lab.pod('z');
    quiet.lab.bind('z', 'node-1');
    const sandbox = quiet.lab.sandbox('node-1', pod);
    quiet.lab.cni('node-1', 'Add', attachment('z'), result('10.0.0.9'));
    quiet.lab.start('node-1', pod, sandbox, 'main');
    quiet.lab.cri('node-1', 'StopPodSandbox', { podSandboxId: sandbox });
    quiet.lab.cni('node-1', 'Del', attachment('z'));
    quiet.lab.run(quiet.lab.as('kubectl').pods.delete({ namespace: 'default', name: 'z', gracePeriodSeconds: 0 }));
    expect(quiet.reached()).toEqual([]);
    const { lab, reached } = watched();
    PLANTED[id]?.(lab);
    expect(reached()).toContain(id);
  });
});

describe('coverage', () => {
  test('answers are counted by method and code', () => {
    const coverage = new Coverage();
    const lab = new Lab(['SIM-01'], undefined, {}, [coverage]);
    lab.call(CSI('CreateVolume'), 'provisioner', 'ebs', { name: 'a' });
    lab.call(CSI('CreateVolume'), 'provisioner', 'ebs', { name: 'b' }, failure('ABORTED'));
    lab.call(CSI('CreateVolume'), 'provisioner', 'ebs', { name: 'b' });
    expect(coverage.counts.get('csi.Controller/CreateVolume')).toEqual(
      new Map([
        ['OK', 2],
        ['ABORTED', 1],
      ]),
    );
  });
});
