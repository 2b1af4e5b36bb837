import fc from 'fast-check';
import { parseDuration } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { collect, configMap, pod, testWorld } from './test-world.ts';

describe('watch', () => {
  it('from nothing: ADDED for all that exists, then changes, in order', () => {
    const world = testWorld();
    const { api, run, kernel } = world;
    run(api.configmaps.create(configMap('b')));
    run(api.configmaps.create(configMap('a')));
    const seen = collect(world, api.configmaps.watch({ namespace: 'default' }));
    run(api.configmaps.update(configMap('a', { n: '1' })));
    run(api.configmaps.delete({ namespace: 'default', name: 'b' }));
    kernel.run();
    expect(seen.lines).toEqual(['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED b']);
  });

  it('from a revision: what came after it', () => {
    const world = testWorld();
    const { api, run, kernel } = world;
    const { metadata } = run(api.configmaps.create(configMap('a')));
    run(api.configmaps.create(configMap('b')));
    const seen = collect(world, api.configmaps.watch({ resourceVersion: metadata.resourceVersion }));
    run(api.configmaps.create(configMap('c')));
    kernel.run();
    expect(seen.lines).toEqual(['ADDED b', 'ADDED c']);
  });

  it('with a selector: coming in is ADDED, staying MODIFIED, leaving DELETED with the content before', () => {
    const world = testWorld();
    const { api, run, kernel } = world;
    const labelled = (tier: string, n: string) => ({
      ...configMap('a', { n }),
      metadata: { name: 'a', namespace: 'default', labels: { tier } },
    });
    const seen = collect(world, api.configmaps.watch({ labelSelector: 'tier=web' }));
    run(api.configmaps.create(labelled('db', '0')));
    run(api.configmaps.update(labelled('web', '1')));
    run(api.configmaps.update(labelled('web', '2')));
    const left = run(api.configmaps.update(labelled('db', '3')));
    run(api.configmaps.delete({ namespace: 'default', name: 'a' }));
    kernel.run();
    expect(seen.lines).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    expect(seen.events[2]?.object).toMatchObject({ data: { n: '2' }, metadata: { resourceVersion: left.metadata.resourceVersion } });
  });

  it('of a node hears of its pods only, from the binding on', () => {
    const world = testWorld();
    const { api, run, kernel } = world;
    const one = collect(world, api.pods.watch({ fieldSelector: 'spec.nodeName=node-1' }));
    const none = collect(world, api.pods.watch({ fieldSelector: 'spec.nodeName=' }));
    for (const name of ['a', 'b']) run(api.pods.create(pod(name)));
    run(api.pods.bind({ namespace: 'default', name: 'a', nodeName: 'node-1' }));
    run(api.pods.bind({ namespace: 'default', name: 'b', nodeName: 'node-2' }));
    run(api.pods.delete({ namespace: 'default', name: 'a' }));
    kernel.run();
    expect(one.lines).toEqual(['ADDED a', 'MODIFIED a']);
    expect(none.lines).toEqual(['ADDED a', 'ADDED b', 'DELETED a', 'DELETED b']);
  });

  it('from a compacted revision is Expired; one within the window goes on', () => {
    const world = testWorld();
    const { api, run, failure, pass, server } = world;
    const { metadata } = run(api.configmaps.create(configMap('a')));
    run(api.configmaps.create(configMap('b')));
    pass(parseDuration('4m'));
    expect(collect(world, api.configmaps.watch({ resourceVersion: metadata.resourceVersion })).ended).toBe('open');
    pass(parseDuration('7m'));
    expect(failure(api.configmaps.watch({ resourceVersion: metadata.resourceVersion }))).toEqual({
      code: 'Expired',
      message: `too old resource version: ${metadata.resourceVersion} (${server.revision})`,
    });
  });

  it('keeps 100 events at least, and all of the last 75 seconds', () => {
    const world = testWorld();
    const { api, run, failure, pass } = world;
    const { metadata } = run(api.configmaps.create(configMap('a')));
    for (let n = 0; n < 150; n++) run(api.configmaps.update(configMap('a', { n: String(n) })));
    const fresh = collect(world, api.configmaps.watch({ resourceVersion: metadata.resourceVersion }));
    pass(parseDuration('80s'));
    expect(fresh.events).toHaveLength(150);
    run(api.configmaps.update(configMap('a', { n: 'last' })));
    expect(failure(api.configmaps.watch({ resourceVersion: metadata.resourceVersion })).code).toBe('Expired');
  });

  it('bookmarks come on the minute in which something was written, to those who asked', () => {
    const world = testWorld();
    const { api, run, kernel, pass, server } = world;
    const asked = collect(world, api.configmaps.watch({ resourceVersion: String(server.revision), allowWatchBookmarks: true }));
    const silent = collect(world, api.configmaps.watch({ resourceVersion: String(server.revision) }));
    run(api.secrets.create({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'default' } }));
    pass(parseDuration('10m'));
    expect(asked.lines).toEqual([`BOOKMARK @${server.revision}`]);
    expect(silent.lines).toEqual([]);
    expect(kernel.run()).toBe('idle');
  });

  it('ends cleanly after its time', () => {
    const world = testWorld();
    const seen = collect(world, world.api.configmaps.watch({ timeoutSeconds: 30 }));
    world.pass(parseDuration('29s'));
    expect(seen.ended).toBe('open');
    world.pass(parseDuration('2s'));
    expect(seen.ended).toBe('clean');
  });

  it('is complete: from any revision, the changes after it, each once, in order; nothing at or below a bookmark comes after it', () => {
    const step = fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      tier: fc.constantFrom('x', 'y'),
      remove: fc.boolean(),
      pause: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), fc.nat(), fc.boolean(), (steps, start, selective) => {
        const world = testWorld();
        const { api, run, pass, server } = world;
        const written: { revision: number; line: string }[] = [];
        const from = server.revision + (start % steps.length);
        server.observe(({ type, object, old, revision }) => {
          const here = !selective || object.metadata.labels?.['tier'] === 'x';
          const before = old !== undefined && (!selective || old.metadata.labels?.['tier'] === 'x');
          const heard =
            type === 'DELETED' ? (before ? 'DELETED' : undefined) : here ? (before ? 'MODIFIED' : 'ADDED') : before ? 'DELETED' : undefined;
          if (heard) written.push({ revision, line: `${heard} ${object.metadata.name}` });
        });
        const openings: ReturnType<typeof collect>[] = [];
        for (const { name, tier, remove, pause } of steps) {
          if (server.revision >= from && openings.length === 0) {
            openings.push(
              collect(
                world,
                api.configmaps.watch({
                  resourceVersion: String(from),
                  allowWatchBookmarks: true,
                  ...(selective ? { labelSelector: 'tier=x' } : {}),
                }),
              ),
            );
          }
          const at = { namespace: 'default', name };
          const exists = server.peek('configmaps', 'default', name) !== undefined;
          if (remove && exists) run(api.configmaps.delete(at));
          else if (exists)
            run(api.configmaps.patch({ ...at, patch: { metadata: { labels: { tier } }, data: { n: String(server.revision) } } }));
          else run(api.configmaps.create({ ...configMap(name), metadata: { ...at, labels: { tier } } }));
          if (pause > 0) pass(pause * 1_000_000);
        }
        pass(parseDuration('61s'));
        const [seen] = openings;
        if (!seen) return;
        const expected = written.filter(({ revision }) => revision > from).map(({ line }) => line);
        expect(seen.lines.filter((line) => !line.startsWith('BOOKMARK'))).toEqual(expected);
        const revisions = seen.events.map(({ object }) => Number(object.metadata.resourceVersion));
        expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
        expect(new Set(revisions).size).toBe(revisions.length);
      }),
      { numRuns: 60 },
    );
  });
});
