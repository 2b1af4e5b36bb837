import type { CloudApi, CloudNetwork } from '@slipway/cloud';
import type { Cell, Client, Implementation } from '@slipway/kernel';
import type * as c from './contract.ts';

/** What `create` of a provider returns, once per cluster: one object. Interfaces that it does not have are left out. */
export type CpiServices = Implementation<c.CloudProvider> & {
  readonly informerUser?: Implementation<c.InformerUser>;
  readonly loadBalancer?: Implementation<c.LoadBalancer>;
  readonly instances?: Implementation<c.Instances>;
  readonly instancesV2?: Implementation<c.InstancesV2>;
  readonly zones?: Implementation<c.Zones>;
  readonly clusters?: Implementation<c.Clusters>;
  readonly routes?: Implementation<c.Routes>;
  readonly pvLabeler?: Implementation<c.PvLabeler>;
  /** There is no cloud provider at all: no cloud controller runs, and kubelets register without the uninitialized taint. */
  readonly absent?: true;
  /** Set whenever ListRoutes may answer otherwise than before: idle polls are then left out. Left out: each is made. */
  readonly changed?: Pick<Cell<unknown>, 'version' | 'subscribe' | 'unsubscribe'>;
  /** Its share of the data path, for a provider whose balancers are no balancers of the cloud. */
  readonly network?: CloudNetwork;
};

/** The same as callers hold it: each interface over a link of its own. */
export interface CpiClients {
  readonly provider: Client<c.CloudProvider>;
  readonly informerUser?: Client<c.InformerUser>;
  readonly loadBalancer?: Client<c.LoadBalancer>;
  readonly instances?: Client<c.Instances>;
  readonly instancesV2?: Client<c.InstancesV2>;
  readonly zones?: Client<c.Zones>;
  readonly clusters?: Client<c.Clusters>;
  readonly routes?: Client<c.Routes>;
  readonly pvLabeler?: Client<c.PvLabeler>;
  /** As the provider offers it. */
  readonly changed?: CpiServices['changed'];
}

/** What a provider finds in its context beside what all plugins find there. */
export interface CpiContext {
  /** The cloud that the cluster stands in, as this provider's own client. */
  readonly cloud: Client<CloudApi>;
  /** Set by the cloud whenever its machines or routes change. Left out: it does not say. */
  readonly cloudChanged?: CpiServices['changed'];
}

declare module '@slipway/plugin' {
  interface Plugins {
    cpi: { services: CpiServices; context: CpiContext };
  }
}
