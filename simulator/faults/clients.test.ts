import { seconds } from '@slipway/kernel';
import { afterEach, describe, expect, test } from 'vitest';
import type { PlannedFault } from './fault-board.ts';
import { Lab } from './testing/lab.ts';

let lab: Lab;
afterEach(() => expect(lab.troubles).toEqual([]));

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
