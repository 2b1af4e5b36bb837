import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Pod, Toleration } from '@slipway/kube';
import type { Status } from '../framework/status.ts';
import type { FilterPlugin, PreFilterPlugin } from '../framework/types.ts';
import { cacheOf, stateFor } from '../testing/profiles.ts';
import { makeNode, makePod, type NodeParts, onNode, type PodParts } from '../testing/objects.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';

function verdict(plugin: FilterPlugin & Partial<PreFilterPlugin>, pod: Pod, node: NodeParts = {}, placed: readonly Pod[] = []): Status {
  const state = stateFor(pod, cacheOf([makeNode('node-1', node)], placed));
  const [nodeInfo] = state.snapshot.nodes;
  if (!nodeInfo) throw new Error('the node is in the snapshot');
  plugin.preFilter?.(pod, state.snapshot.nodes, state);
  return plugin.filter(pod, nodeInfo, state);
}

const tolerating = (...tolerations: readonly Toleration[]): PodParts => ({ spec: { tolerations } });

describe('messages, verbatim', () => {
  const unresolvable = 'UnschedulableAndUnresolvable';
  test.each<[string, Status, Status]>([
    [
      'NodeUnschedulable',
      verdict(nodeUnschedulable, makePod('p'), { spec: { unschedulable: true } }),
      { code: unresolvable, reasons: ['node(s) were unschedulable'] },
    ],
    [
      'NodeName',
      verdict(nodeName, onNode(makePod('p'), 'other')),
      { code: unresolvable, reasons: ["node(s) didn't match the requested node name"] },
    ],
    [
      'TaintToleration',
      verdict(taintToleration, makePod('p'), { spec: { taints: [{ key: 'k', effect: 'NoExecute' }] } }),
      { code: unresolvable, reasons: ['node(s) had untolerated taint(s)'] },
    ],
    [
      'NodeAffinity',
      verdict(nodeAffinity, makePod('p', { spec: { nodeSelector: { disk: 'ssd' } } })),
      { code: unresolvable, reasons: ["node(s) didn't match Pod's node affinity/selector"] },
    ],
    [
      'NodePorts',
      verdict(nodePorts, makePod('p', { hostPort: 80 }), {}, [onNode(makePod('q', { hostPort: 80 }), 'node-1')]),
      { code: 'Unschedulable', reasons: ["node(s) didn't have free ports for the requested pod ports"] },
    ],
    [
      'SchedulingGates',
      schedulingGates.preEnqueue(makePod('p', { spec: { schedulingGates: [{ name: 'a' }, { name: 'b' }] } })),
      { code: unresolvable, reasons: ['waiting for scheduling gates: [a b]'] },
    ],
  ])('%s', (_plugin, actual, expected) => {
    expect(actual).toEqual(expected);
  });
});

describe('what lets a pod pass', () => {
  test('NodeUnschedulable: a toleration of the cordon taint', () => {
    const tolerant = makePod('p', tolerating({ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }));
    expect(verdict(nodeUnschedulable, tolerant, { spec: { unschedulable: true } }).code).toBe('Success');
  });

  test('TaintToleration: any taints pass a pod that tolerates everything; PreferNoSchedule never refuses', () => {
    const taint = fc.record({ key: fc.constantFrom('a', 'b'), effect: fc.constantFrom('NoSchedule', 'NoExecute', 'PreferNoSchedule') });
    fc.assert(
      fc.property(fc.array(taint, { maxLength: 4 }), (taints) => {
        expect(verdict(taintToleration, makePod('p', tolerating({ operator: 'Exists' })), { spec: { taints } }).code).toBe('Success');
        const refused = taints.some(({ effect }) => effect !== 'PreferNoSchedule');
        expect(verdict(taintToleration, makePod('p'), { spec: { taints } }).code === 'Success').toBe(!refused);
      }),
    );
  });

  test('TaintToleration: fewer untolerated preferences score higher', () => {
    const taints = [
      { key: 'a', effect: 'PreferNoSchedule' as const },
      { key: 'b', effect: 'PreferNoSchedule' as const },
    ];
    const pod = makePod('p', tolerating({ key: 'a', operator: 'Exists' }));
    const state = stateFor(pod, cacheOf([makeNode('x', { spec: { taints } }), makeNode('y')]));
    const { nodes } = state.snapshot;
    taintToleration.preScore(pod, nodes, state);
    const raw = nodes.map((nodeInfo) => taintToleration.score(pod, nodeInfo, state));
    expect(raw).toEqual([1, 0]);
    expect(taintToleration.normalizeScore?.(raw, pod, nodes, state)).toEqual([0, 100]);
  });

  test('NodePorts: another protocol or address is free; 0.0.0.0 takes every address', () => {
    const withPort = (name: string, hostIP: string, protocol: 'TCP' | 'UDP' = 'TCP') =>
      makePod(name, { spec: { containers: [{ name: 'c', ports: [{ containerPort: 1, hostPort: 80, hostIP, protocol }] }] } });
    const used = [onNode(withPort('q', '10.0.0.1'), 'node-1')];
    const codes = [withPort('p', '10.0.0.2'), withPort('p', '10.0.0.1', 'UDP'), withPort('p', '10.0.0.1'), withPort('p', '0.0.0.0')].map(
      (pod) => verdict(nodePorts, pod, {}, used).code,
    );
    expect(codes).toEqual(['Success', 'Success', 'Unschedulable', 'Unschedulable']);
  });

  test('NodeAffinity: nodeSelector and terms are both needed; preferred weights add up', () => {
    const term = (zone: string) => ({ matchExpressions: [{ key: 'zone', operator: 'In' as const, values: [zone] }] });
    const pod = makePod('p', {
      spec: {
        nodeSelector: { disk: 'ssd' },
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term('a'), term('b')] },
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 10, preference: term('b') },
              { weight: 5, preference: { matchExpressions: [{ key: 'disk', operator: 'Exists' }] } },
            ],
          },
        },
      },
    });
    const labels = [{ disk: 'ssd', zone: 'a' }, { disk: 'ssd', zone: 'b' }, { disk: 'ssd', zone: 'c' }, { zone: 'a' }];
    expect(labels.map((each) => verdict(nodeAffinity, pod, { labels: each }).code === 'Success')).toEqual([true, true, false, false]);
    const state = stateFor(pod, cacheOf(labels.map((each, index) => makeNode(`n${index}`, { labels: each }))));
    expect(state.snapshot.nodes.map((nodeInfo) => nodeAffinity.score(pod, nodeInfo, state))).toEqual([5, 15, 5, 0]);
  });
});
