import type { Invariant } from '../invariant.ts';
import { ociDigest } from './digest.ts';
import { imageInUse } from './image-in-use.ts';
import { layerHeld } from './layer-held.ts';
import { nameFreed } from './name-freed.ts';
import { noOrphans } from './no-orphans.ts';
import { ociDeleteComplete } from './oci-delete-complete.ts';
import { ociRebootStops } from './oci-reboot-stops.ts';
import { ociStates } from './oci-states.ts';
import { stopDespiteNetwork } from './stop-despite-network.ts';
import { stopIdempotent } from './stop-idempotent.ts';

/** Rows CRI and OCI, in the order of invariants.md. */
export const runtimeRows: readonly Invariant[] = [
  stopIdempotent,
  nameFreed,
  noOrphans,
  imageInUse,
  stopDespiteNetwork,
  ociStates,
  ociDeleteComplete,
  ociRebootStops,
  ociDigest,
  layerHeld,
];
