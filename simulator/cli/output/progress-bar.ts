import { formatDuration, seconds } from '@slipway/kernel';
import type { Progress } from '../../manifests/settle.ts';

const WIDTH = 30;
/** A run that is over sooner needs no bar. */
const PATIENCE_MS = 400;
const REDRAW_MS = 100;

/** Shows how far a long run has come, on a terminal and nowhere else. */
export class ProgressBar {
  readonly #on: boolean;
  readonly #start = performance.now();
  #drawn = 0;

  constructor(stream: { readonly isTTY?: boolean } = process.stderr) {
    this.#on = stream.isTTY === true;
  }

  update({ ready, total, now }: Progress): void {
    const time = performance.now();
    if (!this.#on || time - this.#start < PATIENCE_MS || time - this.#drawn < REDRAW_MS) return;
    this.#drawn = time;
    const filled = total === 0 ? 0 : Math.round((WIDTH * ready) / total);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`;
    process.stderr.write(`\r\x1b[K${bar} ${ready}/${total} pods ready, ${formatDuration(now - (now % seconds(1)))} of virtual time`);
  }

  clear(): void {
    if (this.#drawn > 0) process.stderr.write('\r\x1b[K');
  }
}
