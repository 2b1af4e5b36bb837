import { type Process, spawn } from '@slipway/kernel';
import { CloudError } from '../../errors.ts';
import type * as m from '../../messages.ts';
import { carryOut } from './carry-out.ts';
import type { BookedDisk } from './disks.ts';
import type { BookedInstance, Instances } from './instances.ts';
import type { Region } from './region.ts';

interface Slot {
  readonly instance: BookedInstance;
  readonly device: string;
  readonly disk: BookedDisk;
  state: m.DiskAttachment['state'];
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** In the order in which they are given out. Source: aws-ebs-csi-driver pkg/cloud/devicemanager/device_names.go. */
const DEVICES: readonly string[] = [...'abcd'].flatMap((first) => [...LETTERS].map((second) => `/dev/xvd${first}${second}`));

/** Which disk is plugged in where. One machine at a time, each machine up to its limit. */
export class Attachments {
  readonly #region: Region;
  readonly #instances: Instances;
  readonly #byDisk = new Map<string, Slot>();
  readonly #byInstance = new Map<BookedInstance, Map<string, Slot>>();

  constructor(region: Region, instances: Instances) {
    this.#region = region;
    this.#instances = instances;
    instances.onEnd((instance) => {
      for (const slot of [...(this.#byInstance.get(instance)?.values() ?? [])]) this.#release(slot);
    });
  }

  of({ id }: BookedDisk): m.DiskAttachment | undefined {
    const slot = this.#slot(id);
    return slot ? view(slot) : undefined;
  }

  *attach(disk: BookedDisk, instanceId: string, wanted: string | undefined): Process<m.DiskAttachment> {
    const instance = this.#instances.need(instanceId);
    const taken = this.#slot(disk.id);
    if (taken) {
      if (taken.instance === instance && taken.state !== 'detaching') return view(taken);
      throw new CloudError('VolumeInUse', `${disk.id} is already attached to an instance`);
    }
    const state = this.#instances.stateOf(instance);
    if (state === 'pending' || state === 'shutting-down' || state === 'terminated')
      throw new CloudError('IncorrectState', `Instance '${instanceId}' is not 'running'.`);
    if (instance.zone !== disk.zone)
      throw new CloudError(
        'InvalidVolume.ZoneMismatch',
        `The volume '${disk.id}' is not in the same availability zone as instance '${instanceId}'`,
      );
    const slots = this.#byInstance.get(instance) ?? new Map<string, Slot>();
    if (slots.size >= this.#instances.typeOf(instance).attachLimit)
      throw new CloudError(
        'AttachmentLimitExceeded',
        `Attachment limit exceeded for instance '${instanceId}': the maximum is ${slots.size} volumes`,
      );
    const device = wanted ?? DEVICES.find((name) => !slots.has(name));
    if (device === undefined || slots.has(device))
      throw new CloudError(
        'InvalidParameterValue',
        `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
      );
    const slot: Slot = { instance, device, disk, state: 'attaching' };
    this.#byInstance.set(instance, slots.set(device, slot));
    this.#byDisk.set(disk.id, slot);
    yield* spawn(
      `attach ${disk.id}`,
      carryOut(this.#region, this.#region.options.attach, () => this.#plug(slot)),
    );
    return view(slot);
  }

  *detach(disk: BookedDisk, instanceId: string | undefined, force: boolean): Process<m.Empty> {
    const slot = this.#slot(disk.id);
    if (!slot) throw new CloudError('IncorrectState', `Volume '${disk.id}' is in the 'available' state.`);
    if (instanceId !== undefined && slot.instance.id !== instanceId)
      throw new CloudError('InvalidAttachment.NotFound', `The volume '${disk.id}' is not attached to instance '${instanceId}'`);
    if (force) this.#release(slot);
    else if (slot.state !== 'detaching') {
      slot.state = 'detaching';
      yield* spawn(
        `detach ${disk.id}`,
        carryOut(this.#region, this.#region.options.detach, () => this.#release(slot)),
      );
    }
    return {};
  }

  #plug(slot: Slot): void {
    if (this.#slot(slot.disk.id) !== slot || slot.state !== 'attaching') return;
    slot.instance.machine?.host.devices.set(slot.device, slot.disk.disk);
    slot.state = 'attached';
  }

  /** The disk's slot, once it is certain that the machine still exists. */
  #slot(diskId: string): Slot | undefined {
    const slot = this.#byDisk.get(diskId);
    if (slot) this.#instances.stateOf(slot.instance);
    return this.#byDisk.get(diskId);
  }

  #release(slot: Slot): void {
    const { disk, instance, device } = slot;
    if (this.#byDisk.get(disk.id) !== slot) return;
    this.#byDisk.delete(disk.id);
    const slots = this.#byInstance.get(instance);
    slots?.delete(device);
    if (slots?.size === 0) this.#byInstance.delete(instance);
    const devices = instance.machine?.host.devices;
    if (devices?.get(device) === disk.disk) devices.delete(device);
  }
}

const view = ({ instance, device, disk, state }: Slot): m.DiskAttachment => ({ volumeId: disk.id, instanceId: instance.id, device, state });
