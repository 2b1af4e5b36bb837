import fc from 'fast-check';
import { stringify } from 'yaml';
import { arbitraryClusterShape, type ClusterOptions, clusterOf, type ClusterShape, type Load, nodeNamesOf } from './cluster.ts';
import type { ScenarioForm, StepForm } from './forms.ts';
import { arbitraryManifestsShape, type ManifestsOptions, manifestsOf, type ManifestsShape } from './manifests.ts';
import { arbitraryEventShape, type EventShape, type ScheduleOptions, scheduleOf } from './schedule.ts';
import { hasClaim, referenceOf } from './workload.ts';
import { loadOf } from './workload-shape.ts';

export interface ScenarioOptions
  extends ClusterOptions,
    ManifestsOptions,
    Pick<ScheduleOptions, 'interfaces' | 'seconds' | 'maxEvents' | 'faults'> {
  /** How long the cluster has to converge once all is over. Left out: `15m`. False: the run ends when the cluster has settled. */
  readonly calm?: string | false;
  /** Whether a seed is drawn too. Left out: false, the scenario has the default one. */
  readonly seeds?: boolean;
}

/** What is drawn of a scenario. Any combination is one that loads. */
export interface ScenarioShape {
  readonly cluster: ClusterShape;
  readonly manifests: ManifestsShape;
  readonly events: readonly EventShape[];
  readonly seed: number | undefined;
}

/**
 * A whole scenario: a cluster that has room for what is applied to it, and what happens to both. Without faults it converges; with
 * faults, it has to once the calm has come. Shrinks to one node, one Deployment of one replica, and nothing that happens.
 *
 * ```ts
 * fc.assert(fc.property(arbitraryScenario({ maxNodes: 2, faults: false }), (scenario) => converges(scenarioYaml(scenario))));
 * ```
 */
export function arbitraryScenario(options: ScenarioOptions = {}): fc.Arbitrary<ScenarioForm> {
  const { maxEvents = 6, calm = '15m', seeds = false } = options;
  return fc
    .record<ScenarioShape>({
      cluster: arbitraryClusterShape(options),
      manifests: arbitraryManifestsShape(options),
      events: fc.array(arbitraryEventShape(options), { maxLength: maxEvents }),
      seed: seeds ? fc.nat({ max: 2 ** 31 - 1 }) : fc.constant(undefined),
    })
    .map((shape) => scenarioOf(shape, options, calm));
}

function scenarioOf({ cluster, manifests, events, seed }: ScenarioShape, options: ScenarioOptions, calm: string | false): ScenarioForm {
  const { maxReplicas = 3 } = options;
  const { workloads } = manifests;
  const scaled = events.some(({ kind }) => kind === 'scale');
  const load: Load = {
    pods: workloads.map((shape) => loadOf(shape, scaled ? Math.max(shape.replicas, maxReplicas) : shape.replicas)),
    bound: workloads.some(hasClaim),
  };
  const references = workloads.map((shape, index) => referenceOf(shape, index));
  // The one disk of a Deployment cannot be on two nodes.
  const scalable = references.filter((_, index) => {
    const shape = workloads[index];
    return shape !== undefined && (shape.kind === 'StatefulSet' || (shape.kind === 'Deployment' && !hasClaim(shape)));
  });
  const schedule = scheduleOf(events, { ...options, nodes: nodeNamesOf(cluster), workloads: references, scalable });
  const steps: StepForm[] = [{ at: '0s', apply: manifestsOf(manifests) }, ...schedule];
  return {
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'generated' },
    spec: {
      ...(seed === undefined ? {} : { seed }),
      cluster: clusterOf(cluster, load),
      ...(calm === false ? {} : { calm: { from: calmFrom(schedule), within: calm } }),
      steps,
    },
  };
}

/** A minute after the last step: what is then on its way has mostly met what goes wrong. */
function calmFrom(schedule: readonly StepForm[]): string {
  const last = schedule.at(-1)?.at ?? '0s';
  const seconds = last.endsWith('ms') ? Math.ceil(Number(last.slice(0, -2)) / 1000) : Number(last.slice(0, -1));
  return `${seconds + 60}s`;
}

/** The scenario file that the document is: what `slipway run` reads. Lines up to 120 letters, short maps on one line each. */
export function scenarioYaml(document: ScenarioForm): string {
  return stringify(document, { lineWidth: 120, aliasDuplicateObjects: false });
}
