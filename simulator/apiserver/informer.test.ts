import { ControllerExpectations, defineController, informer, runController, SharedInformers, watchOwned } from '@slipway/client';
import fc from 'fast-check';
import { linkOf, minutes, parseDuration, seconds } from '@slipway/kernel';
import { isEqual, type KindMap } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { connect } from './index.ts';
import { configMap, pod, testWorld } from './test-world.ts';

describe('informer', () => {
  it('equals the store once all is quiet, whatever was cut, lagged or forgotten on the way', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('write' as const), name: fc.constantFrom('a', 'b', 'c', 'd'), pause: fc.integer({ min: 0, max: 3000 }) }),
      fc.record({
        do: fc.constant('delete' as const),
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        pause: fc.integer({ min: 0, max: 3000 }),
      }),
      fc.record({
        do: fc.constantFrom('cut' as const, 'forget' as const, 'break' as const, 'heal' as const),
        name: fc.constant(''),
        pause: fc.integer({ min: 0, max: 3000 }),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.nat({ max: 500 }), fc.nat(), (steps, lagMs, seed) => {
        const world = testWorld({ kernel: { seed } });
        const { api, run, server, kernel, pass, owner } = world;
        const watcher = connect(server, owner, { watchLag: lagMs * 1000 });
        const cache = informer(watcher.configmaps, { namespace: 'default', indexers: { n: (object) => [object.data?.['n'] ?? ''] } });
        owner.spawn('informer', cache.run());
        const told = new Map<string, unknown>();
        cache.onChange((event, old, object) => {
          const { name } = (object ?? old ?? configMap('')).metadata;
          // ADDED only for what was unknown, the others only for what was known.
          expect(told.has(name)).toBe(event !== 'ADDED');
          if (object) told.set(name, object);
          else told.delete(name);
        });
        const link = linkOf(watcher.link);
        for (const { do: what, name, pause } of steps) {
          const exists = server.peek('configmaps', 'default', name) !== undefined;
          if (what === 'write') {
            const body = configMap(name, { n: String(server.revision % 3) });
            run<unknown>((exists ? api.configmaps.update(body) : api.configmaps.create(body)) as never);
          } else if (what === 'delete' && exists) run(api.configmaps.delete({ namespace: 'default', name }));
          else if (what === 'cut') link?.cutStreams();
          else if (what === 'forget') server.dropWatchCache();
          else if (what === 'break' && link) link.faults = [{ kind: { refuse: {} } }];
          else if (what === 'heal' && link) link.faults = [];
          if (pause > 0) pass(pause * 1000);
        }
        if (link) link.faults = [];
        pass(minutes(2));
        expect(cache.synced.value).toBe(true);
        const stored = run(api.configmaps.list({ namespace: 'default' })).items;
        const cached = [...cache.list()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
        expect(isEqual(cached, stored)).toBe(true);
        expect([...told.keys()].sort()).toEqual(stored.map(({ metadata }) => metadata.name));
        for (const n of ['0', '1', '2']) {
          expect(new Set(cache.byIndex('n', n))).toEqual(new Set(stored.filter(({ data }) => data?.['n'] === n)));
        }
        expect(kernel.now).toBeGreaterThan(0);
      }),
      { numRuns: 60 },
    );
  });

  it('is shared: one list and one watch for all who ask for the same', () => {
    const { api, server, owner, kernel, run } = testWorld();
    const shared = new SharedInformers({ api: connect(server, owner), owner });
    const first = shared.get('pods', { indexers: { node: (each) => [each.spec.nodeName ?? ''] } });
    expect(shared.get('pods', { indexers: { phase: (each) => [each.status?.phase ?? ''] } })).toBe(first);
    run(shared.waitForSync());
    const calls = kernel.calls.get('api') ?? 0;
    run(api.pods.create(pod('a')));
    kernel.run();
    expect(first.byIndex('phase', 'Pending')).toHaveLength(1);
    expect(first.byIndex('node', '')).toHaveLength(1);
    expect(() => first.byIndex('other', '')).toThrow('there is no index "other"; there are: node, phase');
    // The watch was opened and the pod created; nobody listed again.
    expect((kernel.calls.get('api') ?? 0) - calls).toBeLessThanOrEqual(2);
  });
});

