import { type Cell, codeOf } from '@slipway/kernel';
import type { Host } from '@slipway/host';
import type * as m from '../../messages/index.ts';
import { Container, type ContainerRecord, type Progress } from './containers/container.ts';
import type { Flavour } from './flavour.ts';
import { LogFile } from './containers/log-file.ts';
import { Sandbox, type SandboxRecord } from './sandboxes/sandbox.ts';

/**
 * Sandboxes and containers of one node, by id and by name. What must survive a restart is on the disk as well: a record when a thing is
 * made, and a small file beside it at each change.
 */
export class RuntimeStore {
  readonly sandboxes = new Map<string, Sandbox>();
  readonly containers = new Map<string, Container>();
  /** Set whenever a list of sandboxes or containers would read differently. */
  readonly changed: Cell<number>;
  readonly #host: Host;
  readonly #flavour: Flavour;
  /** Who holds a name: an id, also of a thing that is still being made. */
  readonly #names = new Map<string, string>();

  constructor(host: Host, flavour: Flavour, changed: Cell<number>) {
    this.#host = host;
    this.#flavour = flavour;
    this.changed = changed;
  }

  /** Takes a name. Returns who has it already, or undefined when it is now the asker's. */
  reserve(name: string, id: string): string | undefined {
    const holder = this.#names.get(name);
    if (holder === undefined) this.#names.set(name, id);
    return holder;
  }

