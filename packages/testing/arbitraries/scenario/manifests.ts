import fc from 'fast-check';
import type { ManifestForm } from './forms.ts';
import { seldom } from './sizes.ts';
import { workloadOf } from './workload.ts';
import { arbitraryWorkloadShape, type ScenarioWorkloadOptions, type WorkloadShape } from './workload-shape.ts';

export interface ManifestsOptions extends ScenarioWorkloadOptions {
  /** Left out: 3. */
  readonly maxWorkloads?: number;
}

/** What is drawn of all that is applied. */
export interface ManifestsShape {
  readonly workloads: readonly WorkloadShape[];
  readonly quota: boolean;
}

export function arbitraryManifestsShape({ maxWorkloads = 3, ...options }: ManifestsOptions = {}): fc.Arbitrary<ManifestsShape> {
  return fc.record({
    workloads: fc.array(arbitraryWorkloadShape(options), { minLength: 1, maxLength: maxWorkloads }),
    quota: seldom(6),
  });
}

/**
 * Objects that go together, in the order in which they are applied: workloads, Services that select them, claims of the default class,
 * configuration that pods name, disruption budgets that let one pod go, and quotas with room for all.
 */
export function arbitraryManifests(options: ManifestsOptions = {}): fc.Arbitrary<ManifestForm[]> {
  return arbitraryManifestsShape(options).map(manifestsOf);
}

export function manifestsOf({ workloads, quota }: ManifestsShape): ManifestForm[] {
  const objects = workloads.flatMap((shape, index) => workloadOf(shape, index));
  if (!quota) return objects;
  // Only counts: a quota on CPU or memory would refuse every pod that asks for none.
  const spec = { hard: { 'count/services': 20, persistentvolumeclaims: 40, pods: 200 } };
  return [{ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'enough' }, spec }, ...objects];
}
