import type { SchedulerPlugin } from './framework/types.ts';
import type { Profile } from './profile.ts';

/** What `create` of a scheduler returns: what differs from the default scheduler. */
export interface SchedulerParts {
  /** Left out: the default profile. */
  readonly profile?: Profile;
  /** Added to the profile's plugins: one with the name of a built-in takes its place. See `frameworkOf`. */
  readonly plugins?: readonly SchedulerPlugin[];
}

declare module '@slipway/plugin' {
  interface Plugins {
    /** The scheduler of the cluster, made once. */
    scheduler: { services: SchedulerParts; context: object };
  }
}
