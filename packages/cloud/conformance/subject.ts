import { type Client, codeOf, type ConformanceCase, messageOf, must, type Process, seconds, sleep } from '@slipway/kernel';
import type { CloudApi } from '../contract.ts';
import type { CloudCode } from '../errors.ts';
import type * as m from '../messages.ts';
import type { CloudNetwork, DataCentre } from '../plugin.ts';

/** A cloud that is to be judged. Each `connect` gives a fresh one over a link without delay or faults. */
export interface CloudSubject {
  readonly cloud: Client<CloudApi>;
  /** With at least two machines in one zone; cases about zones want a third in another one. */
  readonly dataCentre: DataCentre;
  /** The cloud's share of the data path. Left out: cases about it are skipped. */
  readonly network?: CloudNetwork | undefined;
  settle<T>(process: Process<T>): Promise<T>;
}

export type CloudCase = ConformanceCase<CloudSubject>;

/** Two machines of one zone, and one elsewhere if there is one. */
interface Places {
  readonly here: m.Instance;
  readonly beside: m.Instance;
  readonly elsewhere: m.Instance | undefined;
}

/** A subject with the moves that the cases are made of. */
export class CloudBench {
  readonly subject: CloudSubject;
  #tokens = 0;

  constructor(subject: CloudSubject) {
    this.subject = subject;
  }

  get cloud(): Client<CloudApi> {
    return this.subject.cloud;
  }

  settle<T>(process: Process<T>): Promise<T> {
    return this.subject.settle(process);
  }

  /** A token that no order has had. */
  token(): string {
    this.#tokens += 1;
    return `conformance-${this.#tokens}`;
  }

  async places(): Promise<Places> {
    const { instances } = await this.settle(this.cloud.describeInstances({}));
    for (const here of instances) {
      const beside = instances.find((other) => other !== here && other.zone === here.zone);
      if (beside) return { here, beside, elsewhere: instances.find(({ zone }) => zone !== here.zone) };
    }
    throw new Error('the subject has no two machines in one zone');
  }

  /** Asks again each second until it holds, for an hour at most. */
  async until<T>(what: string, ask: () => Process<T>, holds: (answer: T) => boolean): Promise<T> {
    for (let second = 0; second < 3_600; second += 1) {
      const answer = await this.settle(ask());
      if (holds(answer)) return answer;
      await this.settle(sleep(seconds(1)));
    }
    throw new Error(`expected within an hour: ${what}`);
  }

  async instance(instanceId: string): Promise<m.Instance> {
    const { instances } = await this.settle(this.cloud.describeInstances({ instanceIds: [instanceId] }));
    must(instances.length === 1 && instances[0] !== undefined, `${instanceId} is described once`);
    return instances[0];
  }

  untilInstance(instanceId: string, state: m.InstanceState): Promise<unknown> {
    return this.until(
      `${instanceId} is ${state}`,
      () => this.cloud.describeInstances({ instanceIds: [instanceId] }),
      ({ instances }) => instances[0]?.state === state,
    );
  }

  async disk(volumeId: string): Promise<m.CloudDisk> {
    const { volumes } = await this.settle(this.cloud.describeVolumes({ volumeIds: [volumeId] }));
    must(volumes.length === 1 && volumes[0] !== undefined, `${volumeId} is described once`);
    return volumes[0];
  }

  /** A disk that is ready to be attached. */
  async newDisk(zone: string, more: Partial<m.CreateDiskRequest> = {}): Promise<m.CloudDisk> {
    const { volume } = await this.settle(this.cloud.createVolume({ clientToken: this.token(), zone, sizeGiB: 10, ...more }));
    return this.untilDisk(volume.volumeId, ({ state }) => state === 'available', 'available');
  }

  async untilDisk(volumeId: string, holds: (disk: m.CloudDisk) => boolean, what: string): Promise<m.CloudDisk> {
    await this.until(
      `${volumeId} is ${what}`,
      () => this.cloud.describeVolumes({ volumeIds: [volumeId] }),
      ({ volumes: [disk] }) => disk !== undefined && holds(disk),
    );
    return this.disk(volumeId);
  }

  async attach({ volumeId }: m.CloudDisk, { instanceId }: m.Instance): Promise<m.DiskAttachment> {
    await this.settle(this.cloud.attachVolume({ volumeId, instanceId }));
    const disk = await this.untilDisk(volumeId, ({ attachments: [first] }) => first?.state === 'attached', 'attached');
    must(disk.attachments[0] !== undefined, 'an attached disk says where');
    return disk.attachments[0];
  }

  async detach({ volumeId }: m.CloudDisk): Promise<void> {
    await this.settle(this.cloud.detachVolume({ volumeId }));
    await this.untilDisk(volumeId, ({ state }) => state === 'available', 'detached');
  }

  /** The device as its machine has it. */
  device({ instanceId: _, device }: m.DiskAttachment, { name }: m.Instance) {
    return this.subject.dataCentre.machines.get(name)?.host.devices.get(device);
  }

  /** Runs what must be refused with this code. */
  async refused(process: Process<unknown>, code: CloudCode, what: string): Promise<void> {
    let failure: unknown;
    try {
      await this.settle(process);
    } catch (error) {
      failure = error;
    }
    must(failure !== undefined, `${what} is refused with ${code}, not granted`);
    must(codeOf(failure) === code, `${what} is refused with ${code}, not ${codeOf(failure)} (${messageOf(failure)})`);
  }
}

/** One case. */
export function cloudCase(
  id: string,
  title: string,
  source: string,
  run: (bench: CloudBench) => Promise<{ readonly skipped: string } | void>,
): CloudCase {
  return { id: `cloud.${id}`, title, source, run: async (connect) => run(new CloudBench(await connect())) };
}
