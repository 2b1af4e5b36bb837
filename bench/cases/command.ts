import { spawnSync } from 'node:child_process';
import { type Measured, median, timed } from '../measurement.ts';

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
  const each = Array.from({ length: ROUNDS }, () =>
    timed(() => {
      const { status, stderr } = spawnSync(process.execPath, ['bin/slipway.js', ...args], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`slipway ${args.join(' ')} ended with ${status}: ${stderr.slice(0, 300)}; npm run build makes it`);
    }),
  );
  return { value: median(each.map(({ seconds }) => seconds)) * 1e3, note: `median of ${ROUNDS}` };
}
