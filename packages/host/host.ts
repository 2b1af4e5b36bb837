import { Cell, codeOf, type Kernel, type Micros, type Owner } from '@slipway/kernel';
import { Devices } from './devices.ts';
import { Disk } from './disk.ts';
import type { FileSystem } from './file-system.ts';
import { MountTable } from './mounts.ts';
import { HostNetwork } from './network.ts';
import { ProcessTable } from './process-table.ts';
import type { ProgramResolver } from './program.ts';

/** What a machine is made from. */
export interface HostOptions {
  readonly name: string;
  readonly kernel: Kernel;
  /** Says what processes do. */
  readonly programs: ProgramResolver;
  /** Above the machine's own owner: a rack, a cloud. */
  readonly parent?: Owner;
  /** Left out: an empty one without limit. Give the same disk to another host to move it there. */
  readonly disk?: Disk;
  /** Network file systems to mount, by server name; read at each mount. What is on them is the server's: power here does not matter to it. */
  readonly fileServers?: ReadonlyMap<string, Disk>;
  /** Of `eth0` in the machine's own namespace, with prefix. */
  readonly addresses?: readonly string[];
  /** Next hop of the default route. */
  readonly gateway?: string;
  /** Told once of each thing that a program asks for and that is not simulated. */
  readonly warn?: (message: string) => void;
}

/** Memory file systems of a running machine. */
const TMPFS = ['/run', '/tmp'];

/**
 * One simulated machine. The disk (and the devices plugged in) outlive power; processes, network and mounts do not. Whatever runs on it
 * belongs to `owner`: ending that owner is a power loss.
 *
 * Parts are made at first use, since a cluster may have thousands of machines of which most do little.
 */
export class Host {
  readonly name: string;
  readonly kernel: Kernel;
  readonly disk: Disk;
  readonly programs: ProgramResolver;
  readonly addresses: readonly string[];
  readonly gateway: string | undefined;
  readonly #parent: Owner | undefined;
  readonly #warn: ((message: string) => void) | undefined;
  #owner: Owner;
  #changed: Cell<number> | undefined;
  #changes = 0;
  readonly #fileServers: ReadonlyMap<string, Disk> | undefined;
  #devices: Devices | undefined;
  #network: HostNetwork | undefined;
  #mounts: MountTable | undefined;
  #processes: ProcessTable | undefined;
  #warned: Set<string> | undefined;
  #clockOffset: Micros = 0;
  #availableMemoryBytes: number | undefined;
  #pressure: Cell<number> | undefined;
  #tables: { readonly owner: Owner; readonly byName: Map<string, unknown> } | undefined;

  /** A machine with power on. */
  constructor(options: HostOptions) {
    this.name = options.name;
    this.kernel = options.kernel;
    this.disk = options.disk ?? new Disk();
    this.programs = options.programs;
    this.addresses = options.addresses ?? [];
    this.gateway = options.gateway;
    this.#fileServers = options.fileServers;
    this.#parent = options.parent;
    this.#warn = options.warn;
    this.#owner = this.#boot();
  }

  /** Whoever runs on this machine, until its power goes; after `powerOn` a new one. */
  get owner(): Owner {
    return this.#owner;
  }

  get on(): boolean {
    return this.#owner.alive;
  }

