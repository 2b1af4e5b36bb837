import { spawnSync } from 'node:child_process';
import type { Node } from '@slipway/kube';
import { worldFactory } from '@slipway/simulator';
import { testCloudProvider } from '@slipway/testing/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName from './my-name.ts';

// Each case of the contract, any order of calls, with faults between them and several clients at once.
// A failure prints the shortest story that fails.
testCloudProvider(myName, { numRuns: 20 });

describe('my-name', () => {
  it('nodes: however many machines there are, each Node gets an id of its own and loses its taint', () => {
    const world = worldFactory({ cpi: { use: myName } });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer(), (count, seed) => {
        const names = Array.from({ length: count }, (_, index) => `node-${index + 1}`);
        const { kernel, server } = world({ seed, nodes: names.map((name) => ({ name })) });
        kernel.run({ until: kernel.now + 60_000_000 }); // a minute of virtual time
        const nodes = [...server.objects('nodes')] as Node[];
        expect(new Set(nodes.map(({ spec }) => spec.providerID)).size).toBe(count);
        for (const { spec } of nodes)
          expect((spec.taints ?? []).map(({ key }) => key)).not.toContain('node.cloudprovider.kubernetes.io/uninitialized');
      }),
      { numRuns: 10 },
    );
  });

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});
