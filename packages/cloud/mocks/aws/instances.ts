import { hours, type Micros, type Process, spawn } from '@slipway/kernel';
import { CloudError } from '../../errors.ts';
import type * as m from '../../messages.ts';
import type { Machine } from '../../plugin.ts';
import { carryOut } from './carry-out.ts';
import { INSTANCE_TYPES, type InstanceType } from './instance-types.ts';
import { awsId, privateDns } from './names.ts';
import { Orders } from './orders.ts';
import { bump, defaultZone, isZone, type Region, zonesOf } from './region.ts';

/** Terminated machines stay visible for so long. Source: Amazon EC2 User Guide, "Terminate Amazon EC2 instances". */
const VISIBLE = hours(1);

/** A machine as the cloud has it in its books. */
export interface BookedInstance {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly tags: m.Tags;
  /** Undefined until an order is carried out. */
  machine: Machine | undefined;
  /** What the cloud is doing with it. */
  doing: 'pending' | 'stopping' | 'shutting-down' | undefined;
  endedAt: Micros | undefined;
}

/** Machines: those that stand in the data centre, whoever put them there, and those that were ordered. */
export class Instances {
  readonly #region: Region;
  readonly #orders = new Orders();
  readonly #byId = new Map<string, BookedInstance>();
  readonly #byName = new Map<string, BookedInstance>();
  readonly #generations = new Map<string, number>();
  readonly #endings: ((instance: BookedInstance) => void)[] = [];

  constructor(region: Region) {
    this.#region = region;
  }

  /** Calls back when it is noticed that a machine is gone for good. */
  onEnd(callback: (instance: BookedInstance) => void): void {
    this.#endings.push(callback);
  }

