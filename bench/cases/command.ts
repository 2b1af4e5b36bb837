import { spawnSync } from 'node:child_process';
import { type Measured, median } from '../measurement.ts';

const ROUNDS = 9;

/** `slipway --version`, process start to process end. */
export function version(): Measured {
  return startOf(['--version']);
}

/** `slipway plugins`, which loads every built-in implementation. */
export function plugins(): Measured {
  return startOf(['plugins']);
}

function startOf(args: readonly string[]): Measured {
  const each = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, ['simulator/bin/slipway.js', ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`slipway ${args.join(' ')} ended with ${status}: ${stderr.slice(0, 300)}; npm run build makes it`);
    return performance.now() - start;
  });
  return { value: median(each), note: `median of ${ROUNDS}, always real time` };
}
