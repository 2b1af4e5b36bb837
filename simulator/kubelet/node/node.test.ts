import type { Node, Pod, PodSpec } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerOf, podOf } from '../testing/observations.ts';
import { admissionProblems } from './admission.ts';
import { allocatableOf, capacityOf, initialNode, type NodeFacts, nodeStatus, nodeStatusHasChanged } from './node-status.ts';

const node = (more: Partial<Node> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node-1', labels: { 'kubernetes.io/os': 'linux', zone: 'a' } },
  spec: {},
  status: { allocatable: { cpu: '2', memory: '4Gi', pods: '3', 'ephemeral-storage': '10Gi' } },
  ...more,
});

const asking = (requests: Record<string, string>, spec: Partial<PodSpec> = {}): Pod =>
  podOf({ nodeName: 'node-1', ...spec, containers: [containerOf('app', { resources: { requests } })] });

const reasons = (pod: Pod, on = node(), others: readonly Pod[] = []) =>
  admissionProblems({ pod, node: on, others }).map(({ reason }) => reason);

describe('admissionProblems', () => {
  it.each([
    ['fits', asking({ cpu: '2', memory: '4Gi' }), []],
    ['too much CPU', asking({ cpu: '2001m' }), ['OutOfcpu']],
    ['too much memory', asking({ memory: '5Gi' }), ['OutOfmemory']],
    ['too much of both', asking({ cpu: '3', memory: '5Gi' }), ['OutOfcpu', 'OutOfmemory']],
    ['a resource that the node does not know', asking({ 'example.com/gpu': '1' }), []],
    ['another label', asking({}, { nodeSelector: { zone: 'b' } }), ['NodeAffinity']],
    ['another node', asking({}, { nodeName: 'node-2' }), ['NodeName']],
    ['another system', asking({}, { os: { name: 'windows' } }), ['PodOSNotSupported']],
  ] as const)('%s', (_title, pod, expected) => {
    expect(reasons(pod)).toEqual(expected);
  });

  it('other pods count, also their number', () => {
    expect(reasons(asking({ cpu: '1' }), node(), [asking({ cpu: '1500m' })])).toEqual(['OutOfcpu']);
    expect(reasons(asking({}), node(), [asking({}), asking({}), asking({})])).toEqual(['OutOfpods']);
  });

  it('host ports collide', () => {
    const listening = podOf({ nodeName: 'node-1', containers: [containerOf('a', { ports: [{ containerPort: 80, hostPort: 8080 }] })] });
    expect(reasons(listening, node(), [listening])).toEqual(['NodePorts']);
  });

  it('a NoExecute taint refuses, unless it is tolerated; NoSchedule is the scheduler’s matter', () => {
    const tainted = (effect: 'NoExecute' | 'NoSchedule') => node({ spec: { taints: [{ key: 'gone', effect }] } });
    expect(reasons(asking({}), tainted('NoExecute'))).toEqual(['TaintToleration']);
    expect(reasons(asking({}), tainted('NoSchedule'))).toEqual([]);
    expect(reasons(asking({}, { tolerations: [{ operator: 'Exists' }] }), tainted('NoExecute'))).toEqual([]);
  });

  it('memory pressure refuses only those that ask for nothing, disk pressure all but critical pods', () => {
    const under = (type: string) => node({ status: { allocatable: {}, conditions: [{ type, status: 'True' }] } });
    const bestEffort: Pod = { ...asking({}), status: { qosClass: 'BestEffort' } };
    const burstable: Pod = { ...asking({}), status: { qosClass: 'Burstable' } };
    expect(reasons(bestEffort, under('MemoryPressure'))).toEqual(['Evicted']);
    expect(reasons(burstable, under('MemoryPressure'))).toEqual([]);
    expect(reasons(burstable, under('DiskPressure'))).toEqual(['Evicted']);
    expect(reasons(asking({}, { priority: 2_000_000_000 }), under('DiskPressure'))).toEqual([]);
  });

  it('admitted pods never ask for more than there is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1500 }), { maxLength: 8 }), (wishes) => {
        const admitted: Pod[] = [];
        for (const wish of wishes) {
          const pod = asking({ cpu: `${wish}m` });
          if (reasons(pod, node(), admitted).length === 0) admitted.push(pod);
        }
        const sum = admitted.reduce(
          (total, pod) => total + Number.parseInt(pod.spec.containers[0]?.resources?.requests?.cpu ?? '0', 10),
          0,
        );
        expect(sum).toBeLessThanOrEqual(2000);
        expect(admitted.length).toBeLessThanOrEqual(3);
      }),
    );
  });
});

const facts = (more: Partial<NodeFacts> = {}): NodeFacts => ({
  name: 'node-1',
  options: {},
  ips: ['10.0.0.1'],
  runtimeName: 'containerd',
  runtimeVersion: '2.2.0',
  runtimeHandlers: undefined,
  supplementalGroupsPolicy: true,
  images: [],
  bootId: 'b1',
  problems: [],
  volumesInUse: [],
  ...more,
});

describe('nodeStatus', () => {
  it('reports readiness with its reason; several problems as one list', () => {
    const ready = (problems: readonly string[]) =>
      nodeStatus(facts({ problems }), undefined, 't').conditions?.find(({ type }) => type === 'Ready');
    expect(ready([])).toMatchObject({ status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' });
    expect(ready(['a'])).toMatchObject({ status: 'False', reason: 'KubeletNotReady', message: 'a' });
    expect(ready(['a', 'b'])?.message).toBe('[a, b]');
  });

  it('the time of a heartbeat alone is no change; any condition, image or address is', () => {
    const before = nodeStatus(facts(), undefined, 't1');
    expect(nodeStatusHasChanged(before, nodeStatus(facts(), before, 't2'))).toBe(false);
    expect(nodeStatusHasChanged(before, nodeStatus(facts({ problems: ['a'] }), before, 't2'))).toBe(true);
    expect(nodeStatusHasChanged(before, nodeStatus(facts({ ips: ['10.0.0.2'] }), before, 't2'))).toBe(true);
  });

  it('what others write stays', () => {
    const before = {
      capacity: { 'example.com/gpu': '2' },
      volumesAttached: [{ name: 'v', devicePath: '' }],
      conditions: [{ type: 'NetworkUnavailable', status: 'False' }],
    } as const;
    const after = nodeStatus(facts(), before, 't');
    expect(after).toMatchObject({ volumesAttached: before.volumesAttached, capacity: { 'example.com/gpu': '2', cpu: '4' } });
    expect(after.conditions?.[0]).toEqual(before.conditions[0]);
  });

  it('allocatable is capacity less 100Mi of memory and a tenth of the storage, unless it is given', () => {
    expect(capacityOf({ maxPods: 20 })).toMatchObject({ cpu: '4', memory: '16Gi', pods: '20' });
    expect(allocatableOf({})).toEqual({ cpu: '4', memory: '16284Mi', 'ephemeral-storage': '90Gi', pods: '110' });
    expect(allocatableOf({ allocatable: { cpu: '3500m' } }).cpu).toBe('3500m');
  });

  it('a cloud node begins with a taint', () => {
    expect(initialNode(facts({ options: { externalCloudProvider: true } }), 't').spec.taints).toEqual([
      { key: 'node.cloudprovider.kubernetes.io/uninitialized', value: 'true', effect: 'NoSchedule' },
    ]);
  });
});
