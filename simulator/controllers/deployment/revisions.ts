import { hashText } from '@slipway/kernel';
import {
  type Deployment,
  isSemanticallyEqual,
  type PodTemplateSpec,
  type ReplicaSet,
  safeEncode,
  type Stored,
  workloadLabels,
} from '@slipway/kube';
import { stableText } from '../revisions/stable-text.ts';
import { olderFirst } from './rollout.ts';

// Which ReplicaSet is which revision. Source: `pkg/controller/deployment/util/deployment_util.go`, `sync.go`.

export const annotations = {
  revision: 'deployment.kubernetes.io/revision',
  desired: 'deployment.kubernetes.io/desired-replicas',
  maximum: 'deployment.kubernetes.io/max-replicas',
} as const;

/** Annotations that a set does not take over from its Deployment. */
const NOT_COPIED: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  annotations.revision,
  annotations.desired,
  annotations.maximum,
  'deprecated.deployment.rollback.to',
]);

/** The oldest set with the Deployment's template, `pod-template-hash` aside. */
export function newSetOf(deployment: Deployment, sets: readonly Stored<ReplicaSet>[]): Stored<ReplicaSet> | undefined {
  return [...sets]
    .sort(olderFirst)
    .find((set) => set.spec.template !== undefined && isSameTemplate(set.spec.template, deployment.spec.template));
}

function isSameTemplate(of: PodTemplateSpec, wanted: PodTemplateSpec): boolean {
  return isSemanticallyEqual(withoutHash(of), withoutHash(wanted));
}

function withoutHash({ metadata = {}, spec }: PodTemplateSpec): object {
  const { labels = {}, ...rest } = metadata;
  const { [workloadLabels.podTemplateHash]: _, ...others } = labels;
  return { metadata: { ...rest, labels: others }, spec };
}

/**
 * The hash that tells a Deployment's sets apart. Slipway's own function: upstream hashes Go's print of the struct, which nothing
 * outside Go can reproduce; alphabet and use are upstream's.
 */
export function templateHash(template: PodTemplateSpec, collisions: number): string {
  return safeEncode(String(hashText(stableText(withoutHash(template)), collisions)));
}

export function revisionOf(set: Pick<ReplicaSet, 'metadata'>): number {
  const text = set.metadata.annotations?.[annotations.revision];
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;
}

export function maximumOf(set: Pick<ReplicaSet, 'metadata'>): number {
  return Number(set.metadata.annotations?.[annotations.maximum] ?? 0) || 0;
}

export function desiredOf(set: Pick<ReplicaSet, 'metadata'>): number | undefined {
  const text = set.metadata.annotations?.[annotations.desired];
  return text === undefined ? undefined : Number(text);
}

/** What a Deployment's annotations add to its sets. */
export function copiedAnnotations(deployment: Deployment): Record<string, string> {
  return Object.fromEntries(Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key)));
}
