import { codeOf, seconds } from '@slipway/kernel';
import type { KubeObject } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configMap, testWorld } from './test-world.ts';

const told = (items: readonly KubeObject[]): readonly string[] =>
  items.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`);

describe('reads of a replica that lags', () => {
  test('are what was there then, whatever has been written since, and a watch from their revision tells the rest', () => {
    const change = fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), drop: fc.boolean(), pause: fc.integer({ min: 0, max: 4 }) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 15 }), fc.integer({ min: 1, max: 12 }), (changes, age) => {
        const { kernel, server, api, run, pass } = testWorld();
        /** What was there at the end of each second. */
        const then = new Map<number, readonly string[]>();
        const now = (): readonly string[] => told(server.list({ resource: 'configmaps', namespace: 'default' }).items);
        const begin = now();
        for (const { name, drop, pause } of changes) {
          const there = server.peek('configmaps', 'default', name) !== undefined;
          if (!there) run(api.configmaps.create(configMap(name)));
          else if (drop) run(api.configmaps.delete({ namespace: 'default', name }));
          else run(api.configmaps.patch({ namespace: 'default', name, patch: { data: { at: String(kernel.traceSequence) } } }));
          then.set(kernel.now / seconds(1), now());
          if (pause > 0) pass(seconds(pause));
        }
        const instant = kernel.now / seconds(1) - age;
        const expected = [...then].filter(([at]) => at <= instant).at(-1)?.[1] ?? begin;
        const lagging = server.lagging(seconds(age));
        const { items, resourceVersion } = lagging.list({ resource: 'configmaps', namespace: 'default' });
        expect(told(items)).toEqual(expected);
        for (const name of ['a', 'b', 'c', 'd']) {
          const alone = expected.find((text) => text.startsWith(`${name} `));
          const read = (): string => told([lagging.get({ resource: 'configmaps', namespace: 'default', name })])[0] as string;
          if (alone !== undefined) expect(read()).toBe(alone);
          else expect(read).toThrow(/not found/);
        }
        // Whoever goes on from there hears of all that followed.
        const cache = new Map(items.map((object) => [object.metadata.name, object.metadata.resourceVersion]));
        const stream = run(api.configmaps.watch({ namespace: 'default', resourceVersion }));
        if (told(items).join() !== now().join())
          for (const event of run(stream.take())) {
            if (event.type === 'DELETED') cache.delete(event.object.metadata.name);
            else if (event.type !== 'BOOKMARK') cache.set(event.object.metadata.name, event.object.metadata.resourceVersion);
          }
        expect([...cache].map((entry) => entry.join(' ')).sort()).toEqual([...now()].sort());
      }),
      { numRuns: 60 },
    );
  });

  test('never go behind what the client has seen, nor behind a restart of the server', () => {
    const { server, api, run, pass } = testWorld();
    run(api.configmaps.create(configMap('a')));
    pass(seconds(5));
    run(api.configmaps.create(configMap('b')));
    const { revision } = server;
    run(api.configmaps.delete({ namespace: 'default', name: 'a' }));
    const names = (resourceVersion?: string): readonly string[] =>
      server
        .lagging(seconds(2))
        .list({ resource: 'configmaps', namespace: 'default', ...(resourceVersion === undefined ? {} : { resourceVersion }) })
        .items.map(({ metadata }) => metadata.name);
    expect([names(), names('0'), names(String(revision))]).toEqual([['a'], ['a'], ['a', 'b']]);
    server.dropWatchCache();
    expect(names()).toEqual(['b']);
  });

  test('find nothing where a selector did not select then', () => {
    const { server, api, run, pass } = testWorld();
    const labelled = (value: string) => ({ ...configMap('a'), metadata: { name: 'a', namespace: 'default', labels: { is: value } } });
    run(api.configmaps.create(labelled('old')));
    pass(seconds(5));
    run(api.configmaps.update(labelled('new')));
    const count = (labelSelector: string): number =>
      server.lagging(seconds(2)).list({ resource: 'configmaps', labelSelector }).items.length;
    expect([count('is=old'), count('is=new')]).toEqual([1, 0]);
    try {
      server.lagging(seconds(60)).get({ resource: 'configmaps', namespace: 'default', name: 'a' });
    } catch (error) {
      expect(codeOf(error)).toBe('NotFound');
    }
  });
});
