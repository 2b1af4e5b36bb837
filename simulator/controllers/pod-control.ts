import type { ControllerContext } from '@slipway/client';
import { all, codeOf, messageOf, type Process } from '@slipway/kernel';
import {
  controllerOf,
  controllerReference,
  type KubeObject,
  type LabelSelector,
  matchesLabelSelector,
  type Pod,
  type PodTemplateSpec,
  type Stored,
} from '@slipway/kube';

// How the workload controllers make, delete, adopt and release pods. Source: `pkg/controller/controller_utils.go`,
// `pkg/controller/controller_ref_manager.go`.

/** Index of pods: by the uid of their controller, or, for those without one, by `orphans/<namespace>`. */
export const byController = (pod: Pod): readonly string[] => [controllerOf(pod)?.uid ?? orphansOf(pod.metadata.namespace)];

export const orphansOf = (namespace: string | undefined): string => `orphans/${namespace ?? ''}`;

/** A pod of the template, owned by `owner`; the server completes its name. */
export function podFromTemplate(owner: KubeObject, template: PodTemplateSpec): Pod {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: '',
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace ?? 'default',
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    // Shared with every pod of the template: objects are read only, so nobody needs a copy.
    spec: template.spec as Pod['spec'],
  };
}

/** What became of one create or delete. `ignored`: refused for a reason that no retry and no report would help. */
export type Attempt = { readonly done: true; readonly ignored?: true } | { readonly done: false; readonly error: unknown };

/** Creates a pod and reports it on its owner; silent where the namespace is being deleted, since then nobody waits for the pod. */
export function* createPod(context: ControllerContext, owner: KubeObject, pod: Pod): Process<Attempt> {
  try {
    const created = yield* context.api.pods.create(pod);
    context.events.normal(owner, 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    return { done: true };
  } catch (error) {
    if (isNamespaceTerminating(error)) return { done: true, ignored: true };
    context.events.warning(owner, 'FailedCreate', `Error creating: ${messageOf(error)}`);
    return { done: false, error };
  }
}

/** Deletes a pod and reports it on its owner; a pod that is gone already counts as deleted. */
export function* deletePod(context: ControllerContext, owner: KubeObject, pod: Stored<Pod>): Process<Attempt> {
  const { namespace = 'default', name, uid } = pod.metadata;
  try {
    yield* context.api.pods.delete({ namespace, name, preconditions: { uid } });
    context.events.normal(owner, 'SuccessfulDelete', `Deleted pod: ${name}`);
    return { done: true };
  } catch (error) {
    if (codeOf(error) === 'NotFound') return { done: true };
    context.events.warning(owner, 'FailedDelete', `Error deleting: ${messageOf(error)}`);
    return { done: false, error };
  }
}

/** Whether a create was refused because its namespace is being deleted. */
export function isNamespaceTerminating(error: unknown): boolean {
  const causes = (error as { details?: { causes?: readonly { reason?: string }[] } }).details?.causes;
  return causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}

/** How a slow start went: how many were tried, how many of these succeeded, and why the first one failed. */
export interface SlowStart {
  readonly tried: number;
  readonly done: number;
  readonly error?: unknown;
}

/**
 * Does `count` things in batches of 1, 2, 4, 8 …; a batch in which one fails is the last, so that a quota or a webhook that refuses all
 * is not asked a thousand times.
 */
export function* slowStart(count: number, act: (index: number) => Process<Attempt>): Process<SlowStart> {
  let tried = 0;
  let done = 0;
  for (let size = 1; tried < count; size *= 2) {
    const first = tried;
    tried += Math.min(size, count - first);
    const attempts = yield* all(Array.from({ length: tried - first }, (_, offset) => act(first + offset)));
    const failed = attempts.filter((attempt) => !attempt.done);
    done += attempts.length - failed.length;
    const [failure] = failed;
    if (failure && !failure.done) return { tried, done, error: failure.error };
  }
  return { tried, done };
}

/**
 * The pods that belong to `owner`: those that it controls and that still match, and matching orphans, which it adopts. Pods that it
 * controls and that match no more are released. Nothing is adopted or released while the owner is being deleted.
 */
export function* claimPods(
  context: ControllerContext,
  owner: Stored<KubeObject>,
  selector: LabelSelector | undefined,
  controlled: readonly Stored<Pod>[],
  orphans: readonly Stored<Pod>[],
): Process<Stored<Pod>[]> {
  const claimed: Stored<Pod>[] = [];
  const deleting = owner.metadata.deletionTimestamp !== undefined;
  for (const pod of controlled) {
    if (matchesLabelSelector(selector, pod.metadata.labels)) claimed.push(pod);
    else if (!deleting)
      yield* changeOwners(context, pod, pod.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid) ?? []);
  }
  if (deleting) return claimed;
  for (const pod of orphans) {
    if (pod.metadata.deletionTimestamp !== undefined || !matchesLabelSelector(selector, pod.metadata.labels)) continue;
    const adopted = yield* changeOwners(context, pod, [...(pod.metadata.ownerReferences ?? []), controllerReference(owner)]);
    if (adopted) claimed.push(adopted);
  }
  return claimed;
}

function* changeOwners(
  context: ControllerContext,
  pod: Stored<Pod>,
  ownerReferences: Pod['metadata']['ownerReferences'],
): Process<Stored<Pod> | undefined> {
  const { namespace = 'default', name, uid } = pod.metadata;
  try {
    return yield* context.api.pods.patch({ namespace, name, patch: { metadata: { uid, ownerReferences } } });
  } catch (error) {
    // Gone, or another pod of that name: nothing to own.
    if (codeOf(error) === 'NotFound' || codeOf(error) === 'Conflict' || codeOf(error) === 'Invalid') return undefined;
    throw error;
  }
}
