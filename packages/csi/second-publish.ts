import type { CsiCode } from './errors.ts';
import type { VolumeCapabilityAccessModeMode } from './messages/index.ts';

/** How a second `nodePublishVolume` of a volume on a node differs from the first; secrets do not count. */
export interface SecondPublish {
  readonly mode: VolumeCapabilityAccessModeMode;
  /** Whether the driver reports `node:SINGLE_NODE_MULTI_WRITER`. */
  readonly singleNodeMultiWriter: boolean;
  readonly sameTarget: boolean;
  /** All but target path and secrets. */
  readonly sameArguments: boolean;
}

/**
 * What a second `nodePublishVolume` of a volume on one node is answered with: `OK`, ALREADY_EXISTS or FAILED_PRECONDITION. A repetition
 * succeeds; the same path with other arguments never does; whether a second path does, the access mode says. Spec: "NodePublishVolume",
 * the two tables.
 */
export function secondPublishVerdict({ mode, singleNodeMultiWriter, sameTarget, sameArguments }: SecondPublish): 'OK' | CsiCode {
  if (sameTarget) return sameArguments ? 'OK' : 'ALREADY_EXISTS';
  const many = mode.startsWith('MULTI_NODE_') || (singleNodeMultiWriter && mode === 'SINGLE_NODE_MULTI_WRITER');
  return many ? 'OK' : 'FAILED_PRECONDITION';
}
