import { defineConfig } from 'vitest/config';

/** Tests read the packages' sources through the `slipway-source` condition, so they need no build. */
export default defineConfig({
  resolve: { conditions: ['slipway-source'] },
  ssr: { resolve: { conditions: ['slipway-source'], externalConditions: ['slipway-source'] } },
  test: {
    include: ['packages/**/*.test.ts', 'simulator/**/*.test.ts', 'test/**/*.test.ts'],
    // Templates of `slipway new` are run where they are used: test/new.test.ts makes projects of them.
    exclude: ['**/node_modules/**', '**/dist/**', 'simulator/cli/new/templates/**'],
    reporters: ['default', './test/closing-line-reporter.ts'],
    // No module keeps state, so files may share their imports: that halves the time.
    isolate: false,
    // Colours come on by themselves where CI is set; what commands print is compared without them.
    env: { NO_COLOR: '1' },
    testTimeout: 30_000,
  },
});
