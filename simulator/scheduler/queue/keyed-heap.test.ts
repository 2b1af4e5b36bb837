import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyedHeap } from './keyed-heap.ts';

interface Item {
  readonly key: string;
  readonly rank: number;
}

test('KeyedHeap: after any additions, changes and removals items leave in order', () => {
  const change = fc.record({ key: fc.nat(12).map(String), rank: fc.option(fc.nat(20)) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
      const heap = new KeyedHeap<Item>(
        ({ key }) => key,
        (a, b) => a.rank < b.rank || (a.rank === b.rank && a.key < b.key),
      );
      const model = new Map<string, Item>();
      for (const { key, rank } of changes) {
        if (rank === null) {
          expect(heap.delete(key)).toEqual(model.get(key));
          model.delete(key);
        } else {
          heap.set({ key, rank });
          model.set(key, { key, rank });
        }
        expect(heap.get(key)).toEqual(model.get(key));
      }
      const left: Item[] = [];
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) left.push(item);
      expect(left).toEqual([...model.values()].sort((a, b) => a.rank - b.rank || (a.key < b.key ? -1 : 1)));
    }),
  );
});
