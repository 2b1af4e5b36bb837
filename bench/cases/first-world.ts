import type { Measured } from '../measurement.ts';

/** What a test file pays before its first line: this module imports nothing of Slipway at its top. */
export async function importAndFirstWorld(): Promise<Measured> {
  const start = performance.now();
  const { worldFactory } = await import('@slipway/simulator');
  const imported = performance.now();
  worldFactory()({ nodes: [{ name: 'node-1' }] });
  const end = performance.now();
  return { value: end - start, note: `import ${(imported - start).toFixed(0)} ms` };
}