  /** What programs put into the kernel of the machine, by a name of theirs, such as packet rules: it outlives them, and goes with power. */
  get tables(): Map<string, unknown> {
    if (this.#tables?.owner !== this.#owner) this.#tables = { owner: this.#owner, byName: new Map() };
    return this.#tables.byName;
  }

  /** Set when a process starts or ends, and when power goes or comes. */
  get changed(): Cell<number> {
    this.#changed ??= new Cell(this.#changes);
    return this.#changed;
  }

  /** Block devices by path (`/dev/xvdba`), for whoever attaches and mounts them. They outlive power. */
  get devices(): Devices {
    this.#devices ??= new Devices();
    return this.#devices;
  }

  get network(): HostNetwork {
    this.#network ??= new HostNetwork(this);
    return this.#network;
  }

  get mounts(): MountTable {
    if (!this.#mounts) {
      this.#mounts = new MountTable(this.disk, this.devices, this.#fileServers);
      this.#mountMemory(this.#mounts);
    }
    return this.#mounts;
  }

  /** The machine's files: its disk, with everything that is mounted. */
  get files(): FileSystem {
    return this.mounts;
  }

  get processes(): ProcessTable {
    this.#processes ??= new ProcessTable(this);
    return this.#processes;
  }

  /** Whether it stands still. */
  get frozen(): boolean {
    return this.#owner.freezer !== undefined;
  }

  /** Stands still, as a virtual machine that is paused: nothing runs, packets and calls wait. Power loss ends it. Safe to repeat. */
  freeze(): void {
    this.#owner.freeze();
  }

  /** Goes on where it stood. Safe to repeat. */
  thaw(): void {
    this.#owner.thaw();
  }

  /** How far its clock is ahead, in microseconds; below zero: behind. It goes on through a power loss. */
  get clockOffset(): Micros {
    return this.#clockOffset;
  }

  set clockOffset(offset: Micros) {
    this.#clockOffset = offset;
    this.#owner.skew(offset);
  }

  /** Bytes of memory that are left; undefined where nobody has taken more than pods ask for. */
  get availableMemoryBytes(): number | undefined {
    return this.#availableMemoryBytes;
  }

  set availableMemoryBytes(bytes: number | undefined) {
    this.#availableMemoryBytes = bytes;
    this.#press();
  }

  /** Fills its own disk to the brim, or makes room again. */
  fillDisk(full: boolean): void {
    this.disk.full = full;
    this.#press();
  }

  /** Set when memory or disk run short, and when there is enough again. */
  get pressure(): Cell<number> {
    this.#pressure ??= new Cell(0);
    return this.#pressure;
  }

  /** Cuts the power: every process stops where it stands; namespaces, mounts, `/run` and `/tmp` are gone. Safe to repeat. */
  powerOff(): void {
    this.#owner.kill();
  }

  /** Brings the machine up with its disk and nothing else. Safe to repeat. */
  powerOn(): void {
    if (this.on) return;
    this.#owner = this.#boot();
    if (this.#mounts) this.#mountMemory(this.#mounts);
    this.bump();
  }

  /** For the parts: something changed. */
  bump(): void {
    this.#changes += 1;
    this.#changed?.set(this.#changes);
  }

  /** Tells the user of something that is not simulated, once for each text. */
  warn(message: string): void {
    if (!this.#warn || this.#warned?.has(message)) return;
    this.#warned ??= new Set();
    this.#warned.add(message);
    this.#warn(message);
  }

  #boot(): Owner {
    const owner = this.kernel.owner(`host/${this.name}`, this.#parent ? { parent: this.#parent } : {});
    owner.onEnd(() => this.#losePower(owner));
    if (this.#clockOffset !== 0) owner.skew(this.#clockOffset);
    return owner;
  }

  #losePower(owner: Owner): void {
    if (owner !== this.#owner) return;
    this.disk.losePower();
    if (this.#devices) for (const device of this.#devices.values()) device.losePower();
    this.#network?.losePower();
    this.#mounts?.losePower();
    this.#processes?.losePower();
    this.bump();
  }

  #press(): void {
    this.#pressure?.set(this.#pressure.value + 1);
  }

  #mountMemory(mounts: MountTable): void {
    for (const target of TMPFS) {
      try {
        this.disk.makeDirectory(target, { recursive: true });
        mounts.mount('tmpfs', target, { type: 'tmpfs' });
      } catch (error) {
        // A disk that has something else there boots without it.
        if (codeOf(error) !== 'ENOTDIR' && codeOf(error) !== 'EEXIST') throw error;
      }
    }
  }
}
