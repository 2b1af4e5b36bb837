import { Disk } from '@slipway/host';
import type { Pod } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { evictionMessage, evictionOrder, type Usage } from './rank.ts';
import { shortagesOf } from './signals.ts';

const MEBI = 1024 * 1024;

const pod = (name: string, memory?: string, priority?: number): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name },
  spec: {
    containers: [{ name: 'main', image: 'nginx', ...(memory === undefined ? {} : { resources: { requests: { memory } } }) }],
    ...(priority === undefined ? {} : { priority }),
  },
});

const usage = (mebibytes: number): Usage => ({ pod: mebibytes * MEBI, containers: new Map([['main', mebibytes * MEBI]]) });

describe('what a machine is short of', () => {
  test('nothing, unless a fault took memory below 100Mi or filled the disk; memory comes first', () => {
    const disk = new Disk();
    expect(shortagesOf({ availableMemoryBytes: undefined, disk })).toEqual([]);
    expect(shortagesOf({ availableMemoryBytes: 100 * MEBI, disk })).toEqual([]);
    disk.full = true;
    expect(shortagesOf({ availableMemoryBytes: 99 * MEBI, disk }).map(({ pressure }) => pressure)).toEqual([
      'MemoryPressure',
      'DiskPressure',
    ]);
  });
});

describe('who is evicted first', () => {
  const [modest, greedy, greedier, important] = [
    pod('modest', '100Mi'),
    pod('greedy', '10Mi'),
    pod('greedier'),
    pod('important', '1Mi', 5),
  ];
  const usages = new Map([
    ['modest', usage(50)],
    ['greedy', usage(40)],
    ['greedier', usage(40)],
    ['important', usage(90)],
  ]);

  test('above what it asked for, then of low priority, then furthest above', () => {
    const order = evictionOrder([modest, important, greedy, greedier], usages, { resource: 'memory' });
    expect(order.map(({ metadata }) => metadata.name)).toEqual(['greedier', 'greedy', 'important', 'modest']);
  });

  test('without figures priority and requests decide, and equal ones keep their order', () => {
    const order = evictionOrder([important, pod('b'), pod('a')], new Map(), { resource: 'memory' });
    expect(order.map(({ metadata }) => metadata.name)).toEqual(['b', 'a', 'important']);
  });

  test('the message says what was short, and which container took more than it asked for', () => {
    const [memory] = shortagesOf({ availableMemoryBytes: 50 * MEBI, disk: new Disk() });
    if (!memory) throw new Error('memory is short');
    expect(evictionMessage(greedy, usage(40), memory)).toBe(
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container main was using 40Mi, request is 10Mi, has larger consumption of memory. ',
    );
    expect(evictionMessage(modest, usage(50), memory)).toBe(
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ',
    );
  });
});
