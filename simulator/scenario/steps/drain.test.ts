import { seconds } from '@slipway/kernel';
import type { Node, Pod } from '@slipway/kube';
import { expect, test } from 'vitest';
import { deployment, Lab } from './testing/lab.ts';

const podsOn = (lab: Lab, node: string): Pod[] =>
  ([...lab.cluster.server.objects('pods')] as Pod[]).filter(({ spec }) => spec.nodeName === node);
const bare = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'alone' },
  spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'nginx:1.29' }] },
};

function withWeb(replicas: number): Lab {
  const lab = new Lab();
  lab.step({ apply: deployment('web', replicas) });
  lab.wait(seconds(20));
  return lab;
}

test('drain: cordons the node, evicts its pods and ends when they are gone', () => {
  const lab = withWeb(4);
  expect(podsOn(lab, 'node-1').length).toBeGreaterThan(0);
  const before = lab.cluster.kernel.now;
  expect(lab.step({ drain: 'node-1', as: 'empty' })).toBe('node-1');
  expect(lab.object<Node>('nodes', 'node-1', undefined)?.spec?.unschedulable).toBe(true);
  expect(podsOn(lab, 'node-1')).toEqual([]);
  expect(lab.cluster.kernel.now - before).toBeLessThan(seconds(40));
  expect(lab.trace.some(({ name }) => name === 'api.Server/Evict')).toBe(true);
  // Its pods start elsewhere.
  lab.wait(seconds(10));
  expect(podsOn(lab, 'node-2')).toHaveLength(4);
});

test('drain: pods of DaemonSets stay, pods without a controller stop it unless it is forced', () => {
  const lab = new Lab();
  const { kind: _kind, spec, ...rest } = deployment('agent', 1);
  lab.step({ apply: [{ ...rest, kind: 'DaemonSet', spec: { selector: spec.selector, template: spec.template } }, bare] });
  lab.wait(seconds(20));
  const refused = 'unable to drain node "node-1": cannot delete Pods that declare no controller (use --force to override): default/alone';
  expect(() => lab.step({ drain: 'node-1' })).toThrow(refused);
  lab.step({ drain: { node: 'node-1', force: true, gracePeriod: '1s' } });
  expect(podsOn(lab, 'node-1').map(({ metadata }) => metadata.name)).toEqual([expect.stringMatching(/^agent-/)]);
});

test('drain: waits for a disruption budget and tries every 5 s', () => {
  const lab = withWeb(2);
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  };
  lab.step({ apply: budget });
  lab.wait(seconds(1));
  const start = lab.cluster.kernel.now;
  expect(() => lab.step({ drain: { node: 'node-1', timeout: '12s' } })).toThrow(
    /error when evicting pods\/"web-\S+" -n "default": global timeout reached: 12s \(Cannot evict pod as it would violate the pod's disruption budget\. The disruption budget web needs 2 healthy pods and has 2 currently\)/,
  );
  const tries = lab.trace.filter(({ name, kind, at }) => name === 'api.Server/Evict' && kind === 'call' && at >= start);
  const pods = podsOn(lab, 'node-1').length;
  expect(tries).toHaveLength(3 * pods);
  lab.step({ patch: { of: 'pdb/web', type: 'merge', with: { spec: { minAvailable: 0 } } } });
  lab.step({ drain: { node: 'node-1', timeout: '60s' } });
  expect(podsOn(lab, 'node-1')).toEqual([]);
});

test('drain: a machine without power lets no pod go, and the time is up', () => {
  const lab = withWeb(2);
  lab.step({ powerOff: 'node-1' });
  expect(() => lab.step({ drain: { node: 'node-1', timeout: '10s' } })).toThrow(
    /error when waiting for pod "web-\S+" in namespace "default" to terminate: global timeout reached: 10s/,
  );
});
