import type { Random } from '@slipway/kernel';
import { invalid, invalidValue, type Kind, type Service, type ServicePort, type ServiceSpec, internalError, isEqual } from '@slipway/kube';
import { wantsNodePorts } from './service-update.ts';

/** A range of numbers of which some are taken. The lower band is left for explicit requests until the rest is used up. */
class NumberPool {
  readonly first: number;
  readonly size: number;
  readonly #reserved: number;
  readonly #taken = new Set<number>();
  readonly #random: Random;

  constructor(first: number, size: number, reserved: number, random: Random) {
    this.first = first;
    this.size = size;
    this.#reserved = reserved;
    this.#random = random;
  }

  contains(number: number): boolean {
    return number >= this.first && number < this.first + this.size;
  }

  /** False when somebody has it. */
  take(number: number): boolean {
    if (this.#taken.has(number)) return false;
    this.#taken.add(number);
    return true;
  }

  release(number: number): void {
    this.#taken.delete(number);
  }

  /** A free number, taken; undefined when none is left. */
  takeAny(): number | undefined {
    return this.#takeFrom(this.#reserved, this.size) ?? this.#takeFrom(0, this.#reserved);
  }

  /** From a random place on, the first that is free. */
  #takeFrom(low: number, high: number): number | undefined {
    if (high <= low) return undefined;
    const start = this.#random.integer(low, high - 1);
    for (let step = 0; step < high - low; step++) {
      const offset = low + ((start - low + step) % (high - low));
      if (this.take(this.first + offset)) return this.first + offset;
    }
    return undefined;
  }
}

export interface ServiceNumbersOptions {
  readonly cidr: string;
  readonly nodePorts: { readonly first: number; readonly last: number };
  readonly random: Random;
}

/**
 * Cluster addresses and node ports of Services. Source: `pkg/registry/core/service/{ipallocator,portallocator,storage}`: random, with the
 * lower min(max(16, size/16), 256) addresses and min(max(16, size/32), 128) ports left for explicit requests; freed with the removal.
 */
export class ServiceNumbers {
  readonly #addresses: NumberPool;
  readonly #ports: NumberPool;
  readonly #cidr: string;

  constructor({ cidr, nodePorts, random }: ServiceNumbersOptions) {
    const [base = '', bits = '32'] = cidr.split('/');
    // Neither the network's own address nor the broadcast address is given away.
    const hosts = 2 ** (32 - Number(bits)) - 2;
    this.#cidr = cidr;
    this.#addresses = new NumberPool(toNumber(base) + 1, hosts, Math.min(Math.max(16, Math.floor(hosts / 16)), 256), random);
    const ports = nodePorts.last - nodePorts.first + 1;
    this.#ports = new NumberPool(nodePorts.first, ports, Math.min(Math.max(16, Math.floor(ports / 32)), 128), random);
  }

