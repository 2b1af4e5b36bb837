import { spawnSync } from 'node:child_process';
import { worldFactory } from '@slipway/simulator';
import type { ConfigMap, Namespace, Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName, { LABEL, wanted } from './my-name.ts';

const namespace = (name: string, team?: string): Namespace => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...(team === undefined ? {} : { labels: { [LABEL]: team } }) },
});

const stored = (object: Namespace): Stored<Namespace> => ({
  ...object,
  metadata: { ...object.metadata, uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
});

describe('my-name', () => {
  it('wanted: a ConfigMap that names the team and belongs to the namespace, or nothing', () => {
    expect(wanted(stored(namespace('plain')), 'team')).toBeUndefined();
    expect(wanted(stored(namespace('shop', 'red')), 'team')).toMatchObject({
      metadata: { name: 'team', namespace: 'shop', ownerReferences: [{ kind: 'Namespace', name: 'shop', uid: 'u' }] },
      data: { team: 'red' },
    });
  });

  it('cluster: whatever was done to labels and ConfigMaps, in the end every namespace has what its label says', () => {
    const world = worldFactory({ controlPlane: { controllers: { 'my-name': { use: myName } } } });
    const names = ['one', 'two'];
    const move = fc.record({
      name: fc.constantFrom(...names),
      // Undefined takes the label away; `delete` takes the ConfigMap away.
      team: fc.constantFrom('red', 'green', undefined, 'delete'),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 8 }), fc.integer(), (moves, seed) => {
        const { kernel, server, api, user } = world({ seed, nodes: [] });
        const teams = new Map<string, string | undefined>();
        kernel.complete(
          user,
          'moves',
          (function* () {
            for (const name of names) yield* api.namespaces.create(namespace(name));
            for (const { name, team } of moves) {
              if (team === 'delete') {
                if (server.peek('configmaps', name, 'team')) yield* api.configmaps.delete({ namespace: name, name: 'team' });
                continue;
              }
              teams.set(name, team);
              yield* api.namespaces.patch({ name, type: 'merge', patch: { metadata: { labels: { [LABEL]: team ?? null } } } });
            }
          })(),
        );
        kernel.run({ until: kernel.now + 10_000_000 }); // ten seconds of virtual time
        for (const name of names) {
          const there = server.peek('configmaps', name, 'team') as ConfigMap | undefined;
          expect(there?.data?.['team']).toBe(teams.get(name));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});
