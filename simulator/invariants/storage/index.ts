import type { Invariant } from '../invariant.ts';
import { attachmentAgrees } from './attachment-agrees.ts';
import { bindingOneToOne } from './binding-one-to-one.ts';
import { createIdempotent } from './create-idempotent.ts';
import { deleteAfterDetach } from './delete-after-detach.ts';
import { singleWriter } from './single-writer.ts';
import { stageFirst } from './stage-first.ts';
import { unpublishMissingOk } from './unpublish-missing-ok.ts';

/** Rows CSI, in the order of invariants.md. */
export const storageRows: readonly Invariant[] = [
  singleWriter,
  stageFirst,
  createIdempotent,
  deleteAfterDetach,
  unpublishMissingOk,
  bindingOneToOne,
  attachmentAgrees,
];
