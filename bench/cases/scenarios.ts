import { readdirSync, readFileSync } from 'node:fs';
import { loadScenarios } from '../../simulator/cli/input/scenario-input.ts';
import { runScenario } from '../../simulator/scenario/run-scenario.ts';
import { scenarioWorld } from '../../simulator/wiring/scenario-world.ts';
import { clock } from '../clock.ts';
import type { Measured } from '../measurement.ts';

const FOLDER = 'scenarios';

/** The shipped scenarios one after the other: how much faster than real time their clusters live. */
export async function shippedScenarios(): Promise<Measured> {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));
  let virtual = 0;
  let passed = 0;
  const start = clock();
  for (const name of files) {
    const file = `${FOLDER}/${name}`;
    for (const { scenario, plugins } of await loadScenarios({ file, text: readFileSync(file, 'utf8') }, [])) {
      const { world, cluster } = scenarioWorld(scenario, plugins);
      const { held } = await runScenario(scenario, cluster);
      virtual += world.kernel.now / 1_000_000;
      passed += held && world.invariants.violations.length === 0 ? 1 : 0;
    }
  }
  return { value: virtual / (clock() - start), note: `${passed} of ${files.length} passed, loading included` };
}
