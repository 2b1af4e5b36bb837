import { spawnSync } from 'node:child_process';
import type { Pod } from '@slipway/kube';
import { worldFactory } from '@slipway/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName, { stranger, TENANT } from './my-name.ts';

const pod = (name: string, tenant?: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', ...(tenant === undefined ? {} : { labels: { [TENANT]: tenant } }) },
  spec: { containers: [{ name: 'web', image: 'nginx' }] },
});

describe('my-name', () => {
  it('stranger: another tenant, and never a pod that is nobody’s', () => {
    expect(stranger(pod('a', 'red'), [pod('b', 'red'), pod('c')])).toBeUndefined();
    expect(stranger(pod('a', 'red'), [pod('b', 'red'), pod('c', 'green')])).toBe('green');
    expect(stranger(pod('a'), [pod('b', 'green')])).toBeUndefined();
  });

  it('cluster: whatever pods come in whatever order, no node has two tenants', () => {
    const world = worldFactory({ controlPlane: { scheduler: { use: myName } } });
    const tenant = fc.constantFrom('red', 'green', 'blue', undefined);
    fc.assert(
      fc.property(fc.array(tenant, { minLength: 1, maxLength: 10 }), fc.integer(), (tenants, seed) => {
        const { kernel, server, api, user } = world({ seed, nodes: [{ name: 'node-1' }, { name: 'node-2' }] });
        kernel.run({ until: kernel.now + 5_000_000 }); // nodes join, and the namespace gets its service account
        kernel.complete(
          user,
          'pods',
          (function* () {
            for (const [index, each] of tenants.entries()) yield* api.pods.create(pod(`pod-${index}`, each));
          })(),
        );
        kernel.run({ until: kernel.now + 30_000_000 }); // half a minute of virtual time
        const byNode = new Map<string, Set<string>>();
        for (const { metadata, spec } of [...server.objects('pods')] as Pod[]) {
          const owner = metadata.labels?.[TENANT];
          if (spec.nodeName === undefined || owner === undefined) continue;
          byNode.set(spec.nodeName, (byNode.get(spec.nodeName) ?? new Set()).add(owner));
        }
        for (const owners of byNode.values()) expect([...owners]).toHaveLength(1);
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
