import type { Micros } from '@slipway/kernel';

/** What is said of a run beside what happened in it. */
export interface SideTitle {
  /** What makes it different: `plugins.cni=bridge`, or `as it is`. */
  readonly title: string;
  readonly events: number;
  readonly fingerprint: string;
  readonly endedAt: Micros;
}
