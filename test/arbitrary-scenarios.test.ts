import {
  arbitraryCluster,
  arbitraryFault,
  arbitraryManifests,
  arbitraryPluginSet,
  arbitraryScenario,
  arbitrarySchedule,
  arbitraryWorkload,
  type ClusterForm,
  type FaultForm,
  type ScenarioForm,
  type ScenarioOptions,
  scenarioYaml,
  type StepForm,
} from '@slipway/testing';
import type { Pod, Stored } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { parse } from 'yaml';
import { loadScenarios } from '../simulator/cli/input/scenario-input.ts';
import { runScenario } from '../simulator/scenario/run-scenario.ts';
import {
  type ClusterDocument,
  clusterSchema,
  type FaultDocument,
  type ScenarioDocument,
  type StepDocument,
} from '../simulator/scenario/schema.ts';
import { scenarioWorld } from '../simulator/wiring/scenario-world.ts';

const load = async (document: ScenarioForm) => {
  const [loaded] = await loadScenarios({ file: 'generated.yaml', text: scenarioYaml(document) }, []);
  if (!loaded) throw new Error('no scenario');
  return loaded;
};
const scenarioWith = (spec: ScenarioForm['spec']): ScenarioForm => ({
  apiVersion: 'slipway.dev/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'generated' },
  spec,
});
const all: ScenarioOptions = { plugins: true, seeds: true };
/** What shrinking ends at when everything fails. */
const simplest = <T>(arbitrary: fc.Arbitrary<T>): T => {
  let last: { readonly value: T } | undefined;
  const failing = fc.property(arbitrary, (value) => {
    last = { value };
    return false;
  });
  // Each smaller value is tried and fails, so the last one is the smallest.
  void fc.check(failing, { seed: 7, numRuns: 1 });
  if (!last) throw new Error('nothing was drawn');
  return last.value;
};

describe('generated scenarios', () => {
  it('are of the form that the simulator reads', () => {
    expectTypeOf<ScenarioForm>().toExtend<ScenarioDocument>();
    expectTypeOf<ClusterForm>().toExtend<ClusterDocument>();
    expectTypeOf<FaultForm>().toExtend<FaultDocument>();
    expectTypeOf<StepForm>().toExtend<StepDocument>();
    fc.assert(
      fc.property(arbitraryPluginSet(), arbitraryCluster(), (plugins, cluster) => {
        expect(clusterSchema.safeParse({ ...cluster, plugins }).error).toBeUndefined();
      }),
    );
  });

  it('load without a problem', () =>
    fc.assert(
      fc.asyncProperty(arbitraryScenario(all), async (document) => {
        const { scenario } = await load(document);
        expect(scenario.warnings).toEqual([]);
        expect(scenario.steps.length).toBe(document.spec.steps?.length);
      }),
      { numRuns: 60 },
    ));

  it('are printed as the YAML that they are', () =>
    fc.assert(
      fc.property(arbitraryScenario(all), (document) => {
        expect(parse(scenarioYaml(document))).toEqual(document);
      }),
      { numRuns: 60 },
    ));

  it('parts of them load on their own: workloads, manifests, schedules, faults', () =>
    fc.assert(
      fc.asyncProperty(
        arbitraryWorkload(),
        arbitraryManifests(),
        arbitrarySchedule(),
        fc.array(arbitraryFault({ nodes: ['node-1'] }), { maxLength: 3 }),
        async (workload, manifests, schedule, faults) => {
          await load(scenarioWith({ steps: [{ apply: workload }, ...faults.map((fault) => ({ fault }))] }));
          await load(scenarioWith({ steps: [{ at: '0s', apply: manifests }, ...schedule] }));
        },
      ),
      { numRuns: 30 },
    ));

  it('shrink to one node, one Deployment of one replica, and nothing that happens', () => {
    const { cluster, steps } = simplest(arbitraryScenario(all)).spec;
    expect(cluster).toEqual({ nodes: [{ count: 1, capacity: { cpu: '4', memory: '16Gi', pods: 110 } }] });
    expect(steps).toMatchObject([{ at: '0s', apply: [{ kind: 'Deployment', metadata: { name: 'deployment-1' }, spec: { replicas: 1 } }] }]);
  });

  it('reach the corners: limits of names, no replicas, room for just what is there, no grace, things at the same moment', () => {
    const texts = fc.sample(arbitraryScenario(all), { seed: 1, numRuns: 1000 }).map((document) => JSON.stringify(document));
    const reached = (corner: RegExp): number => texts.filter((text) => corner.test(text)).length;
    for (const corner of [
      /"name":"[a-z0-9-]{63}"/,
      /"name":"[a-z0-9-]{253}"/,
      /"replicas":0[,}]/,
      /"cpu":"\d+m","memory":"\d+Mi","pods"/,
      /"terminationGracePeriodSeconds":0/,
      /"count":3.*"zones":\["a"\]/,
      /"at":"(\d+s)",.*"at":"\1",/,
    ])
      expect(reached(corner), String(corner)).toBeGreaterThan(20);
  });

  it('converge where nothing goes wrong', () =>
    fc.assert(
      fc.asyncProperty(arbitraryScenario({ maxEvents: 3, faults: false, plugins: true, calm: '10m' }), async (document) => {
        const { scenario, plugins } = await load(document);
        const { world, cluster } = scenarioWorld(scenario, plugins);
        const outcome = await runScenario(scenario, cluster);
        world.invariants.atRest();
        expect(outcome.failures).toEqual([]);
        const unfinished = ([...world.server.objects('pods')] as unknown as readonly Stored<Pod>[]).filter(
          ({ status }) =>
            status?.phase !== 'Succeeded' && !status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
        );
        expect(unfinished.map(({ metadata, status }) => [metadata.name, status])).toEqual([]);
        expect(world.invariants.violations.map(({ id, message }) => `${id}: ${message}`)).toEqual([]);
      }),
      { numRuns: Number(process.env['RUNS'] ?? 4), ...(process.env['SEED'] ? { seed: Number(process.env['SEED']) } : {}) },
    ));
});
