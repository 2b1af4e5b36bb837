// Bundles the benchmarks from the sources, as the command is bundled, and runs them. bench/README.md has the options.
import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

// A folder of its own for each run: two may go on at the same time.
const outdir = `node_modules/.cache/bench/${process.pid}`;
mkdirSync(outdir, { recursive: true });
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
await build({
  entryPoints: ['bench/main.ts', 'bench/run-case.ts', 'bench/profile-thread.ts'],
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  conditions: ['slipway-source'],
  external: ['esbuild'],
  logLevel: 'warning',
  banner: { js: "import { createRequire as slipwayRequire } from 'node:module'; const require = slipwayRequire(import.meta.url);" },
});
await import(pathToFileURL(`${outdir}/main.js`).href);
