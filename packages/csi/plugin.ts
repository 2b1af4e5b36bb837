import type { Client, Implementation } from '@slipway/kernel';
import type { CloudApi } from '@slipway/cloud';
import type { CsiController, CsiGroupController, CsiIdentity, CsiNode, CsiSnapshotMetadata } from './contract.ts';

/**
 * What `create` of a storage driver returns. It is called once for the cluster, without `node` and `host` in its context, and once for
 * each node, with both: `identity` is wanted each time, `node` only from the calls that have a node, the others only from the one that has none.
 */
export interface CsiServices {
  readonly identity: Implementation<CsiIdentity>;
  readonly controller?: Implementation<CsiController>;
  readonly node?: Implementation<CsiNode>;
  readonly groupController?: Implementation<CsiGroupController>;
  readonly snapshotMetadata?: Implementation<CsiSnapshotMetadata>;
}

/** What a driver finds in its context beside what all plugins find there. */
export interface CsiContext {
  /** The cloud that the cluster stands in, as this driver's own client. */
  readonly cloud: Client<CloudApi>;
}

declare module '@slipway/plugin' {
  interface Plugins {
    csi: { services: CsiServices; context: CsiContext };
  }
}
