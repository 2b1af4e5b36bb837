// Leases: heartbeats and leader election. Source: `coordination.k8s.io/v1`.

import type { KubeObject } from './object.ts';
import type { MicroTime } from './scalars.ts';

/** Who holds the lease and until when. */
export interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: MicroTime;
  readonly renewTime?: MicroTime;
  readonly leaseTransitions?: number;
  readonly strategy?: string;
  readonly preferredHolder?: string;
}

/** A claim that lapses unless renewed. */
export interface Lease extends KubeObject {
  readonly apiVersion: 'coordination.k8s.io/v1';
  readonly kind: 'Lease';
  readonly spec: LeaseSpec;
}
