import { nodeLabels, type ResourceList } from '@slipway/kube';
import type { Scenario } from '../scenario/scenario.ts';
import type { ScenarioCluster } from '../scenario/cluster.ts';
import { explorationOf } from '../scenario/exploration.ts';
import { NodeNames } from '../scenario/node-names.ts';
import { type NodesDocument, USUAL_NODES } from '../scenario/schema.ts';
import type { NodePlugins } from './chosen.ts';
import { type PluginChoices, worldFactory } from './container.ts';
import type { NodeTemplate, World, WorldOptions } from './world.ts';

/** Plugins of a scenario, loaded: those of the cluster, and those of machines that differ from it. */
export interface ScenarioPlugins {
  readonly cluster: PluginChoices;
  /** By what a sort of machines says of plugins. */
  readonly nodes: ReadonlyMap<NonNullable<NodesDocument['plugins']>, NodePlugins>;
}

/** A world made for a scenario, and what the scenario may do with it. */
export interface ScenarioWorld {
  readonly world: World;
  readonly cluster: ScenarioCluster;
}

const REGION = 'us-east-1';

/** @throws PluginError */
export function scenarioWorld(
  scenario: Pick<Scenario, 'seed' | 'cluster' | 'invariantsOff'> & Partial<Pick<Scenario, 'explore' | 'calm' | 'ownInvariants'>>,
  plugins: ScenarioPlugins,
  options: Pick<WorldOptions, 'trace' | 'elide' | 'explore' | 'footprints' | 'callPlaces' | 'onlookers' | 'leaks'> = {},
): ScenarioWorld {
  const names = new NodeNames();
  const templatesOf = (document: NodesDocument): NodeTemplate[] =>
    templates(document, names, document.plugins && plugins.nodes.get(document.plugins));
  const { explore, calm } = scenario;
  const world = worldFactory(plugins.cluster)({
    // Nothing is left to chance in the calm: whatever comes true there does so in its own time.
    ...(explore ? { explore: { ...(calm ? { until: calm.from } : {}), ...explorationOf(explore) } } : {}),
    ...options,
    seed: scenario.seed,
    nodes: (scenario.cluster.nodes ?? USUAL_NODES).flatMap(templatesOf),
    nodeCIDRMaskSize: scenario.cluster.nodeCIDRMaskSize,
    withoutInvariants: scenario.invariantsOff.map(({ id }) => id),
    withInvariants: scenario.ownInvariants ?? [],
  });
  const { kernel, server, user, api, nodes, traffic, faults, definitions } = world;
  const cluster: ScenarioCluster = {
    kernel,
    server,
    user,
    api,
    nodes,
    traffic,
    faults,
    definitions,
    addNodes: (document) => templatesOf(document).map((template) => world.addNode(template).name),
    removeNode: (name) => world.removeNode(name),
    restart: (what) => world.restart(what),
    calm: () => world.calm(),
    isConverged: () => world.invariants.isConverged(),
    afterCalm() {
      world.invariants.atRest();
      world.invariants.afterCalm();
    },
  };
  return { world, cluster };
}

function templates(document: NodesDocument, names: NodeNames, plugins: NodePlugins | undefined): NodeTemplate[] {
  const { zones, capacity, allocatable, labels, annotations, taints, instanceType } = document;
  return names.of(document).map((name, index): NodeTemplate => {
    const zone = zones?.[index % zones.length];
    return {
      name,
      ...(capacity === undefined ? {} : { capacity: quantities(capacity) }),
      ...(allocatable === undefined ? {} : { allocatable: quantities(allocatable) }),
      ...(zone === undefined && labels === undefined
        ? {}
        : { labels: { ...labels, ...(zone === undefined ? {} : { [nodeLabels.zone]: zoneName(zone) }) } }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(taints === undefined
        ? {}
        : { taints: taints.map(({ key, value, effect }) => ({ key, effect, ...(value === undefined ? {} : { value }) })) }),
      ...(instanceType === undefined ? {} : { instanceType }),
      ...(plugins === undefined ? {} : { plugins }),
    };
  });
}

/** `a` is short for zone a of the region. */
function zoneName(zone: string): string {
  return zone.length === 1 ? `${REGION}${zone}` : zone;
}

function quantities(given: { readonly [resource: string]: string | number }): ResourceList {
  return Object.fromEntries(Object.entries(given).map(([resource, amount]) => [resource, String(amount)]));
}
