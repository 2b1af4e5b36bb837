import { seconds } from '@slipway/kernel';
import type { Pod } from '@slipway/kube';
import { afterEach, describe, expect, test } from 'vitest';
import { Lab } from './testing/lab.ts';

let lab: Lab;
afterEach(() => expect(lab.troubles).toEqual([]));

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
