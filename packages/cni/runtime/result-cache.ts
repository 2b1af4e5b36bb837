import type { FileSystem } from '@slipway/host';
import type { Result, RuntimeConfig } from '../contract.ts';
import type { AttachmentParameters } from './execute.ts';
import type { Network } from './config-file.ts';

/** One file of the cache. Source: libcni/api.go cachedInfo. The configuration is base64 of the list's JSON there, plain JSON here. */
export interface CachedAttachment {
  readonly kind: 'cniCacheV1';
  readonly containerId: string;
  readonly config: string;
  readonly ifName: string;
  readonly networkName: string;
  readonly netns: string;
  readonly cniArgs?: readonly (readonly [name: string, value: string])[];
  readonly capabilityArgs?: RuntimeConfig;
  readonly result: Result;
}

/**
 * Remembers what each ADD answered, on the host's files, so that DEL and CHECK have it after a restart of the runtime. Spec:
 * "Section 4: Plugin Delegation", "Lifecycle & Ordering"; layout of libcni: one file per attachment.
 */
export class ResultCache {
  readonly #files: FileSystem;
  readonly #directory: string;

  /** @param directory the cache's root, `/var/lib/cni` by custom */
  constructor(files: FileSystem, directory: string) {
    this.#files = files;
    this.#directory = `${directory}/results`;
  }

  add(network: Network, attachment: AttachmentParameters, result: Result): void {
    const entry: CachedAttachment = {
      kind: 'cniCacheV1',
      containerId: attachment.containerId,
      config: JSON.stringify(network),
      ifName: attachment.ifname,
      networkName: network.name,
      netns: attachment.netns ?? '',
      ...(attachment.args ? { cniArgs: Object.entries(attachment.args) } : {}),
      ...(attachment.capabilityArgs ? { capabilityArgs: attachment.capabilityArgs } : {}),
      result,
    };
    this.#files.write(this.#fileOf(network.name, attachment.containerId, attachment.ifname), JSON.stringify(entry), { parents: true });
  }

  /** Undefined when there is none, or when what is there cannot be read: DEL must go on without it. */
  get(network: string, containerId: string, ifname: string): CachedAttachment | undefined {
    return this.#read(this.#fileOf(network, containerId, ifname));
  }

  remove(network: string, containerId: string, ifname: string): void {
    const file = this.#fileOf(network, containerId, ifname);
    if (this.#files.exists(file)) this.#files.remove(file);
  }

  /** All attachments to a network, by file name. */
  list(network: string): readonly CachedAttachment[] {
    if (!this.#files.exists(this.#directory)) return [];
    return this.#files
      .list(this.#directory)
      .filter((name) => name.startsWith(`${network}-`))
      .map((name) => this.#read(`${this.#directory}/${name}`))
      .filter((entry): entry is CachedAttachment => entry?.networkName === network);
  }

  #fileOf(network: string, containerId: string, ifname: string): string {
    return `${this.#directory}/${network}-${containerId}-${ifname}`;
  }

  #read(file: string): CachedAttachment | undefined {
    if (!this.#files.exists(file)) return undefined;
    try {
      const entry = JSON.parse(this.#files.readText(file)) as Partial<CachedAttachment>;
      return entry.kind === 'cniCacheV1' && entry.result ? (entry as CachedAttachment) : undefined;
    } catch {
      return undefined;
    }
  }
}
