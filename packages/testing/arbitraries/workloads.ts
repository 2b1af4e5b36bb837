import fc from 'fast-check';
import type { Deployment, DeploymentStrategy, IntOrString, LabelSelector, PodTemplateSpec, ReplicaSet } from '@slipway/kube';
import { arbitraryLabels, arbitraryWorkloadName } from './names.ts';
import { objectOf } from './object-of.ts';
import { arbitraryMeta, arbitraryPodTemplate, type PodOptions } from './pods.ts';
import { arbitrarySelectorOf } from './selectors.ts';

export interface WorkloadOptions extends Omit<PodOptions, 'restartPolicy'> {
  /** Left out: 5. */
  readonly maxReplicas?: number;
}

/** A selector, and a template whose labels it matches. */
function arbitrarySelected(options: PodOptions): fc.Arbitrary<{ readonly selector: LabelSelector; readonly template: PodTemplateSpec }> {
  // Only the selector is chained: a template is costly to make anew for each draw.
  const labelled = arbitraryLabels(1).chain((labels) => fc.record({ labels: fc.constant(labels), selector: arbitrarySelectorOf(labels) }));
  return fc.tuple(labelled, arbitraryPodTemplate({}, options)).map(([{ labels, selector }, { metadata, spec }]) => ({
    selector,
    template: { metadata: { ...metadata, labels }, spec },
  }));
}

/** How old pods give way; the two bounds of a rolling update are never both zero, since it could not move. */
export function arbitraryStrategy(): fc.Arbitrary<DeploymentStrategy> {
  const bound: fc.Arbitrary<IntOrString> = fc.oneof(
    fc.integer({ min: 0, max: 3 }),
    fc.integer({ min: 0, max: 100 }).map((percent) => `${percent}%`),
  );
  const rolling = objectOf({}, { maxUnavailable: bound, maxSurge: bound }).filter(({ maxUnavailable = '25%', maxSurge = '25%' }) =>
    [maxUnavailable, maxSurge].some((value) => value !== 0 && value !== '0%'),
  );
  return fc.oneof(
    objectOf({ type: fc.constant('Recreate' as const) }, {}),
    objectOf({}, { type: fc.constant('RollingUpdate' as const), rollingUpdate: rolling }),
  );
}

/** A Deployment that the API server accepts. */
export function arbitraryDeployment({ maxReplicas = 5, ...options }: WorkloadOptions = {}): fc.Arbitrary<Deployment> {
  const rest = objectOf(
    {},
    {
      replicas: fc.integer({ min: 0, max: maxReplicas }),
      strategy: arbitraryStrategy(),
      minReadySeconds: fc.integer({ min: 0, max: 30 }),
      revisionHistoryLimit: fc.integer({ min: 0, max: 10 }),
      progressDeadlineSeconds: fc.integer({ min: 31, max: 600 }),
      paused: fc.boolean(),
    },
  );
  const metadata = arbitraryMeta(arbitraryWorkloadName(), options.namespace ?? 'default');
  return fc
    .tuple(metadata, arbitrarySelected(options), rest)
    .map(([meta, selected, more]) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta, spec: { ...selected, ...more } }));
}

/** A ReplicaSet that the API server accepts. */
export function arbitraryReplicaSet({ maxReplicas = 5, ...options }: WorkloadOptions = {}): fc.Arbitrary<ReplicaSet> {
  const rest = objectOf({}, { replicas: fc.integer({ min: 0, max: maxReplicas }), minReadySeconds: fc.integer({ min: 0, max: 30 }) });
  const metadata = arbitraryMeta(arbitraryWorkloadName(), options.namespace ?? 'default');
  return fc
    .tuple(metadata, arbitrarySelected(options), rest)
    .map(([meta, selected, more]) => ({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: meta, spec: { ...selected, ...more } }));
}
