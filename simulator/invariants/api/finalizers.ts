import type { PatchRequest, UpdateRequest } from '@slipway/client';
import type { TraceRecord } from '@slipway/kernel';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';

/** Set and taken away by a delete's own propagation policy. */
const OF_DELETES: ReadonlySet<string> = new Set(['orphan', 'foregroundDeletion']);

/** Judged at each removal. An object that goes with its last finalizer goes as it was stored, so the request tells what was left. */
export const finalizers: Invariant = {
  id: 'API-09',
  name: 'finalizers',
  kind: 'S',
  holds: 'an object goes only when its finalizers are gone; its addresses and ports are freed right then',
  watch: (_world, { violated }) => ({
    write({ type, object, old }, by) {
      const held = type === 'DELETED' ? old?.metadata.finalizers : undefined;
      if (!held || held.length === 0) return;
      const left = leftBy(by, held);
      if (left.length === 0) return;
      violated(`${by?.actor ?? 'somebody'} removed ${titleOf(object)}, which ${left.join(' and ')} still held`, titleOf(object));
    },
  }),
};

/** Finalizers that the request behind the removal leaves on the object. */
function leftBy(by: TraceRecord | undefined, held: readonly string[]): readonly string[] {
  switch (by?.name) {
    case 'api.Server/Update':
    case 'api.Server/UpdateStatus':
      return (by.full as UpdateRequest).object.metadata.finalizers ?? [];
    case 'api.Server/Patch':
      // What a patch of finalizers comes to depends on its type; that it speaks of them has to be enough.
      return mentionsFinalizers(by.full as PatchRequest) ? [] : held;
    default:
      return held.filter((finalizer) => !OF_DELETES.has(finalizer));
  }
}

function mentionsFinalizers({ patch }: PatchRequest): boolean {
  if (Array.isArray(patch)) return patch.some((operation: { readonly path?: string }) => operation.path?.startsWith('/metadata') ?? false);
  const metadata = (patch as { readonly metadata?: object } | undefined)?.metadata;
  return metadata !== undefined && Object.keys(metadata).some((key) => key.includes('finalizers'));
}
