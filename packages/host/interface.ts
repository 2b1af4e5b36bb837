import type { NetworkNamespace } from './namespace.ts';

export type InterfaceKind = 'loopback' | 'veth' | 'bridge' | 'vxlan' | 'physical' | 'dummy' | 'ipvlan' | 'macvlan' | 'wireguard' | 'tun';

/** What an interface is made from. */
export interface InterfaceOptions {
  /** At most 15 characters, unique in its namespace. */
  readonly name: string;
  readonly kind: InterfaceKind;
  /** Left out: a locally administered address of its own. */
  readonly mac?: string;
  /** 1500 if left out. */
  readonly mtu?: number;
  /** With prefix, such as `10.244.1.5/24`. */
  readonly addresses?: readonly string[];
  /** True if left out. */
  readonly up?: boolean;
  /** Bridge of the same namespace that this is a port of. */
  readonly master?: string;
  /** Other end of a veth. */
  readonly peer?: { readonly namespace: NetworkNamespace; readonly name: string };
}

/** A network interface. Its namespace's methods change it. */
export class Interface {
  name: string;
  readonly kind: InterfaceKind;
  readonly mtu: number;
  namespace: NetworkNamespace;
  /** With prefix, such as `10.244.1.5/24`. */
  addresses: readonly string[] = [];
  up: boolean;
  master: string | undefined;
  /** Other end of a veth, wherever it is. */
  peer: Interface | undefined;
  readonly #mac: string | undefined;
  readonly #number: number;

  /** @param number counted per host; makes the hardware address its own */
  constructor(namespace: NetworkNamespace, options: InterfaceOptions, number: number) {
    this.namespace = namespace;
    this.name = options.name;
    this.kind = options.kind;
    this.mtu = options.mtu ?? 1500;
    this.up = options.up ?? true;
    this.master = options.master;
    this.#mac = options.mac;
    this.#number = number;
  }

  /** Hardware address, lower case. */
  get mac(): string {
    return this.#mac ?? macOf(this.namespace.network.host.name, this.#number);
  }
}

/** A locally administered address from the host's name (FNV-1a, 24 bits) and a number on it. */
function macOf(host: string, number: number): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < host.length; at += 1) hash = Math.imul(hash ^ host.charCodeAt(at), 0x01000193);
  const bytes = [0x02, hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, (number >> 8) & 255, number & 255];
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
