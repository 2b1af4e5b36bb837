import fc from 'fast-check';
import { isEqual } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { configMap, testWorld } from './test-world.ts';

type Action =
  | { readonly do: 'create' | 'update' | 'stale' | 'patch' | 'delete'; readonly name: string; readonly value: string }
  | { readonly do: 'hold' | 'release'; readonly name: string; readonly value: string };

const action: fc.Arbitrary<Action> = fc.record({
  do: fc.constantFrom('create', 'update', 'stale', 'patch', 'delete', 'hold', 'release'),
  name: fc.constantFrom('a', 'b', 'c'),
  value: fc.constantFrom('0', '1', '2'),
});

interface Entry {
  value: string;
  held: boolean;
  deleting: boolean;
  revision: number;
}

/** What a create-read-update-delete store with finalizers should do, in the plainest words. */
class Model {
  readonly objects = new Map<string, Entry>();
  revision: number;

  constructor(revision: number) {
    this.revision = revision;
  }

  apply({ do: what, name, value }: Action): 'ok' | string {
    const entry = this.objects.get(name);
    if (what === 'create') {
      if (entry) return 'AlreadyExists';
      this.objects.set(name, { value, held: false, deleting: false, revision: ++this.revision });
      return 'ok';
    }
    if (!entry) return 'NotFound';
    if (what === 'stale') return 'Conflict';
    if (what === 'delete') {
      if (entry.deleting) return 'ok';
      this.revision += 1;
      if (entry.held) Object.assign(entry, { deleting: true, revision: this.revision });
      else this.objects.delete(name);
      return 'ok';
    }
    if (what === 'hold' && entry.deleting && !entry.held) return 'Invalid';
    const next = {
      value: what === 'update' || what === 'patch' ? value : entry.value,
      held: what === 'hold' || (entry.held && what !== 'release'),
    };
    if (next.value === entry.value && next.held === entry.held) return 'ok';
    this.revision += 1;
    if (entry.deleting && !next.held) this.objects.delete(name);
    else Object.assign(entry, next, { revision: this.revision });
    return 'ok';
  }
}

describe('store', () => {
  it('does what a simple model does: revisions grow by one with each write, stale writes fail, finalizers hold', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const world = testWorld();
        const { api, run, server } = world;
        const model = new Model(server.revision);
        const revisions: number[] = [];
        server.observe(({ revision }) => revisions.push(revision));
        for (const each of actions) {
          const { name, value } = each;
          const at = { namespace: 'default', name };
          const now = server.peek('configmaps', 'default', name);
          const calls = {
            create: () => api.configmaps.create(configMap(name, { value })),
            update: () =>
              api.configmaps.update({
                ...(now ?? configMap(name)),
                ...configMap(name),
                metadata: now?.metadata ?? configMap(name).metadata,
                data: { value },
              }),
            stale: () => api.configmaps.update({ ...configMap(name, { value }), metadata: { ...at, resourceVersion: '1' } }),
            patch: () => api.configmaps.patch({ ...at, patch: { data: { value } } }),
            delete: () => api.configmaps.delete(at),
            hold: () => api.configmaps.patch({ ...at, patch: { metadata: { finalizers: ['example.com/hold'] } } }),
            release: () => api.configmaps.patch({ ...at, patch: { metadata: { finalizers: null } } }),
          };
          let outcome = 'ok';
          try {
            run<unknown>(calls[each.do]() as never);
          } catch (error) {
            outcome = (error as { code: string }).code;
          }
          expect(outcome).toBe(model.apply(each));
          expect(server.revision).toBe(model.revision);
        }
        const stored = run(api.configmaps.list({ namespace: 'default' })).items.map(({ metadata, data }) => [
          metadata.name,
          {
            value: data?.['value'],
            held: metadata.finalizers !== undefined,
            deleting: metadata.deletionTimestamp !== undefined,
            revision: Number(metadata.resourceVersion),
          },
        ]);
        expect(
          isEqual(
            stored,
            [...model.objects].sort(([a], [b]) => (a < b ? -1 : 1)),
          ),
        ).toBe(true);
        expect(revisions).toEqual(revisions.map((_, index) => model.revision - revisions.length + 1 + index));
      }),
      { numRuns: 150 },
    );
  });
});
