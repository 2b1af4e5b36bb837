import type { Plugin } from '@slipway/plugin';

/** Filled by this package's author. */
export type Placeholder = Plugin;
