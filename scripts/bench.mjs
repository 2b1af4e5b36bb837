// Bundles the benchmarks from the sources, as the command is bundled, and runs them. bench/README.md has the options.
import { mkdirSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { bundle } from './bundling.mjs';

// A folder of its own for each run: two may go on at the same time.
const outdir = `node_modules/.cache/bench/${process.pid}`;
mkdirSync(outdir, { recursive: true });
process.on('exit', () => rmSync(outdir, { recursive: true, force: true }));
await bundle(['bench/main.ts', 'bench/run-case.ts', 'bench/profile-thread.ts'], outdir);
await import(pathToFileURL(`${outdir}/main.js`).href);
