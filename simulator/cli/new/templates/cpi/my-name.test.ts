import { spawnSync } from 'node:child_process';
import type { Node } from '@slipway/kube';
import { runConformance, worldFactory } from '@slipway/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName from './my-name.ts';

// One test for each case of the contract, each in a cluster of its own with two machines.
describe('my-name: CPI conformance', async () => {
  for (const { id, title, outcome, message } of await runConformance('cpi', { cpi: { use: myName } }))
    it.skipIf(outcome === 'skipped')(`${title} (${id})`, () => expect(outcome, message).toBe('passed'));
});

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
