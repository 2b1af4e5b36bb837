// Bundles the `slipway` command: it starts several times faster than from separate modules. Split, so that each command loads its own part.
import { build } from 'esbuild';

await build({
  entryPoints: ['simulator/cli/main.ts'],
  outdir: 'simulator/dist/bundle',
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
