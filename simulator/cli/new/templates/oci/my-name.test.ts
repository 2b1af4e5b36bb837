import { spawnSync } from 'node:child_process';
import { testOciRuntime } from '@slipway/testing/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName, { forbiddenMount } from './my-name.ts';

// Each case of the specification, any order of calls, with faults between them.
// A failure prints the shortest story that fails.
testOciRuntime(myName, { numRuns: 30 });

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
