import { clock } from '../clock.ts';
import type { Measured } from '../measurement.ts';

/** What a test file pays before its first line: this module imports nothing of Slipway at its top. */
export async function importAndFirstWorld(): Promise<Measured> {
  const start = clock();
  const { worldFactory } = await import('@slipway/simulator');
  const imported = clock();
  worldFactory()({ nodes: [{ name: 'node-1' }] });
  const end = clock();
  return { value: (end - start) * 1e3, note: `import ${((imported - start) * 1e3).toFixed(0)} ms` };
}
