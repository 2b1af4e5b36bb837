import { type Disk, Host, type ProgramResolver } from '@slipway/host';
import type { Kernel } from '@slipway/kernel';
import type { DataCentre, Machine } from '../plugin.ts';

/** Every process ends at once: tests of clouds and disks run no programs. */
const noPrograms: ProgramResolver = {
  resolve: () => ({
    name: 'none',
    *run() {
      return 0;
    },
  }),
};

/** A machine of a test. */
export interface MachineOptions {
  readonly name: string;
  readonly zone?: string;
  readonly instanceType?: string;
}

/** Hardware without a cluster: machines with addresses from 172.18.0.2 on, and file servers that they all see. */
export class TestDataCentre implements DataCentre {
  readonly machines = new Map<string, Machine>();
  readonly fileServers = new Map<string, Disk>();
  readonly #kernel: Kernel;
  #addresses = 1;

  constructor(kernel: Kernel, machines: readonly MachineOptions[] = []) {
    this.#kernel = kernel;
    for (const machine of machines) this.add(machine);
  }

  /** Puts a machine there that nobody ordered. */
  add({ name, ...where }: MachineOptions): Machine {
    this.#addresses += 1;
    const address = `172.18.${Math.floor(this.#addresses / 250)}.${this.#addresses % 250}`;
    const host = new Host({
      name,
      kernel: this.#kernel,
      programs: noPrograms,
      addresses: [`${address}/16`],
      fileServers: this.fileServers,
    });
    const machine: Machine = { name, host, address, ...where };
    this.machines.set(name, machine);
    return machine;
  }

  launch(machine: Required<MachineOptions>): Machine {
    return this.add(machine);
  }

  remove(name: string): void {
    this.powerOff(name);
    this.machines.delete(name);
  }

  powerOff(name: string): void {
    this.machines.get(name)?.host.powerOff();
  }

  powerOn(name: string): void {
    this.machines.get(name)?.host.powerOn();
  }

  /** The host of a machine that is there. @throws RangeError */
  host(name: string): Host {
    const machine = this.machines.get(name);
    if (!machine) throw new RangeError(`no machine ${name}`);
    return machine.host;
  }
}
