import type { Invariant } from '../invariant.ts';
import { antiAffinity } from './anti-affinity.ts';
import { bindOnce } from './bind-once.ts';
import { budgetKept } from './budget-kept.ts';
import { budgetLastResort } from './budget-last-resort.ts';
import { cacheAgrees } from './cache-agrees.ts';
import { capacity } from './capacity.ts';
import { hostPort } from './host-port.ts';
import { lostWakeup } from './lost-wakeup.ts';
import { nominationAlive } from './nomination-alive.ts';
import { podSlots } from './pod-slots.ts';
import { singlePodVolume } from './single-pod-volume.ts';
import { skew } from './skew.ts';
import { stolenRoom } from './stolen-room.ts';
import { taints } from './taints.ts';
import { volumeLimit } from './volume-limit.ts';
import { volumeReach } from './volume-reach.ts';

/** Rows SCH, in the order of invariants.md. */
export const schedulingRows: readonly Invariant[] = [
  capacity,
  podSlots,
  bindOnce,
  cacheAgrees,
  nominationAlive,
  stolenRoom,
  budgetLastResort,
  budgetKept,
  lostWakeup,
  antiAffinity,
  skew,
  taints,
  hostPort,
  volumeReach,
  volumeLimit,
  singlePodVolume,
];
