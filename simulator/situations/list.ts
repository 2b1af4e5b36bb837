import { apiSituations } from './api.ts';
import { machineSituations } from './machines.ts';
import { networkSituations } from './network.ts';
import { podSituations } from './pods.ts';
import { schedulingSituations } from './scheduling.ts';
import type { Situation } from './situation.ts';
import { storageSituations } from './storage.ts';

/** What a search among faults should get to. */
export const situations: readonly Situation[] = [
  ...schedulingSituations,
  ...podSituations,
  ...networkSituations,
  ...storageSituations,
  ...machineSituations,
  ...apiSituations,
];
