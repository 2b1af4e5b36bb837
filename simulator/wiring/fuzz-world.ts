import { type MakeWorld, worldDomains } from '../fuzz/index.ts';
import { NodeNames } from '../scenario/node-names.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { USUAL_NODES } from '../scenario/schema.ts';
import { Coverage, Situations } from '../situations/index.ts';
import type { LeakSource } from './leaks.ts';
import { type ScenarioPlugins, scenarioWorld } from './scenario-world.ts';

/** Makes worlds for cases of one story, with these plugins. @param leaks tells what they take from the real world */
export function fuzzWorlds(plugins: ScenarioPlugins, { leaks }: { readonly leaks?: LeakSource } = {}): MakeWorld {
  return (scenario, { footprints = false, onLine } = {}) => {
    const situations = new Situations();
    const coverage = new Coverage();
    const { world, cluster } = scenarioWorld(scenario, plugins, {
      onlookers: [situations, coverage],
      ...(leaks ? { leaks } : {}),
      ...(onLine ? { trace: { onLine } } : {}),
      ...(footprints ? { footprints: { domainOf: worldDomains(machinesOf(scenario)) } } : {}),
    });
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

/** Names of all machines that a story has from its start or gets. */
function machinesOf({ cluster, steps }: Scenario): ReadonlySet<string> {
  const names = new NodeNames();
  return new Set(
    [...(cluster.nodes ?? USUAL_NODES), ...steps.flatMap(({ document }) => document.addNodes ?? [])].flatMap((sort) => names.of(sort)),
  );
}
