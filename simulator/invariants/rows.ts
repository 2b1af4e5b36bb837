import type { Invariant } from './invariant.ts';
import { apiRows } from './api/index.ts';
import { cloudRows } from './cloud/index.ts';
import { kubeletRows } from './kubelet/index.ts';
import { meshRows } from './mesh/index.ts';
import { networkRows } from './network/index.ts';
import { runtimeRows } from './runtime/index.ts';
import { schedulingRows } from './scheduling/index.ts';
import { simulationRows } from './simulation/index.ts';
import { storageRows } from './storage/index.ts';

/** The rows that are checked, in the order of invariants.md. */
export const invariants: readonly Invariant[] = [
  ...schedulingRows,
  ...kubeletRows,
  ...runtimeRows,
  ...networkRows,
  ...storageRows,
  ...cloudRows,
  ...meshRows,
  ...apiRows,
  ...simulationRows,
];
