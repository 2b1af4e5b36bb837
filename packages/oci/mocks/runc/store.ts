import type { Host } from '@slipway/host';
import { codeOf, type Owner } from '@slipway/kernel';
import { Container, type ContainerRecord } from './container.ts';

/**
 * The runtime's containers on one machine: records in memory files under its root, `/run/runc`, which go with power, and an index over them.
 * A new process of the runtime finds what an old one made.
 */
export class ContainerStore {
  readonly #host: Host;
  readonly #root: string;
  #boot: Owner | undefined;
  #containers = new Map<string, Container>();

  constructor(host: Host, root: string) {
    this.#host = host;
    this.#root = root;
  }

  find(id: string): Container | undefined {
    return this.#all().get(id);
  }

  /** By id. */
  list(): readonly Container[] {
    return [...this.#all().values()].sort((a, b) => (a.record.id < b.record.id ? -1 : 1));
  }

  add(container: Container): void {
    const { record } = container;
    const all = this.#all();
    this.#host.files.write(this.#file(record.id), JSON.stringify(record), { parents: true, atomic: true });
    all.set(record.id, container);
  }

  remove(id: string): void {
    this.#all().delete(id);
    this.#host.files.remove(`${this.#root}/${id}`, { recursive: true });
  }

  /** The index of this boot; after a power loss, or in a new process, made anew from the files that there are. */
  #all(): Map<string, Container> {
    if (this.#boot === this.#host.owner) return this.#containers;
    this.#boot = this.#host.owner;
    this.#containers = new Map();
    for (const id of this.#ids()) {
      const container = this.#load(id);
      if (container) this.#containers.set(id, container);
    }
    return this.#containers;
  }

  #ids(): readonly string[] {
    try {
      return this.#host.files.list(this.#root);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  #load(id: string): Container | undefined {
    const { files, network, processes } = this.#host;
    // A folder without a record is of a `create` that was cut off before it made anything.
    if (!files.exists(this.#file(id))) return undefined;
    const record = JSON.parse(files.readText(this.#file(id))) as ContainerRecord;
    const process = processes.get(record.pid);
    const limit = process?.spec.memoryLimitBytes ?? Number.POSITIVE_INFINITY;
    return new Container(record, network.get(record.network) ?? network.root, process, { creating: false, memoryLimitBytes: limit });
  }

  #file(id: string): string {
    return `${this.#root}/${id}/state.json`;
  }
}
