import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../packages/kernel/index.ts';
import { applyManifests } from '../../simulator/manifests/apply-manifests.ts';
import { loadManifests } from '../../simulator/manifests/load-manifests.ts';
import { type Settled, SettleWatch } from '../../simulator/manifests/settle.ts';
import { reportOf } from '../../simulator/cli/output/report.ts';
import { worldFactory } from '../../simulator/wiring/container.ts';
import type { World } from '../../simulator/wiring/world.ts';
import { SHOP } from './slipway.ts';

const makeWorld = worldFactory();
const world = (elide = true): World => makeWorld({ nodes: [{ name: 'node-1' }, { name: 'node-2' }], elide });

function begin(made: World, text: string): void {
  made.kernel.complete(made.user, 'apply', applyManifests(made, loadManifests([{ file: 'a.yaml', text }]).objects, ['node-1', 'node-2']));
}

async function settled(text: string): Promise<{ readonly world: World; readonly settled: Settled }> {
  const made = world();
  const watch = new SettleWatch(made.kernel, made.server);
  begin(made, text);
  return { world: made, settled: await watch.settle(async (until) => made.kernel.runAsync({ until })) };
}

describe('two worlds in one process', () => {
  it('never touch: interleaved second by second they run as each alone', () => {
    const alone = world();
    begin(alone, SHOP);
    alone.kernel.run({ until: minutes(1) });
    const [one, other] = [world(), world()];
    begin(one, SHOP);
    begin(other, SHOP);
    for (let until = 0; until <= minutes(1); until += seconds(1))
      for (const each of [one, other]) if (until > each.kernel.now) each.kernel.run({ until });
    expect([one.fingerprint, other.fingerprint]).toEqual([alone.fingerprint, alone.fingerprint]);
  });
});

const pod = (name: string, spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
const job = (command: string): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {backoffLimit: 0, template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox, command: [sh, -c, "${command}"]}]}}}\n`;
const daemonSet = (selector: string): string =>
  `apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: d}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {${selector}containers: [{name: c, image: nginx}]}}}\n`;

describe('settled and ready', () => {
  it.each<[title: string, text: string, ready: boolean, reasons: readonly string[]]>([
    ['a Deployment whose pods are ready', SHOP, true, []],
    ['a bare pod that runs', pod('p', '{containers: [{name: c, image: any/thing}]}'), true, []],
    ['a Job that completes', job('exit 0'), true, []],
    ['a Job that fails', job('exit 3'), false, ['BackoffLimitExceeded', 'Error']],
    ['a DaemonSet on every node', daemonSet(''), true, []],
    ['a DaemonSet for no node', daemonSet('nodeSelector: {no: where}, '), true, []],
    [
      'a pod that crashes again and again',
      pod('p', '{containers: [{name: c, image: busybox, command: ["false"]}]}'),
      false,
      ['CrashLoopBackOff'],
    ],
    [
      'a pod that fits nowhere',
      pod('p', '{containers: [{name: c, image: x, resources: {requests: {cpu: 64}}}]}'),
      false,
      ['Unschedulable'],
    ],
    ['an image that is nowhere', pod('p', '{containers: [{name: c, image: registry.does-not-exist.io/x}]}'), false, ['ImagePullBackOff']],
    [
      'an init command that nobody knows ends well',
      pod(
        'p',
        '{initContainers: [{name: i, image: busybox, command: [sh, -c, "frobnicate --hard"]}], containers: [{name: c, image: nginx}]}',
      ),
      true,
      [],
    ],
    [
      'an init container that fails',
      pod('p', '{initContainers: [{name: i, image: busybox, command: ["false"]}], containers: [{name: c, image: nginx}]}'),
      false,
      ['Init:CrashLoopBackOff'],
    ],
    [
      'a pod that is never ready',
      pod('p', '{containers: [{name: c, image: busybox, command: [sleep, "100000"], readinessProbe: {exec: {command: ["false"]}}}]}'),
      false,
      ['ContainersNotReady'],
    ],
    ['nothing that could be ready', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n', true, []],
  ])('%s', async (_title, text, ready, reasons) => {
    const ended = await settled(text);
    expect(ended.settled.ready).toBe(ready);
    expect(ended.world.kernel.now).toBeLessThanOrEqual(minutes(31));
    const report = reportOf(ended.world, ended.settled, [], 0);
    expect(report.unready.map(({ reason }) => reason)).toEqual(reasons);
    expect(report.violations).toEqual([]);
  });
});
