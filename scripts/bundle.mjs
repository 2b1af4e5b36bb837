// Bundles the `slipway` command: it starts several times faster than from separate modules.
import { bundle } from './bundling.mjs';

await bundle(['simulator/cli/main.ts', 'simulator/cli/fuzz/worker.ts'], 'simulator/dist/bundle');
