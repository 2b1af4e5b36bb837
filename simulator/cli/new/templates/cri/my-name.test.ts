import { spawnSync } from 'node:child_process';
import { runConformance } from '@slipway/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName, { registryOf } from './my-name.ts';

// One test for each case of the specification, each in a cluster of its own: a machine, a network plugin, runc.
describe('my-name: CRI conformance', async () => {
  for (const { id, title, outcome, message } of await runConformance('cri', { cri: { use: myName } }))
    it.skipIf(outcome === 'skipped')(`${title} (${id})`, () => expect(outcome, message).toBe('passed'));
});

describe('my-name', () => {
  it('registry of an image: what stands before the path, whatever the tag', () => {
    const host = fc.constantFrom('registry.k8s.io', 'quay.io', 'localhost:5000', 'registry.example.com');
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(host, word, word, (registry, path, tag) => {
        expect(registryOf(`${registry}/${path}:${tag}`)).toBe(registry);
      }),
    );
  });

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});
