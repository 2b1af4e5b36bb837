import type { ApiClient } from '@slipway/client';
import type { Kernel, Owner } from '@slipway/kernel';
import type { CustomResourceDefinition } from '@slipway/kube';
import type { ApiServer } from '../apiserver/index.ts';

/** What running a scenario needs of a world; the wiring's `World` is one. */
export interface Cluster {
  readonly kernel: Kernel;
  readonly server: ApiServer;
  /** Whoever stands outside: the person with kubectl. */
  readonly user: Owner;
  readonly api: ApiClient;
  /** What defines kinds that plugins serve; installed when an object of their group is applied. */
  readonly definitions: readonly CustomResourceDefinition[];
}
