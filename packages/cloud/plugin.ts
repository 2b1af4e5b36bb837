import type { Disk, Host } from '@slipway/host';
import type { Cell, Implementation } from '@slipway/kernel';
import type { CloudApi } from './contract.ts';
import type { HealthCheck } from './messages.ts';

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
  /**
   * Whether a machine answers a balancer's check at this instant, as far as the data path knows (for HTTP: with 200). Left out: it does
   * while its power is on.
   */
  answers?(name: string, check: HealthCheck): boolean;
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
  /**
   * Set by the cloud whenever an order has changed machines or routes. Whoever changes the hardware by other means (power, a machine
   * more or less) sets it too, so that idle polls can be left out. Left out: it does not say.
   */
  readonly changed?: Cell<number>;
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
