import { type Client, codeOf, Kernel, type KernelOptions, link, type Owner, type Process, sleep } from '@slipway/kernel';
import type { CloudApi } from '../contract.ts';
import type { CloudSubject } from '../conformance.ts';
import type { CloudServices, DataCentre } from '../plugin.ts';
import { cloudApi } from '../service.ts';
import { type MachineOptions, TestDataCentre } from './data-centre.ts';

/** What a cloud is made from in a test. */
export interface CloudWorldOptions {
  /** Makes the cloud, from what of its context a cloud needs. */
  readonly cloud: (surroundings: {
    readonly dataCentre: DataCentre;
    readonly ids: Kernel['ids'];
    readonly now: () => number;
  }) => CloudServices;
  readonly kernel?: KernelOptions;
  /** Left out: `node-1` and `node-2` in us-east-1a, `node-3` in us-east-1b. */
  readonly machines?: readonly MachineOptions[];
}

const THREE: readonly MachineOptions[] = [
  { name: 'node-1', zone: 'us-east-1a' },
  { name: 'node-2', zone: 'us-east-1a' },
  { name: 'node-3', zone: 'us-east-1b' },
];

/** A cloud over three machines, behind a link without delay. An answer against the contract ends the test. */
export class CloudWorld implements CloudSubject {
  readonly kernel: Kernel;
  readonly dataCentre: TestDataCentre;
  readonly services: CloudServices;
  readonly owner: Owner;
  readonly cloud: Client<CloudApi>;
  readonly #tester: Owner;

  constructor({ cloud, kernel = {}, machines = THREE }: CloudWorldOptions) {
    this.kernel = new Kernel(kernel);
    this.kernel.events.on('breach', ({ side, rule, message }) => {
      if (side === 'plugin') throw new Error(`${rule}: ${message}`);
    });
    this.dataCentre = new TestDataCentre(this.kernel, machines);
    this.services = cloud({ dataCentre: this.dataCentre, ids: this.kernel.ids, now: () => this.kernel.now });
    this.owner = this.kernel.owner('cloud');
    this.#tester = this.kernel.owner('tester');
    this.cloud = this.client(this.#tester);
  }

  /** The cloud as one more caller sees it. */
  client(from: Owner): Client<CloudApi> {
    return link<CloudApi>(this.services, { service: cloudApi, from, to: this.owner });
  }

  get network(): CloudServices['network'] {
    return this.services.network;
  }

  settle<T>(process: Process<T>): Promise<T> {
    return this.kernel.completeAsync(this.#tester, 'test', process);
  }

  /** Runs a process that uses no promises. */
  run<T>(process: Process<T>): T {
    return this.kernel.complete(this.#tester, 'test', process);
  }

  /** Lets time pass. */
  pass(duration: number): void {
    this.run(sleep(duration));
  }
}

/** A world's client, and what runs calls on it. */
export function bound(world: CloudWorld) {
  return { cloud: world.cloud, run: <T>(process: Process<T>): T => world.run(process) };
}

/** The code with which something is refused; `none` if it is not. */
export function refusal(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    return codeOf(error);
  }
}
