import type { ControllerContext } from '@slipway/client';
import { codeOf, hashText, type Process } from '@slipway/kernel';
import {
  controllerReference,
  type ControllerRevision,
  isSemanticallyEqual,
  type JsonValue,
  type KubeObject,
  type PodTemplateSpec,
  safeEncode,
  type Stored,
  workloadLabels,
} from '@slipway/kube';
import { stableText } from './stable-text.ts';

// Templates as DaemonSets and StatefulSets had them. Source: `pkg/controller/history/controller_history.go`.

/** What keeps its templates: its status counts collisions of hashes. */
export type Revisioned = Stored<KubeObject> & {
  readonly spec: { readonly template: PodTemplateSpec; readonly revisionHistoryLimit?: number };
  readonly status?: { readonly collisionCount?: number };
};

export interface History {
  /** The revision of the template as it is now. */
  readonly current: Stored<ControllerRevision>;
  /** The others, oldest first. */
  readonly old: readonly Stored<ControllerRevision>[];
}

/** What stands for a revision in labels of pods. */
export function revisionHash(revision: ControllerRevision): string {
  return revision.metadata.labels?.[workloadLabels.controllerRevisionHash] ?? '';
}

/**
 * Finds the owner's revisions, makes the one of its template if it is missing, and gives that the highest number. `undefined`: another
 * object has its name; the collision is counted in the owner's status, whose change wakes the owner again.
 */
export function* syncHistory(
  owner: Revisioned,
  known: readonly Stored<ControllerRevision>[],
  countCollision: (collisions: number) => Process<unknown>,
  { api }: ControllerContext,
): Process<History | undefined> {
  const data = patchOf(owner.spec.template);
  const sorted = [...known].sort((a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1));
  const found = sorted.findLast((revision) => isSemanticallyEqual(revision.data, data));
  const old = sorted.filter((revision) => revision !== found);
  const number = (old.at(-1)?.revision ?? 0) + 1;
  if (found)
    return { current: found.revision < number ? yield* api.controllerrevisions.update({ ...found, revision: number }) : found, old };

  const collisions = owner.status?.collisionCount ?? 0;
  const hash = safeEncode(String(hashText(stableText(data), collisions)));
  const { name, namespace = 'default' } = owner.metadata;
  const wanted: ControllerRevision = {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: { ...owner.spec.template.metadata?.labels, [workloadLabels.controllerRevisionHash]: hash },
      ownerReferences: [controllerReference(owner)],
    },
    data,
    revision: number,
  };
  try {
    return { current: yield* api.controllerrevisions.create(wanted), old };
  } catch (error) {
    if (codeOf(error) !== 'AlreadyExists') throw error;
    const existing = yield* api.controllerrevisions.get({ namespace, name: wanted.metadata.name });
    // Our own, made a moment ago: the cache is behind.
    if (isSemanticallyEqual(existing.data, data)) return { current: existing, old };
    yield* countCollision(collisions + 1);
    return undefined;
  }
}

/** Deletes the oldest revisions beyond the limit that no pod has. */
export function* cleanHistory(owner: Revisioned, { old }: History, isLive: (hash: string) => boolean, { api }: ControllerContext): Process {
  const dead = old.filter((revision) => !isLive(revisionHash(revision)));
  const surplus = Math.max(0, old.length - (owner.spec.revisionHistoryLimit ?? 10));
  for (const { metadata } of dead.slice(0, surplus)) {
    try {
      yield* api.controllerrevisions.delete({ namespace: metadata.namespace ?? 'default', name: metadata.name });
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
    }
  }
}

/** A patch that would bring the template back. */
function patchOf(template: PodTemplateSpec): JsonValue {
  return { spec: { template: { ...template, $patch: 'replace' } } } as unknown as JsonValue;
}
