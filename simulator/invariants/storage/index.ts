import type { Invariant } from '../invariant.ts';
import { attachmentAgrees } from './attachment-agrees.ts';
import { bindingOneToOne } from './binding-one-to-one.ts';
import { capacityHonest } from './capacity-honest.ts';
import { createIdempotent } from './create-idempotent.ts';
import { deleteAfterDetach } from './delete-after-detach.ts';
import { expandOnlyGrows } from './expand-only-grows.ts';
import { forceDetachGuard } from './force-detach-guard.ts';
import { inUseProtected } from './in-use-protected.ts';
import { nodeOpsIdempotent } from './node-ops-idempotent.ts';
import { noOrphanVolume } from './no-orphan-volume.ts';
import { oneOpPerVolume } from './one-op-per-volume.ts';
import { singleWriter } from './single-writer.ts';
import { stageFirst } from './stage-first.ts';
import { timeoutIsMaybe } from './timeout-is-maybe.ts';
import { unpublishMissingOk } from './unpublish-missing-ok.ts';

/** Rows CSI, in the order of invariants.md. */
export const storageRows: readonly Invariant[] = [
  singleWriter,
  stageFirst,
  oneOpPerVolume,
  timeoutIsMaybe,
  createIdempotent,
  noOrphanVolume,
  deleteAfterDetach,
  nodeOpsIdempotent,
  unpublishMissingOk,
  forceDetachGuard,
  bindingOneToOne,
  inUseProtected,
  capacityHonest,
  expandOnlyGrows,
  attachmentAgrees,
];
