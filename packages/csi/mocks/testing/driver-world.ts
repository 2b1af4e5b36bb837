import { type CloudApi, cloudApi } from '@slipway/cloud';
import { AwsCloud, awsOptions } from '@slipway/cloud/mocks';
import { CloudWorld } from '@slipway/cloud/testing';
import {
  CallError,
  type Client,
  codeOf,
  type Fault,
  type Implementation,
  link,
  linkOf,
  type Owner,
  type Process,
  seconds,
  sleep,
  timeout,
} from '@slipway/kernel';
import type { CsiSubject, CsiSubjectNode } from '../../conformance.ts';
import type { CsiController, CsiIdentity, CsiNode } from '../../contract.ts';
import { csiController, csiIdentity, csiNode } from '../../service.ts';
import { EbsController } from '../ebs/ebs-controller.ts';
import { EbsNode } from '../ebs/ebs-node.ts';
import { EfsController } from '../efs/efs-controller.ts';
import { EfsNode } from '../efs/efs-node.ts';

export type DriverKind = 'ebs' | 'efs';

/** The driver dies as it makes this call of the cloud: before it is sent, or once the cloud has done its work. */
export interface Crash {
  /** Calls that are spared. */
  readonly after: number;
  readonly when: 'before' | 'after';
}

/** Two machines of one zone, a third of another, a simulated Amazon, and one driver over links without delay. */
export class DriverWorld implements CsiSubject {
  readonly clouds: CloudWorld;
  readonly identity: Client<CsiIdentity>;
  readonly nodes: readonly CsiSubjectNode[];
  readonly mutableParameters: Readonly<Record<string, string>>;
  /** Calls of the cloud by the driver's controller, in order. */
  readonly calls: (keyof CloudApi)[] = [];
  /** Disks and doors that the cloud has ever made for it. */
  readonly made = new Set<string>();
  readonly logged: string[] = [];
  crash: Crash | undefined;
  readonly #kind: DriverKind;
  readonly #kubernetes: Owner;
  readonly #watched: Implementation<CloudApi>;
  #driver: Owner;
  #cloud: Client<CloudApi>;
  #controller: Client<CsiController>;
  #faults: readonly Fault[] = [];

  constructor(kind: DriverKind, cloudOptions: Parameters<typeof awsOptions.parse>[0] = {}) {
    this.#kind = kind;
    this.mutableParameters = kind === 'ebs' ? { iops: '4000' } : {};
    let cloud: AwsCloud | undefined;
    this.clouds = new CloudWorld({ cloud: (given) => (cloud = new AwsCloud({ ...given, options: awsOptions.parse(cloudOptions) })) });
    this.#watched = this.#watch(cloud as AwsCloud);
    this.#kubernetes = this.clouds.kernel.owner('kubernetes');
    [this.#driver, this.#cloud, this.#controller] = this.#start();
    const identity = { getPluginInfo: () => ({ name: kind, vendorVersion: '1' }), getPluginCapabilities: () => ({}), probe: () => ({}) };
    this.identity = link<CsiIdentity>(identity, { service: csiIdentity, from: this.#kubernetes, to: this.clouds.owner });
    this.nodes = ['node-1', 'node-2', 'node-3'].map((name) => this.#machine(name));
  }

  get random() {
    return this.clouds.kernel.random('cases');
  }

  get controller(): Client<CsiController> {
    return this.#controller;
  }

  /** Faults on the controller's calls of the cloud. */
  set faults(faults: readonly Fault[]) {
    this.#faults = faults;
    const way = linkOf(this.#cloud);
    if (way) way.faults = faults;
  }

  settle<T>(process: Process<T>): Promise<T> {
    return this.clouds.kernel.completeAsync(this.#kubernetes, 'case', process);
  }

  run<T>(process: Process<T>): T {
    return this.clouds.kernel.complete(this.#kubernetes, 'test', process);
  }

  /** Makes a call as a side-car does: gives up after 15 s, and tries again until it succeeds. @throws what the last try threw */
  *insist<T>(ask: () => Process<T>): Process<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return yield* timeout(ask(), seconds(15));
      } catch (error) {
        if (attempt === 20) throw error;
      }
      yield* sleep(seconds(Math.min(2 ** attempt, 30)));
    }
  }

  /** The code with which a call is refused; `OK` if it is not. */
  *outcome(call: Process<unknown>): Process<string> {
    try {
      yield* call;
      return 'OK';
    } catch (error) {
      return codeOf(error);
    }
  }

  #start(): [Owner, Client<CloudApi>, Client<CsiController>] {
    const driver = this.clouds.kernel.owner(`csi/${this.#kind}`);
    const cloud = link<CloudApi>(this.#watched, { service: cloudApi, from: driver, to: this.clouds.owner });
    const log = (message: string): void => void this.logged.push(message);
    const controller = this.#kind === 'ebs' ? new EbsController(cloud, log) : new EfsController(cloud, log);
    return [driver, cloud, link<CsiController>(controller, { service: csiController, from: this.#kubernetes, to: driver })];
  }

  #machine(name: string): CsiSubjectNode {
    const host = this.clouds.dataCentre.host(name);
    const start = (): Client<CsiNode> => {
      const to = host.owner.child(`csi/${this.#kind}`);
      const cloud = this.clouds.client(to);
      const node = this.#kind === 'ebs' ? new EbsNode(host, cloud, undefined) : new EfsNode(host, cloud, false);
      return link<CsiNode>(node, { service: csiNode, from: this.#kubernetes, to });
    };
    let node = start();
    return {
      name,
      host,
      get node() {
        return node;
      },
      async powerCycle() {
        host.powerOff();
        host.powerOn();
        node = start();
      },
    };
  }

  /** The cloud as the controller reaches it: it notes what is asked, and brings the controller down when that is wanted. */
  #watch(cloud: AwsCloud): Implementation<CloudApi> {
    const world = this;
    return new Proxy(cloud, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return function* (request: unknown): Process<unknown> {
          const count = world.calls.push(name as keyof CloudApi);
          const dies = world.crash?.after === count - 1 ? world.crash.when : undefined;
          if (dies === 'before') {
            world.#die();
            throw new CallError('UNAVAILABLE', 'the caller is gone');
          }
          const answer: unknown = member.call(target, request);
          const settled = isProcess(answer) ? yield* answer : answer;
          for (const [, id] of JSON.stringify(settled, wordOf).matchAll(/"(?:volumeId|accessPointId|snapshotId)":"([^"]+)"/g))
            if (id) world.made.add(id);
          if (dies === 'after') world.#die();
          return settled;
        };
      },
    });
  }

  #die(): void {
    this.#driver.kill();
    [this.#driver, this.#cloud, this.#controller] = this.#start();
    this.faults = this.#faults;
  }
}

const isProcess = (answer: unknown): answer is Process<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.iterator in answer;

const wordOf = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value);