  /** Gives a name back, if this one holds it. */
  release(name: string, id: string): void {
    if (this.#names.get(name) === id) this.#names.delete(name);
  }

  sandbox(idOrPrefix: string): Sandbox | undefined {
    return this.sandboxes.get(idOrPrefix) ?? byPrefix(this.sandboxes, idOrPrefix);
  }

  container(idOrPrefix: string): Container | undefined {
    return this.containers.get(idOrPrefix) ?? byPrefix(this.containers, idOrPrefix);
  }

  /** @throws HostError ENOSPC, and then nobody knows of it */
  addSandbox(sandbox: Sandbox): void {
    this.#write(this.#sandboxFile(sandbox.id), sandbox.record);
    this.sandboxes.set(sandbox.id, sandbox);
    this.#bump();
  }

  /** Adds one of which something is left that has to go later. On a full disk only this life of the daemon knows of it. */
  keepSandbox(sandbox: Sandbox): void {
    this.sandboxes.set(sandbox.id, sandbox);
    try {
      this.#write(this.#sandboxFile(sandbox.id), sandbox.record);
    } catch (error) {
      if (codeOf(error) !== 'ENOSPC') throw error;
    }
    this.#bump();
  }

  changeSandbox(sandbox: Sandbox, changes: Partial<SandboxRecord>): void {
    sandbox.change(changes);
    if (!this.sandboxes.has(sandbox.id)) return;
    this.#write(this.#sandboxFile(sandbox.id), sandbox.record);
    this.#bump();
  }

  removeSandbox(sandbox: Sandbox): void {
    this.sandboxes.delete(sandbox.id);
    this.release(this.#flavour.sandboxName(sandbox.config.metadata), sandbox.id);
    this.#host.files.remove(this.#sandboxFile(sandbox.id), { recursive: true });
    this.#bump();
  }

  /** @throws HostError ENOSPC, and then nobody knows of it */
  addContainer(container: Container): void {
    this.#write(this.#containerFile(container.id, 'config'), container.record);
    this.#write(this.#containerFile(container.id, 'status'), container.progress.value);
    this.containers.set(container.id, container);
    container.sandbox.containers.set(container.id, container);
    this.#bump();
  }

  changeContainer(container: Container, changes: Partial<Progress>): void {
    const progress = { ...container.progress.value, ...changes };
    container.progress.set(progress);
    if (!this.containers.has(container.id)) return;
    this.#write(this.#containerFile(container.id, 'status'), progress);
    this.#bump();
  }

  removeContainer(container: Container): void {
    this.containers.delete(container.id);
    container.sandbox.containers.delete(container.id);
    this.release(this.#flavour.containerName(container.sandbox.config.metadata, container.record.config.metadata), container.id);
    this.#host.files.remove(this.#containerFile(container.id, 'config'), { recursive: true });
    this.#host.files.remove(this.#containerFile(container.id, 'status'), { recursive: true });
    this.#bump();
  }

  logFileOf(path: string): LogFile | undefined {
    return path === '' ? undefined : new LogFile(this.#host.files, path, this.#flavour.log, () => this.#host.kernel.unixMicros);
  }

  /** Reads what a life before this one left on the disk; states are as they were then. */
  load(): void {
    this.sandboxes.clear();
    this.containers.clear();
    this.#names.clear();
    for (const record of this.#readAll<SandboxRecord>('sandboxes', '.json')) {
      this.sandboxes.set(record.id, new Sandbox(record));
      this.reserve(this.#flavour.sandboxName(record.config.metadata), record.id);
    }
    for (const record of this.#readAll<ContainerRecord>('containers', '.config.json')) {
      const sandbox = this.sandboxes.get(record.sandboxId);
      const status = this.#containerFile(record.id, 'status');
      // A crash between two writes leaves half a thing behind; nobody knows of it, so nobody misses it.
      if (!sandbox || !this.#host.files.exists(status)) continue;
      const progress = JSON.parse(this.#host.files.readText(status)) as Progress;
      const container = new Container(record, sandbox, progress, this.logFileOf(record.logPath));
      this.containers.set(record.id, container);
      sandbox.containers.set(record.id, container);
      this.reserve(this.#flavour.containerName(sandbox.config.metadata, record.config.metadata), record.id);
    }
  }

  listSandboxes(filter: m.PodSandboxFilter = {}): readonly m.PodSandbox[] {
    if (filter.id) {
      const found = this.sandbox(filter.id);
      return found && matchesSandbox(found.listed, filter) ? [found.listed] : [];
    }
    const items: m.PodSandbox[] = [];
    for (const sandbox of this.sandboxes.values()) if (matchesSandbox(sandbox.listed, filter)) items.push(sandbox.listed);
    return items;
  }

  /** The containers that a filter lets through; of one sandbox, only its own are looked at. */
  selectContainers(filter: m.ContainerFilter = {}): readonly Container[] {
    const pool = filter.id
      ? one(this.container(filter.id))
      : filter.podSandboxId
        ? this.sandbox(filter.podSandboxId)?.containers.values()
        : this.containers.values();
    const selected: Container[] = [];
    for (const container of pool ?? []) if (matchesContainer(container, filter, this)) selected.push(container);
    return selected;
  }

  #bump(): void {
    this.changed.set(this.changed.value + 1);
  }

  #write(file: string, value: unknown): void {
    this.#host.files.write(file, JSON.stringify(value), { parents: true, atomic: true });
  }

  #sandboxFile(id: string): string {
    return `${this.#flavour.root}/sandboxes/${id}.json`;
  }

  #containerFile(id: string, part: 'config' | 'status'): string {
    return `${this.#flavour.root}/containers/${id}.${part}.json`;
  }

  #readAll<T extends { readonly createdAt: number; readonly id: string }>(folder: string, ending: string): readonly T[] {
    const path = `${this.#flavour.root}/${folder}`;
    if (!this.#host.files.exists(path)) return [];
    const records = this.#host.files
      .list(path)
      .filter((name) => name.endsWith(ending))
      .map((name) => JSON.parse(this.#host.files.readText(`${path}/${name}`)) as T);
    // In the order in which they were made, as before.
    return records.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  }
}

const one = <T>(item: T | undefined): readonly T[] => (item === undefined ? [] : [item]);

/** People shorten ids. An ambiguous beginning stands for nothing. */
function byPrefix<T>(all: ReadonlyMap<string, T>, prefix: string): T | undefined {
  if (prefix === '' || prefix.length >= 64) return undefined;
  let found: T | undefined;
  for (const [id, item] of all) {
    if (!id.startsWith(prefix)) continue;
    if (found !== undefined) return undefined;
    found = item;
  }
  return found;
}

function matchesSandbox(listed: m.PodSandbox, filter: m.PodSandboxFilter): boolean {
  return (!filter.state || listed.state === filter.state.state) && hasLabels(listed.labels, filter.labelSelector);
}

function matchesContainer(container: Container, filter: m.ContainerFilter, store: RuntimeStore): boolean {
  if (filter.state && container.criState !== filter.state.state) return false;
  if (filter.podSandboxId && store.sandbox(filter.podSandboxId) !== container.sandbox) return false;
  return hasLabels(container.record.config.labels ?? {}, filter.labelSelector);
}

/** Every wanted label is there with its value. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>> = {}): boolean {
  for (const [key, value] of Object.entries(wanted)) if (labels[key] !== value) return false;
  return true;
}