  /** The first address: of the Service `kubernetes`. */
  get firstAddress(): string {
    return toAddress(this.#addresses.first);
  }

  /**
   * Gives a Service what it lacks, and takes back what an update lets go.
   *
   * @throws ApiError Invalid for a number that is taken or out of range; then nothing has changed.
   */
  assign(service: Service, old: Service | undefined, kind: Kind): Service {
    const taken: (() => void)[] = [];
    try {
      const spec = this.#assignPorts(this.#assignAddress(service.spec, old?.spec, kind, service, taken), old?.spec, kind, service, taken);
      if (old) this.#releaseUnused(spec, old.spec);
      return isEqual(spec, service.spec) ? service : { ...service, spec };
    } catch (error) {
      for (const undo of taken) undo();
      throw error;
    }
  }

  /** The Service has been removed. */
  release({ spec }: Service): void {
    this.#releaseUnused({}, spec);
  }

  #assignAddress(spec: ServiceSpec, old: ServiceSpec | undefined, kind: Kind, service: Service, taken: (() => void)[]): ServiceSpec {
    if (spec.type === 'ExternalName') {
      const { clusterIP: _address, clusterIPs: _addresses, ipFamilies: _families, ipFamilyPolicy: _policy, ...rest } = spec;
      return rest;
    }
    const families = { ipFamilies: spec.ipFamilies ?? ['IPv4'], ipFamilyPolicy: spec.ipFamilyPolicy ?? 'SingleStack' } as const;
    if (spec.clusterIP === 'None') return { ...spec, ...families, clusterIPs: ['None'] };
    if (spec.clusterIP !== undefined && spec.clusterIP !== '') {
      if (spec.clusterIP !== old?.clusterIP) this.#takeAddress(spec.clusterIP, kind, service, taken);
      return { ...spec, ...families, clusterIPs: [spec.clusterIP] };
    }
    const number = this.#addresses.takeAny();
    if (number === undefined) throw internalError(`failed to allocate a serviceIP: range is full`);
    taken.push(() => this.#addresses.release(number));
    const address = toAddress(number);
    return { ...spec, ...families, clusterIP: address, clusterIPs: [address] };
  }

  #takeAddress(address: string, kind: Kind, service: Service, taken: (() => void)[]): void {
    const number = toNumber(address);
    const refuse = (why: string): Error =>
      invalid(kind, service.metadata.name, [invalidValue('spec.clusterIPs', [address], `failed to allocate IP ${address}: ${why}`)]);
    if (!this.#addresses.contains(number)) {
      throw refuse(`the provided IP (${address}) is not in the valid range. The range of valid IPs is ${this.#cidr}`);
    }
    if (!this.#addresses.take(number)) throw refuse('provided IP is already allocated');
    taken.push(() => this.#addresses.release(number));
  }

  #assignPorts(spec: ServiceSpec, old: ServiceSpec | undefined, kind: Kind, service: Service, taken: (() => void)[]): ServiceSpec {
    if (!wantsNodePorts(spec)) {
      if (!spec.ports?.some(({ nodePort }) => nodePort !== undefined)) return spec;
      return { ...spec, ports: spec.ports.map(({ nodePort: _port, ...rest }) => rest) };
    }
    const before = new Set((old?.ports ?? []).map(({ nodePort }) => nodePort));
    // One number may serve two protocols of the same Service.
    const own = new Map<number, Set<string>>();
    const ports = (spec.ports ?? []).map((port): ServicePort => {
      const wanted = port.nodePort;
      if (wanted === undefined || wanted === 0) {
        const number = this.#ports.takeAny();
        if (number === undefined) throw internalError('failed to allocate a nodePort: range is full');
        taken.push(() => this.#ports.release(number));
        return { ...port, nodePort: number };
      }
      const protocols = own.get(wanted) ?? new Set();
      const shared = protocols.size > 0 && !protocols.has(port.protocol ?? 'TCP');
      own.set(wanted, protocols.add(port.protocol ?? 'TCP'));
      if (!before.has(wanted) && !shared) this.#takePort(wanted, kind, service, taken);
      return port;
    });
    return { ...spec, ports };
  }

  #takePort(port: number, kind: Kind, service: Service, taken: (() => void)[]): void {
    const refuse = (why: string): Error => invalid(kind, service.metadata.name, [invalidValue('spec.ports[0].nodePort', port, why)]);
    if (!this.#ports.contains(port)) {
      const last = this.#ports.first + this.#ports.size - 1;
      throw refuse(`provided port is not in the valid range. The range of valid ports is ${this.#ports.first}-${last}`);
    }
    if (!this.#ports.take(port)) throw refuse('provided port is already allocated');
    taken.push(() => this.#ports.release(port));
  }

  #releaseUnused(now: ServiceSpec, before: ServiceSpec): void {
    if (before.clusterIP !== undefined && before.clusterIP !== 'None' && before.clusterIP !== now.clusterIP) {
      this.#addresses.release(toNumber(before.clusterIP));
    }
    const kept = new Set((now.ports ?? []).map(({ nodePort }) => nodePort));
    for (const { nodePort } of before.ports ?? []) if (nodePort !== undefined && !kept.has(nodePort)) this.#ports.release(nodePort);
  }
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
