import type { Implementation } from '@slipway/kernel';
import type { OciRuntime } from './runtime/contract.ts';

declare module '@slipway/plugin' {
  interface Plugins {
    /** Made once per node. The registry is no plugin of this kind: there is one per cluster. */
    oci: { services: OciServices; context: object };
  }
}

/** What an `oci` plugin's `create` returns. */
export interface OciServices {
  readonly runtime: Implementation<OciRuntime>;
}
