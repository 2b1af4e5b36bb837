import type { WatchEvent } from '@slipway/client';
import type { StreamItem } from '@slipway/kernel';
import type { KubeObject, Stored } from '@slipway/kube';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Coalescing, newestStates } from './coalesce.ts';

const event = (type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, revision: number): StreamItem => {
  const metadata = { name, namespace: 'default', uid: name, resourceVersion: String(revision), creationTimestamp: '' };
  return {
    item: { type, object: { apiVersion: 'v1', kind: 'Pod', metadata } as Stored<KubeObject> } satisfies WatchEvent,
    cause: revision,
  };
};

const told = (items: readonly StreamItem[]): readonly string[] =>
  items.map(({ item }) => {
    const { type, object } = item as WatchEvent;
    return type === 'BOOKMARK' ? type : `${type} ${object.metadata.name} ${object.metadata.resourceVersion}`;
  });

test('the newest state of each object, in the order of revisions', () => {
  const items = [
    event('ADDED', 'a', 1),
    event('ADDED', 'b', 2),
    event('MODIFIED', 'a', 3),
    event('MODIFIED', 'c', 4),
    event('MODIFIED', 'c', 5),
  ];
  expect(told(newestStates(items))).toEqual(['ADDED b 2', 'ADDED a 3', 'MODIFIED c 5']);
});

test('what comes and goes in between is never seen, and what goes and comes again has changed', () => {
  expect(told(newestStates([event('ADDED', 'a', 1), event('MODIFIED', 'a', 2), event('DELETED', 'a', 3)]))).toEqual([]);
  expect(told(newestStates([event('MODIFIED', 'a', 1), event('DELETED', 'a', 2)]))).toEqual(['DELETED a 2']);
  expect(told(newestStates([event('DELETED', 'a', 1), event('ADDED', 'a', 2)]))).toEqual(['MODIFIED a 2']);
});

test('whoever keeps a cache by it has what all events would have given, whatever the batches', () => {
  /** Events of a store that really happened: nothing is made twice, or deleted before it was there. */
  const history = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean()), { maxLength: 30 }).map((steps) => {
    const there = new Set<string>();
    return steps.map(([name, goes], index) => {
      if (!there.has(name)) {
        there.add(name);
        return event('ADDED', name, index + 1);
      }
      if (goes) there.delete(name);
      return event(goes ? 'DELETED' : 'MODIFIED', name, index + 1);
    });
  });
  const cacheOf = (batches: readonly (readonly StreamItem[])[]): readonly string[] => {
    const cache = new Map<string, string>();
    for (const { item } of batches.flat()) {
      const { type, object } = item as WatchEvent;
      const { name, resourceVersion } = object.metadata as { name: string; resourceVersion: string };
      // A client is told that something is new only when it is, and that it is gone only when it was there.
      if (type === 'ADDED') expect(cache.has(name)).toBe(false);
      else expect(cache.has(name)).toBe(true);
      if (type === 'DELETED') cache.delete(name);
      else cache.set(name, resourceVersion);
    }
    return [...cache].map((entry) => entry.join(' ')).sort();
  };
  fc.assert(
    fc.property(history, fc.integer({ min: 1, max: 10 }), (items, size) => {
      const coalescing = new Coalescing(1);
      const batches: (readonly StreamItem[])[] = [];
      for (let at = 0; at < items.length; at += size) batches.push(coalescing.merge(items.slice(at, at + size)));
      expect(cacheOf(batches)).toEqual(cacheOf([items]));
      expect(coalescing.skipped).toBe(items.length - batches.flat().length);
    }),
  );
});
