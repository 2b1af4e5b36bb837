// How sources become something that Node runs at once: for the command and for the benchmarks alike.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

/** Bundles the entry points into a folder, split, so that each part is loaded when it is needed. */
export function bundle(entryPoints, outdir) {
  // Chunks are named after their content: those of an earlier build would stay.
  rmSync(outdir, { recursive: true, force: true });
  return build({
    entryPoints,
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
    // CommonJS dependencies ask for `require`.
    banner: { js: "import { createRequire as slipwayRequire } from 'node:module'; const require = slipwayRequire(import.meta.url);" },
  });
}