describe('controller', () => {
  it('acts under the cause of the write that woke it, retries what fails, and comes to rest', () => {
    const { api, server, kernel, run, pass } = testWorld();
    const records: { seq: number; cause: number; kind: string; name: string; subject: string | undefined; actor: string }[] = [];
    kernel.events.on('trace', (record) => records.push(record));
    let failures = 2;
    const copier = defineController({
      name: 'copier',
      watches: ['configmaps', watchOwned('secrets', 'ConfigMap')],
      *reconcile(key, context) {
        const source = context.informers.get('configmaps').get(key);
        if (!source || context.informers.get('secrets').get(key)) return;
        if (failures-- > 0) throw Object.assign(new Error('not yet'), { code: 'ServiceUnavailable' });
        const { name, namespace = '', uid } = source.metadata;
        yield* context.api.secrets.create({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name, namespace, ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name, uid, controller: true }] },
        });
        context.events.normal(source, 'Copied', `Copied to secret ${name}`);
      },
    });
    const owner = kernel.owner('copier');
    const running = runController(copier, { api: connect(server, owner), owner });
    pass(seconds(1));
    run(api.configmaps.create(configMap('a')));
    pass(seconds(5));
    expect(server.peek('secrets', 'default', 'a')).toBeDefined();
    expect(running.context.queue.idle).toBe(true);
    const [event] = run(api.events.list()).items;
    expect(event).toMatchObject({
      reason: 'Copied',
      type: 'Normal',
      count: 1,
      source: { component: 'copier' },
      involvedObject: { kind: 'ConfigMap', name: 'a' },
    });
    expect(event?.metadata.name).toMatch(/^a\.[0-9a-f]{16}$/);
    // From the copy's write back to the write of the original: the call, the retried reconcile, the watch.
    const bySeq = new Map(records.map((record) => [record.seq, record]));
    let at = records.find(({ kind, name, subject }) => kind === 'write' && name === 'api/create secrets' && subject === 'default/a');
    const chain: string[] = [];
    while (at) {
      chain.push(`${at.kind} ${at.name}`);
      at = bySeq.get(at.cause);
    }
    expect(chain.slice(0, 3)).toEqual(['write api/create secrets', 'call api.Server/Create', 'write api/create configmaps']);
    // Making it again once it is gone is the owner's watch at work.
    run(api.secrets.delete({ namespace: 'default', name: 'a' }));
    pass(seconds(5));
    expect(server.peek('secrets', 'default', 'a')).toBeDefined();
  });

  it('a mistake in its code stops the run instead of being retried', () => {
    const { server, kernel } = testWorld();
    const owner = kernel.owner('broken');
    const broken = defineController({
      name: 'broken',
      watches: ['namespaces'],
      *reconcile() {
        yield* [];
        throw new TypeError('undefined is not a function');
      },
    });
    runController(broken, { api: connect(server, owner), owner });
    expect(() => kernel.run({ until: minutes(1) })).toThrow('undefined is not a function');
  });

  it('drops a key after its retries, until the next change', () => {
    const { server, kernel, api, run, pass } = testWorld();
    const owner = kernel.owner('stubborn');
    let tries = 0;
    const stubborn = defineController({
      name: 'stubborn',
      watches: ['configmaps'],
      maxRetries: 3,
      *reconcile() {
        yield* [];
        tries += 1;
        throw Object.assign(new Error('no'), { code: 'Conflict' });
      },
    });
    runController(stubborn, { api: connect(server, owner), owner });
    run(api.configmaps.create(configMap('a')));
    pass(minutes(1));
    expect(tries).toBe(4);
    run(api.configmaps.update(configMap('a', { n: '1' })));
    pass(minutes(1));
    expect(tries).toBe(8);
  });

  it('events: repeats raise the count of one object', () => {
    const { server, kernel, api, run, pass } = testWorld();
    const owner = kernel.owner('chatty');
    const { context } = runController(defineController({ name: 'chatty', watches: [], *reconcile() {} }), {
      api: connect(server, owner),
      owner,
    });
    const subject: KindMap['configmaps'] = run(api.configmaps.create(configMap('a')));
    for (let n = 0; n < 3; n++) {
      context.events.warning(subject, 'Tired', 'so tired');
      pass(parseDuration('10s'));
    }
    expect(run(api.events.list()).items.map(({ count, lastTimestamp, firstTimestamp }) => [count, firstTimestamp, lastTimestamp])).toEqual([
      [3, '2026-01-01T00:00:00Z', '2026-01-01T00:00:20Z'],
    ]);
    expect(new ControllerExpectations(kernel).satisfied('default/a')).toBe(true);
  });
});
