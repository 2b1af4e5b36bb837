import type { Invariant } from '../invariant.ts';
import { bindOnce } from './bind-once.ts';
import { capacity } from './capacity.ts';
import { hostPort } from './host-port.ts';
import { podSlots } from './pod-slots.ts';

/** Rows SCH, in the order of invariants.md. */
export const schedulingRows: readonly Invariant[] = [capacity, podSlots, bindOnce, hostPort];
