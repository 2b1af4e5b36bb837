import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Measured, median, repeated } from '../measurement.ts';
import { boot, runPods, worldOf } from '../worlds.ts';

/** The smallest whole story with all invariants on: a machine comes up, a pod runs and is gone. */
export function lifecycles(): Measured {
  const each = repeated(5, () => {
    const world = worldOf(1);
    boot(world);
    const count = runPods(world, 1);
    world.user.spawn('delete', world.api.pods.delete({ namespace: 'default', name: 'pod-0' }));
    count.untilGone();
    world.invariants.atRest();
    if (world.invariants.violations.length > 0) throw new Error(world.invariants.violations[0]?.message);
  });
  return { value: 1 / median(each), note: `${each.length} worlds` };
}

interface Report {
  readonly runs: number;
  readonly seedsPerSecond: number;
  readonly virtualSeconds: number;
  readonly failures: readonly { readonly invariant: string; readonly seed: number }[];
}

/** The command on stories of up to three nodes, with its threads. */
export function seeds(): Measured {
  const { runs, seedsPerSecond, virtualSeconds, failures } = search(['--time', '20s', '--jobs', '2', '--all', '--no-shrink']);
  const broken =
    failures.length === 0 ? '' : `; broken: ${failures.map(({ invariant, seed }) => `${invariant} (seed ${seed})`).join(', ')}`;
  const faster = Math.round((virtualSeconds / runs) * seedsPerSecond);
  return { value: seedsPerSecond, note: `${runs} seeds, ${faster.toLocaleString('en')} times as fast as real time${broken}` };
}

function search(options: readonly string[]): Report {
  const out = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['simulator/bin/slipway.js', 'fuzz', ...options, '--json', '--out', out],
      {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    if (status !== 0 && status !== 1) throw new Error(`slipway fuzz ended with ${status}: ${stderr.slice(0, 300)}; npm run build makes it`);
    return JSON.parse(stdout) as Report;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
