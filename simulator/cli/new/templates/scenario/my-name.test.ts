import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** `npm test` and `npx vitest` put the command in PATH. */
function run(...more: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml', ...more], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return { status, output: `${stdout}\n${stderr}` };
}

describe('my-name', () => {
  it('scenario: what it expects holds', () => {
    const { status, output } = run();
    expect(status, output).toBe(0);
  });

  it('scenario: it holds whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const { status, output } = run('--seed', String(seed));
        expect(status, output).toBe(0);
      }),
      { numRuns: 3 },
    );
  });
});