  /** @throws CloudError InvalidInstanceID.NotFound */
  need(id: string): BookedInstance {
    const instance = this.find(id);
    if (!instance) throw new CloudError('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
    return instance;
  }

  find(id: string): BookedInstance | undefined {
    // The data centre does not tell of new machines; one that is not in the books yet is looked for once.
    if (!this.#byId.has(id)) this.#takeStock();
    const instance = this.#byId.get(id);
    if (instance) this.#settle(instance);
    return this.#byId.get(id);
  }

  stateOf(instance: BookedInstance): m.InstanceState {
    this.#settle(instance);
    if (instance.endedAt !== undefined) return 'terminated';
    if (instance.doing) return instance.doing;
    return instance.machine?.host.on ? 'running' : 'stopped';
  }

  typeOf({ instanceType }: BookedInstance): InstanceType {
    const { options } = this.#region;
    const type = INSTANCE_TYPES.get(instanceType) ?? INSTANCE_TYPES.get(options.instanceType);
    if (!type) throw new CloudError('InvalidParameterValue', `Invalid value '${instanceType}' for InstanceType.`);
    return type;
  }

  describeZones(): m.DescribeZonesResponse {
    return { region: this.#region.options.region, zones: zonesOf(this.#region) };
  }

  *runInstance(order: m.RunInstanceRequest): Process<m.InstanceResponse> {
    const { options } = this.#region;
    const known = this.#orders.find(order.clientToken, order);
    if (known !== undefined) return { instance: this.#view(this.need(known)) };
    const instanceType = order.instanceType ?? options.instanceType;
    if (!INSTANCE_TYPES.has(instanceType))
      throw new CloudError('InvalidParameterValue', `Invalid value '${instanceType}' for InstanceType.`);
    const zone = order.zone ?? defaultZone(this.#region);
    if (!isZone(this.#region, zone)) throw new CloudError('InvalidParameterValue', `Invalid availability zone: [${zone}]`);
    const standing = this.#region.dataCentre.machines.get(order.name);
    const namesake = standing ? this.#adopt(standing) : this.#byName.get(order.name);
    if (namesake && this.stateOf(namesake) !== 'terminated')
      throw new CloudError('InvalidParameterValue', `The name '${order.name}' is already used by ${namesake.id}`);
    if (this.#isFull(zone))
      throw new CloudError(
        'InsufficientInstanceCapacity',
        `We currently do not have sufficient ${instanceType} capacity in the Availability Zone you requested (${zone}).`,
      );
    const instance = this.#book(order.name, zone, instanceType, order.tags ?? {}, undefined);
    instance.doing = 'pending';
    this.#orders.note(order.clientToken, order, instance.id);
    bump(this.#region);
    yield* spawn(
      `boot ${instance.id}`,
      carryOut(this.#region, options.boot, () => this.#boot(instance)),
    );
    return { instance: this.#view(instance) };
  }

  describeInstances({ instanceIds, names }: m.DescribeInstancesRequest): m.DescribeInstancesResponse {
    if (!instanceIds && !names) this.#takeStock();
    const chosen = new Set<BookedInstance>();
    for (const id of instanceIds ?? []) chosen.add(this.need(id));
    for (const name of names ?? []) {
      const machine = this.#region.dataCentre.machines.get(name);
      if (machine) chosen.add(this.#adopt(machine));
      const booked = this.#byName.get(name);
      if (booked) chosen.add(booked);
    }
    if (!instanceIds && !names) for (const instance of this.#byId.values()) chosen.add(instance);
    for (const instance of chosen) this.#settle(instance);
    const visible = [...chosen].filter(({ id }) => this.#byId.has(id)).sort((a, b) => (a.id < b.id ? -1 : 1));
    return { instances: visible.map((instance) => this.#view(instance)) };
  }

  *stopInstance({ instanceId }: m.InstanceRequest): Process<m.InstanceResponse> {
    const instance = this.need(instanceId);
    const state = this.stateOf(instance);
    if (state === 'running') {
      instance.doing = 'stopping';
      bump(this.#region);
      yield* spawn(
        `stop ${instanceId}`,
        carryOut(this.#region, this.#region.options.stop, () => this.#stop(instance)),
      );
    } else if (state !== 'stopping' && state !== 'stopped') throw wrongState(instanceId, 'stopped');
    return { instance: this.#view(instance) };
  }

  *startInstance({ instanceId }: m.InstanceRequest): Process<m.InstanceResponse> {
    const instance = this.need(instanceId);
    const state = this.stateOf(instance);
    if (state === 'stopped') {
      instance.doing = 'pending';
      bump(this.#region);
      yield* spawn(
        `start ${instanceId}`,
        carryOut(this.#region, this.#region.options.boot, () => this.#boot(instance)),
      );
    } else if (state !== 'pending' && state !== 'running') throw wrongState(instanceId, 'started');
    return { instance: this.#view(instance) };
  }

  *terminateInstance({ instanceId }: m.InstanceRequest): Process<m.InstanceResponse> {
    const instance = this.need(instanceId);
    const state = this.stateOf(instance);
    if (state !== 'shutting-down' && state !== 'terminated') {
      instance.doing = 'shutting-down';
      bump(this.#region);
      yield* spawn(
        `terminate ${instanceId}`,
        carryOut(this.#region, this.#region.options.terminate, () => this.#terminate(instance)),
      );
    }
    return { instance: this.#view(instance) };
  }

  /** Powers on what has been ordered or started, unless something else was ordered meanwhile. */
  #boot(instance: BookedInstance): void {
    if (instance.doing !== 'pending') return;
    const { dataCentre } = this.#region;
    if (!instance.machine)
      instance.machine = dataCentre.launch({ name: instance.name, zone: instance.zone, instanceType: instance.instanceType });
    else if (this.#isThere(instance)) dataCentre.powerOn(instance.name);
    instance.doing = undefined;
    bump(this.#region);
  }

  #stop(instance: BookedInstance): void {
    if (instance.doing !== 'stopping') return;
    if (this.#isThere(instance)) this.#region.dataCentre.powerOff(instance.name);
    instance.doing = undefined;
    bump(this.#region);
  }

  #terminate(instance: BookedInstance): void {
    if (this.#isThere(instance)) this.#region.dataCentre.remove(instance.name);
    this.#end(instance);
  }

  #isThere({ name, machine }: BookedInstance): boolean {
    return machine !== undefined && this.#region.dataCentre.machines.get(name) === machine;
  }

  #isFull(zone: string): boolean {
    const { instancesPerZone } = this.#region.options;
    this.#takeStockOf(instancesPerZone);
    if (this.#byName.size < instancesPerZone) return false;
    let there = 0;
    for (const each of [...this.#byName.values()]) if (each.zone === zone && this.stateOf(each) !== 'terminated') there += 1;
    return there >= instancesPerZone;
  }

  /** Notices that a machine was taken away, and forgets it when it has been gone for long. */
  #settle(instance: BookedInstance): void {
    if (instance.machine && instance.endedAt === undefined && !this.#isThere(instance)) this.#end(instance);
    if (instance.endedAt !== undefined && instance.endedAt + VISIBLE <= this.#region.now()) this.#byId.delete(instance.id);
  }

  #end(instance: BookedInstance): void {
    if (instance.endedAt !== undefined) return;
    instance.endedAt = this.#region.now();
    instance.doing = undefined;
    this.#orders.forget(instance.id);
    if (this.#byName.get(instance.name) === instance) this.#byName.delete(instance.name);
    for (const ending of this.#endings) ending(instance);
    bump(this.#region);
  }

  /** The same, if there are so many machines that it matters. */
  #takeStockOf(count: number): void {
    if (this.#region.dataCentre.machines.size >= count) this.#takeStock();
  }

  /** Enters machines that are not in the books yet. */
  #takeStock(): void {
    for (const machine of this.#region.dataCentre.machines.values()) this.#adopt(machine);
  }

  #adopt(machine: Machine): BookedInstance {
    const { name, zone, instanceType } = machine;
    const known = this.#byName.get(name);
    if (known && (known.machine === machine || known.machine === undefined)) return known;
    if (known) this.#end(known);
    const { options } = this.#region;
    return this.#book(name, zone ?? defaultZone(this.#region), instanceType ?? options.instanceType, {}, machine);
  }

  #book(name: string, zone: string, instanceType: string, tags: m.Tags, machine: Machine | undefined): BookedInstance {
    // The first machine of a name always has the same id; a later one is another machine.
    const generation = (this.#generations.get(name) ?? 0) + 1;
    this.#generations.set(name, generation);
    const id = awsId('i', generation === 1 ? name : `${name}#${generation}`);
    const instance: BookedInstance = { id, name, zone, instanceType, tags, machine, doing: undefined, endedAt: undefined };
    this.#byId.set(id, instance);
    this.#byName.set(name, instance);
    return instance;
  }

  #view(instance: BookedInstance): m.Instance {
    const { id, name, zone, instanceType, tags, machine } = instance;
    const { region, publicIps } = this.#region.options;
    const privateIp = machine?.address.split('/')[0] ?? '';
    return {
      instanceId: id,
      name,
      instanceType,
      zone,
      state: this.stateOf(instance),
      privateIp,
      ...(publicIps && privateIp !== '' ? { publicIp: publicIp(privateIp) } : {}),
      privateDns: privateIp === '' ? '' : privateDns(privateIp, region),
      tags,
    };
  }
}

/** The same machine's address in 198.18.0.0/15, which RFC 2544 keeps for tests: nobody on the Internet has it. */
const publicIp = (privateIp: string): string => `198.18.${privateIp.split('.').slice(2).join('.')}`;

const wrongState = (id: string, what: string): CloudError =>
  new CloudError('IncorrectInstanceState', `The instance '${id}' is not in a state from which it can be ${what}.`);
