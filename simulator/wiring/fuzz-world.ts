import { type MakeWorld, worldDomains } from '../fuzz/index.ts';
import { NodeNames } from '../scenario/node-names.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { USUAL_NODES } from '../scenario/schema.ts';
import { Coverage, Situations } from '../situations/index.ts';
import { builtIn, INTERFACES } from './catalog.ts';
import type { PluginChoice, PluginChoices } from './container.ts';
import type { LeakSource } from './leaks.ts';
import { kindsOf } from './plugin-kinds.ts';
import { type ScenarioPlugins, scenarioWorld } from './scenario-world.ts';

/** Makes worlds for cases of one story, with these plugins; a case may name built-in ones beside them. @param leaks tells what they take from the real world */
export function fuzzWorlds(plugins: ScenarioPlugins, { leaks }: { readonly leaks?: LeakSource } = {}): MakeWorld {
  return (scenario, { footprints = false, places = false, onLine } = {}) => {
    const situations = new Situations();
    const coverage = new Coverage();
    const { world, cluster } = scenarioWorld(scenario, withDrawn(plugins, scenario.cluster.plugins), {
      onlookers: [situations, coverage],
      ...(places ? {} : { callPlaces: 0 }),
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

type PluginsDocument = NonNullable<Scenario['cluster']['plugins']>;

/** What a case names and the story does not. */
function withDrawn(plugins: ScenarioPlugins, named: PluginsDocument = {}): ScenarioPlugins {
  const drawn: { [kind: string]: PluginChoice | readonly PluginChoice[] } = {};
  for (const kind of INTERFACES) {
    const given = named[kind];
    if (given === undefined || plugins.cluster[kind] !== undefined) continue;
    const choices = [given].flat().map((one): PluginChoice => {
      const { use, with: options } = typeof one === 'string' ? { use: one, with: undefined } : one;
      if (use !== undefined) builtIn(kind, use);
      return { ...(use === undefined ? {} : { use }), ...(options === undefined ? {} : { with: options }) };
    });
    drawn[kind] = kind === 'csi' ? choices : (choices[0] ?? {});
  }
  return Object.keys(drawn).length === 0 ? plugins : { ...plugins, cluster: { ...plugins.cluster, ...(drawn as PluginChoices) } };
}

/** Kinds that a cluster of a story's plugins knows, with any that are drawn beside them. */
export function drawnKinds({ cluster }: ScenarioPlugins): ReturnType<typeof kindsOf> {
  return kindsOf(cluster.smi === undefined ? { ...cluster, smi: { use: 'linkerd' } } : cluster);
}

/** Names of all machines that a story has from its start or gets. */
function machinesOf({ cluster, steps }: Scenario): ReadonlySet<string> {
  const names = new NodeNames();
  return new Set(
    [...(cluster.nodes ?? USUAL_NODES), ...steps.flatMap(({ document }) => document.addNodes ?? [])].flatMap((sort) => names.of(sort)),
  );
}
