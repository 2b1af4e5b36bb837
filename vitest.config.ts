import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest; a clean clone has no memory of that, and whatever comes last is waited for alone. */
const LONG = ['test/docs.test.ts', 'test/scenario-fingerprints.test.ts', 'test/new.test.ts', 'test/cli/', 'test/scenarios.test.ts'];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONG.findIndex((part) => moduleId.includes(`/${part}`));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

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
    // Vitest leaves one processor to itself, which is half of two.
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    // Colours come on by themselves where CI is set; what commands print is compared without them.
    env: { NO_COLOR: '1' },
    testTimeout: 30_000,
  },
});
