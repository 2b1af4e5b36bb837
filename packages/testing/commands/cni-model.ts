import type { Result } from '@slipway/cni';
import type { CniSubject } from '@slipway/cni/conformance';
import { must } from '@slipway/kernel';

/** One interface that the runtime has asked for. */
export interface ModelAttachment {
  readonly containerId: string;
  readonly ifname: string;
  readonly result: Result;
  /** Without prefix length. */
  readonly addresses: readonly string[];
}

/** The simplest network: who is in, and with which addresses. */
export class CniModel {
  readonly capacity: number | undefined;
  /** By container and interface. */
  readonly attached = new Map<string, ModelAttachment>();
  /** What ADD last answered to whoever is out again. */
  readonly left = new Map<string, Result>();
  /** Paths of the namespaces that exist, by container. */
  readonly namespaces = new Map<string, string>();
  /** Paths of namespaces that are gone. */
  readonly lost = new Map<string, string>();

  constructor({ capacity }: CniSubject) {
    this.capacity = capacity;
  }

  get full(): boolean {
    return this.capacity !== undefined && this.attached.size >= this.capacity;
  }

  /** Whether the container has any interface. */
  has(containerId: string): boolean {
    return [...this.attached.values()].some((attachment) => attachment.containerId === containerId);
  }

  enter(key: string, attachment: ModelAttachment): void {
    this.attached.set(key, attachment);
    this.left.delete(key);
  }

  leave(key: string): void {
    const attachment = this.attached.get(key);
    if (attachment === undefined) return;
    this.attached.delete(key);
    this.left.set(key, attachment.result);
  }

  /** Attachments whose namespace is gone: what a runtime stops to claim before GC. */
  stale(): readonly string[] {
    return [...this.attached].filter(([, { containerId }]) => !this.namespaces.has(containerId)).map(([key]) => key);
  }

  /** What holds after every step: everyone who is in has the interface, and the addresses that ADD answered. */
  verify({ host }: CniSubject): void {
    for (const { containerId, ifname, addresses } of this.attached.values()) {
      const path = this.namespaces.get(containerId);
      if (path === undefined) continue;
      const namespace = host.network.get(path);
      must(namespace?.interfaces.has(ifname) ?? false, `${containerId} still has ${ifname}`);
      for (const address of addresses) must(namespace?.has(address) ?? false, `${address} is still at ${ifname} of ${containerId}`);
    }
  }

  /** Who has the address. */
  holderOf(address: string): string | undefined {
    for (const [key, { addresses }] of this.attached) if (addresses.includes(address)) return key;
    return undefined;
  }
}
