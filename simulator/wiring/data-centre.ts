import type { DataCentre, Machine } from '@slipway/cloud';
import type { Disk } from '@slipway/host';

/** What the world does with its machines at the cloud's word. */
export interface Hardware {
  launch(machine: { readonly name: string; readonly zone: string; readonly instanceType: string }): Machine;
  remove(name: string): void;
  powerOff(name: string): void;
  powerOn(name: string): void;
}

/** The machines of a world, as its cloud sees them. */
export class WorldDataCentre implements DataCentre {
  readonly machines = new Map<string, Machine>();
  readonly fileServers = new Map<string, Disk>();
  readonly #hardware: Hardware;

  constructor(hardware: Hardware) {
    this.#hardware = hardware;
  }

  launch(machine: { readonly name: string; readonly zone: string; readonly instanceType: string }): Machine {
    return this.#hardware.launch(machine);
  }

  remove(name: string): void {
    this.#hardware.remove(name);
  }

  powerOff(name: string): void {
    this.#hardware.powerOff(name);
  }

  powerOn(name: string): void {
    this.#hardware.powerOn(name);
  }
}
