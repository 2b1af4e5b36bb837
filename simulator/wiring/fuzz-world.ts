import type { MakeWorld } from '../fuzz/index.ts';
import { Coverage, Situations } from '../situations/index.ts';
import { type ScenarioPlugins, scenarioWorld } from './scenario-world.ts';

/** Makes worlds for cases of one story, with these plugins. */
export function fuzzWorlds(plugins: ScenarioPlugins): MakeWorld {
  return (scenario) => {
    const situations = new Situations();
    const coverage = new Coverage();
    const { world, cluster } = scenarioWorld(scenario, plugins, { onlookers: [situations, coverage] });
    return {
      cluster,
      invariants: world.invariants,
      breaches: world.breaches,
      crashes: world.crashes,
      get fingerprint() {
        return world.fingerprint;
      },
      get situations() {
        return situations.counts;
      },
      get outcomes() {
        return new Map(
          [...coverage.counts].flatMap(([name, codes]) => [...codes].map(([code, count]) => [`${name} ${code}`, count] as const)),
        );
      },
    };
  };
}
