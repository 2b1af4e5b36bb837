import type { Disk, Host } from '@slipway/host';
import type { Implementation } from '@slipway/kernel';
import type { CloudApi } from './contract.ts';

/** A machine that stands in the data centre. */
export interface Machine {
  /** The host's name, the node's too. */
  readonly name: string;
  readonly host: Host;
  readonly address: string;
  /** Left out: the cloud's first zone. */
  readonly zone?: string;
  /** Left out: the cloud's default. */
  readonly instanceType?: string;
}

/** What a cloud rules over: the hardware. The world owns it; a cloud plugs disks in and orders machines. */
export interface DataCentre {
  /** All machines, by name, in the order in which they came. */
  readonly machines: ReadonlyMap<string, Machine>;
  /** Builds a machine that was ordered and switches it on. */
  launch(machine: { readonly name: string; readonly zone: string; readonly instanceType: string }): Machine;
  /** Takes a machine away for good, power first. */
  remove(name: string): void;
  powerOff(name: string): void;
  powerOn(name: string): void;
  /** What network file systems there are to mount, by server name (`fs-….efs.us-east-1.amazonaws.com`); every host reads it. */
  readonly fileServers: Map<string, Disk>;
}

/**
 * The cloud's side of the data path: what its routers, name servers and balancers know at this instant. Plain answers: packets do not
 * call an API. All of it follows from what was ordered through `CloudApi`.
 */
export interface CloudNetwork {
  /** Addresses of a name that the cloud serves; a balancer's. Empty: unknown. */
  resolve(name: string): readonly string[];
  /** The balancer that has this address, as far as a connection cares; undefined: it is nobody's, or nothing listens there. */
  balance(address: string, port: number, protocol: 'TCP' | 'UDP'): Balanced | undefined;
  /** Name of the machine to which the routers send this address; undefined: no route. */
  routed(address: string): string | undefined;
}

/** Where a balancer may send a connection. */
export interface Balanced {
  readonly balancer: string;
  /** Machines that are in service, by name. */
  readonly targets: readonly string[];
  readonly targetPort: number;
  readonly sourceRanges: readonly string[];
}

/** What `create` of a cloud plugin returns, once per cluster: the API, and its share of the data path. */
export type CloudServices = Implementation<CloudApi> & {
  /** Left out: no balancers and no routes. */
  readonly network?: CloudNetwork;
};

/** What a cloud finds in its context beside what all plugins find there. */
export interface CloudContext {
  readonly dataCentre: DataCentre;
}

declare module '@slipway/plugin' {
  interface Plugins {
    cloud: { services: CloudServices; context: CloudContext };
  }
}
