import type { DeleteOptions, DeleteResponse } from '@slipway/client';
import { isEqual, type KubeObject, type Namespace, notFound, type ObjectMeta, parseTime, type Pod, type Stored } from '@slipway/kube';
import { checkPreconditions, finalizersAfter, gracePeriodOf, isReadyToGo } from './deletion-rules.ts';
import type { Machinery } from './machinery.ts';
import { removeObject } from './remove.ts';
import type { Table } from './table.ts';

/** @throws ApiError NotFound. */
export function stored(table: Table, namespace: string | undefined, name: string): Stored<KubeObject> {
  const object = table.get(table.kind.namespaced ? namespace || 'default' : '', name);
  if (!object) throw notFound(table.kind, name);
  return object;
}

/**
 * Deletes an object, or marks it as being deleted while a kubelet or a finalizer still holds it. Unlike upstream, a removal that also
 * changes metadata is one write, not two.
 *
 * @param seen the object as reads show it, where that is newer: preconditions are about what somebody has read
 */
export function deleteObject(
  machinery: Machinery,
  table: Table,
  old: Stored<KubeObject>,
  options: DeleteOptions,
  verb = 'delete',
  seen = old,
): DeleteResponse {
  const { kind } = table;
  checkPreconditions(kind, seen, options);
  machinery.admission.admit({ operation: 'delete', kind, namespace: old.metadata.namespace ?? '', object: old, old });
  const marked = withMark(machinery, table, old, options);
  if (marked === undefined) return { object: removeObject(machinery, table, old, verb), gone: true };
  if (isEqual(marked, old)) return { object: old, gone: false };
  return { object: machinery.store.put(table, marked, old, verb), gone: false };
}

/** The object as the delete leaves it; undefined when it goes. */
function withMark(machinery: Machinery, table: Table, old: Stored<KubeObject>, options: DeleteOptions): KubeObject | undefined {
  const { kind } = table;
  const { metadata } = old;
  const isPod = kind.plural === 'pods' && kind.group === '';
  const pending = metadata.deletionTimestamp !== undefined && isPod && (metadata.deletionGracePeriodSeconds ?? 0) > 0;
  if (pending) return shortened(machinery, table, old, options);

  const held = finalizersAfter(old, kind, options.propagationPolicy);
  const period = isPod ? gracePeriodOf(old as Stored<Pod>, options.gracePeriodSeconds) : 0;
  if (kind.plural === 'namespaces' && kind.group === '') return terminating(machinery, old as Stored<Namespace>, held);
  if (period === 0 && held.length === 0) return undefined;
  const already = metadata.deletionTimestamp !== undefined;
  return withMetadata(old, {
    ...withFinalizers(metadata, held),
    deletionTimestamp: already ? (metadata.deletionTimestamp as string) : machinery.identity.timestamp(period),
    deletionGracePeriodSeconds: already ? (metadata.deletionGracePeriodSeconds ?? 0) : period,
    ...(already || metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
  });
}

/** A further delete of a pod may only shorten its period. */
function shortened({ identity, kernel }: Machinery, table: Table, old: Stored<KubeObject>, options: DeleteOptions): KubeObject | undefined {
  const { metadata } = old;
  const before = metadata.deletionGracePeriodSeconds ?? 0;
  const wanted = options.gracePeriodSeconds;
  if (wanted === undefined || wanted >= before) return old;
  const period = wanted < 0 ? 1 : wanted;
  const now = Math.floor(kernel.unixMicros / 1_000_000);
  const until = Math.floor((parseTime(metadata.deletionTimestamp ?? '') ?? 0) / 1_000_000) - before + period;
  const changed = withMetadata(old, {
    ...metadata,
    deletionTimestamp: identity.timestamp(Math.max(until, now) - now),
    deletionGracePeriodSeconds: period,
  });
  return isReadyToGo(changed, table) ? undefined : changed;
}

/** A namespace stays until its content is gone. Source: `pkg/registry/core/namespace/storage/storage.go`. */
function terminating({ identity }: Machinery, old: Stored<Namespace>, held: readonly string[]): Namespace | undefined {
  if (old.metadata.deletionTimestamp !== undefined) {
    return (old.spec?.finalizers?.length ?? 0) === 0 && held.length === 0 ? undefined : old;
  }
  if ((old.spec?.finalizers?.length ?? 0) === 0 && held.length === 0) return undefined;
  return {
    ...old,
    metadata: { ...withFinalizers(old.metadata, held), deletionTimestamp: identity.timestamp() },
    status: { ...old.status, phase: 'Terminating' },
  };
}

function withMetadata(object: KubeObject, metadata: ObjectMeta): KubeObject {
  return { ...object, metadata };
}

function withFinalizers(metadata: ObjectMeta, held: readonly string[]): ObjectMeta {
  if (held === metadata.finalizers) return metadata;
  const { finalizers: _before, ...rest } = metadata;
  return held.length === 0 ? rest : { ...rest, finalizers: held };
}
