import type fc from 'fast-check';
import type { ManifestForm } from './forms.ts';
import { podOf } from './pod-of-workload.ts';
import { arbitraryWorkloadShape, type ScenarioWorkloadOptions, type WorkloadShape } from './workload-shape.ts';

/**
 * One workload and what belongs to it, in the order in which it is applied: configuration, claim, Service, the workload itself, its
 * disruption budget. Its images are simulated ones, so that it runs, and it asks for no class but the default one.
 */
export function arbitraryWorkload(options: ScenarioWorkloadOptions = {}): fc.Arbitrary<ManifestForm[]> {
  return arbitraryWorkloadShape(options).map((shape) => workloadOf(shape, 0));
}

/** Letters that a name may have. Labels carry the names of Jobs, and of StatefulSets with a hash of eleven. */
const LONGEST = { Deployment: 63, StatefulSet: 52, DaemonSet: 63, Job: 63 } as const;
/** A subdomain: what a ConfigMap may be called. */
const LONGEST_SUBDOMAIN = 253;

function padded(name: string, isLong: boolean, length: number): string {
  return isLong ? name.padEnd(length, 'x') : name;
}

/** Name of the workload: each has its own by its place in the scenario. */
export function nameOf({ kind, longName }: Pick<WorkloadShape, 'kind' | 'longName'>, index: number): string {
  return padded(`${kind.toLowerCase()}-${index + 1}`, longName, LONGEST[kind]);
}

export function configNameOf({ kind, longName }: WorkloadShape, index: number): string {
  return padded(`settings-${kind.toLowerCase()}-${index + 1}`, longName, LONGEST_SUBDOMAIN);
}

/** As a step refers to it. */
export function referenceOf(shape: WorkloadShape, index: number): string {
  return `${shape.kind.toLowerCase()}/${nameOf(shape, index)}`;
}

/** Several pods can use a disk only where they stand on one node, so whoever has several pods gets no claim but by template. */
export function hasClaim({ kind, claim, replicas }: WorkloadShape): boolean {
  return claim && kind !== 'DaemonSet' && (kind === 'StatefulSet' || replicas <= 1);
}

/** Whether the pods stand behind a Service. A StatefulSet names one, and its pods' names depend on it. */
export function serviceOf({ kind, service }: WorkloadShape): WorkloadShape['service'] {
  if (kind === 'StatefulSet' && service === 'none') return 'headless';
  return kind === 'Job' ? 'none' : service;
}

/** The objects of one workload. */
export function workloadOf(shape: WorkloadShape, index: number): ManifestForm[] {
  const name = nameOf(shape, index);
  const labels = { app: `${shape.kind.toLowerCase()}-${index + 1}` };
  const objects: ManifestForm[] = [];
  const claim = claimOf(name);
  if (shape.config) {
    const metadata = { name: configNameOf(shape, index) };
    objects.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { colour: 'blue' } });
  }
  if (hasClaim(shape) && shape.kind !== 'StatefulSet') objects.push({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', ...claim });
  const pod = podOf(shape, { name, labels, config: configNameOf(shape, index), claim: hasClaim(shape) ? claim.metadata.name : undefined });
  const service = serviceOf(shape);
  if (service !== 'none') {
    const clusterIP = service === 'headless' ? { clusterIP: 'None' } : { type: service };
    const spec = { ...clusterIP, selector: labels, ports: [{ port: 80, targetPort: pod.port }] };
    objects.push({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
  }
  objects.push(controllerOf(shape, name, labels, pod.template, claim));
  if (shape.budget && shape.kind !== 'DaemonSet' && shape.kind !== 'Job') {
    // At most one away, not at least one there: the latter could stop a drain for ever.
    const spec = { maxUnavailable: 1, selector: { matchLabels: labels } };
    objects.push({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec });
  }
  return objects;
}

function claimOf(name: string) {
  return {
    metadata: { name: `data-${name}`.slice(0, 63) },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
}

function controllerOf(
  shape: WorkloadShape,
  name: string,
  labels: Record<string, string>,
  template: object,
  claim: ReturnType<typeof claimOf>,
): ManifestForm {
  const { kind, replicas, minReadySeconds } = shape;
  const metadata = { name };
  if (kind === 'Job') {
    const count = Math.max(1, replicas);
    const spec = { completions: count, parallelism: replicas, backoffLimit: 20, template };
    return { apiVersion: 'batch/v1', kind, metadata, spec };
  }
  const shared = { selector: { matchLabels: labels }, ...(minReadySeconds === 0 ? {} : { minReadySeconds }), template };
  if (kind === 'DaemonSet') return { apiVersion: 'apps/v1', kind, metadata, spec: shared };
  if (kind === 'StatefulSet') {
    const spec = {
      replicas,
      serviceName: name,
      ...(shape.update === 'all at once' ? { podManagementPolicy: 'Parallel' } : {}),
      ...shared,
      ...(hasClaim(shape) ? { volumeClaimTemplates: [{ ...claim, metadata: { name: 'data' } }] } : {}),
    };
    return { apiVersion: 'apps/v1', kind, metadata, spec };
  }
  return { apiVersion: 'apps/v1', kind, metadata, spec: { replicas, ...strategyOf(shape), ...shared } };
}

function strategyOf(shape: WorkloadShape): object {
  // A disk goes to one node at a time, and pods that must stand apart need a node that is free: the old pod has to go first.
  if (hasClaim(shape) || shape.update === 'all at once') return { strategy: { type: 'Recreate' } };
  if (shape.update === 'one by one') return { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } };
  return {};
}
