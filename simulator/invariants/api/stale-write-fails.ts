import type { DeleteRequest, PatchRequest, UpdateRequest } from '@slipway/client';
import type { TraceRecord } from '@slipway/kernel';
import type { Invariant } from '../invariant.ts';
import { titleOf } from '../titles.ts';

/** Judged at each write, by the revision that the request behind it names. */
export const staleWriteFails: Invariant = {
  id: 'API-04',
  name: 'stale-write-fails',
  kind: 'S',
  holds: 'a write with an old revision is refused; no update is lost',
  watch: (_world, { violated, met }) => ({
    write({ object, old, revision }, by) {
      if (!old || !by) return;
      const seen = seenBy(by, object.metadata.name);
      const before = old.metadata.resourceVersion;
      if (seen === undefined) return;
      met();
      if (seen === before) return;
      violated(
        `${by.actor} had seen ${titleOf(object)} at revision ${seen}, but its ${by.name} was carried out on ${before} as ${revision}`,
        titleOf(object),
      );
    },
  }),
};

/** The revision that the writer says it has seen; undefined when it says none. A lease's heartbeats have revisions of their own. */
function seenBy({ name, full }: TraceRecord, object: string): string | undefined {
  let seen: unknown;
  switch (name) {
    case 'api.Server/Update':
    case 'api.Server/UpdateStatus': {
      const { metadata } = (full as UpdateRequest).object;
      // An update may have others done on its behalf; it speaks for its own object alone.
      if (metadata.name === object) seen = metadata.resourceVersion;
      break;
    }
    case 'api.Server/Patch': {
      const { patch, name: patched, subresource } = full as PatchRequest;
      if (patched === object && subresource !== 'scale')
        seen = (patch as { metadata?: { resourceVersion?: unknown } } | undefined)?.metadata?.resourceVersion;
      break;
    }
    case 'api.Server/Delete': {
      const request = full as DeleteRequest;
      if (request.name === object) seen = request.preconditions?.resourceVersion;
      break;
    }
  }
  return typeof seen === 'string' && seen !== '' ? seen.split('-')[0] : undefined;
}
