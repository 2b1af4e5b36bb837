import { spawnSync } from 'node:child_process';
import { runConformance } from '@slipway/simulator';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName, { forbiddenMount } from './my-name.ts';

// One test for each case of the specification, each on a machine of its own.
describe('my-name: OCI conformance', async () => {
  for (const { id, title, outcome, message } of await runConformance('oci', { oci: { use: myName } }))
    it.skipIf(outcome === 'skipped')(`${title} (${id})`, () => expect(outcome, message).toBe('passed'));
});

describe('my-name', () => {
  it('mounts: a forbidden path is found at any depth, and its neighbours are not', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const mounts = (source: string) => ({ mounts: [{ destination: '/x', type: 'bind', source }] });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 3 }), (deeper) => {
        const source = ['/etc/kubernetes', ...deeper].join('/');
        expect(forbiddenMount(mounts(source), ['/etc/kubernetes'])).toBe(source);
        expect(forbiddenMount(mounts(`${source}-of-mine`), [source])).toBeUndefined();
      }),
    );
  });

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});
