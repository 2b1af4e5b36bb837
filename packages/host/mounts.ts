import type { Devices, Plug } from './devices.ts';
import { Disk } from './disk.ts';
import { HostError } from './errors.ts';
import { FileSystem, type Place } from './file-system.ts';
import { folderOf, isWithin, joinPath, normalPath } from './path.ts';

/** One line of `/proc/mounts`. */
export interface Mount {
  /** Device, path (bind), or a bare word such as `tmpfs`. */
  readonly source: string;
  readonly target: string;
  /** `bind`, `tmpfs`, `ext4`, `nfs` … */
  readonly type: string;
  readonly readOnly: boolean;
  readonly options: readonly string[];
  /** What is mounted: a path of a disk. */
  readonly disk: Disk;
  readonly root: string;
  /** The device, if it is on one. */
  readonly plug: Plug | undefined;
}

/** How to mount. */
export interface MountOptions {
  /** `bind` or `rbind` for a path, `tmpfs` for memory, `nfs4` or `nfs` for `server:/path`, else the file system's type. */
  readonly type: string;
  readonly readOnly?: boolean;
  readonly options?: readonly string[];
  /** The file system itself, where the source is no device of this host: an NFS export, an object of a cloud. */
  readonly disk?: Disk;
  /** Size of a tmpfs. Left out: no limit. */
  readonly capacityBytes?: number;
}

const NETWORK = ['nfs', 'nfs4'];

/** Kernel file systems that need neither device nor server. */
const PSEUDO = ['cgroup2', 'devpts', 'devtmpfs', 'mqueue', 'overlay', 'proc', 'ramfs', 'sysfs', 'tmpfs'];

/** What a machine has mounted, over its disk. Lost with power. */
export class MountTable extends FileSystem {
  readonly #disk: Disk;
  readonly #devices: Devices;
  readonly #fileServers: ReadonlyMap<string, Disk> | undefined;
  /** By target; of several on one target the last is seen. */
  readonly #stacks = new Map<string, Mount[]>();
  readonly #all = new Set<Mount>();
  readonly #holds = new Map<Mount, number>();

  /**
   * @param devices what block devices there are, by path
   * @param fileServers what network file systems there are, by server name
   */
  constructor(disk: Disk, devices: Devices, fileServers?: ReadonlyMap<string, Disk>) {
    super();
    this.#disk = disk;
    this.#devices = devices;
    this.#fileServers = fileServers;
  }

  /** In the order of mounting. */
  all(): readonly Mount[] {
    return [...this.#all];
  }

  /** What is seen at exactly this path. */
  at(target: string): Mount | undefined {
    return this.#stacks.get(normalPath(target))?.at(-1);
  }

  /** The mount that a path lies in; undefined on the root disk. */
  of(path: string): Mount | undefined {
    for (let at = normalPath(path); ; at = folderOf(at)) {
      const mount = this.#stacks.get(at)?.at(-1);
      if (mount || at === '/') return mount;
    }
  }

  /**
   * Mounts. A bind mount keeps what its source was at this moment, also when something is mounted over the source later. A bind mount of
   * a device is the device itself, as one file of raw bytes.
   *
   * @throws HostError ENOENT (no target; no source, no such device, no such folder on the server), ENOTDIR (one is a file, the other a
   *   directory), ENODEV (a type that needs a device or server, without one), EHOSTDOWN (no such server), EINVAL (the device has no file
   *   system, or another one), EIO (it was pulled out)
   */
  mount(source: string, target: string, options: MountOptions): Mount {
    const what = `mount ${source} ${target}`;
    const bind =
      options.type === 'bind' ||
      options.type === 'rbind' ||
      (options.options ?? []).some((option) => option === 'bind' || option === 'rbind');
    const from = bind ? this.#bound(source) : { plug: undefined, ...this.#fileSystem(source, options, what), kind: 'directory' };
    if (this.status(target).kind !== from.kind) throw new HostError('ENOTDIR', what);
    const at = this.#real(target);
    const readOnly = options.readOnly ?? (options.options ?? []).includes('ro');
    const below = bind && (options.type === 'rbind' || (options.options ?? []).includes('rbind')) ? this.below(normalPath(source)) : [];
    const mount = this.#add({
      source,
      target: at,
      type: options.type,
      readOnly,
      options: options.options ?? [],
      disk: from.disk,
      root: from.path,
      plug: from.plug,
    });
    for (const inner of below)
      this.#add({ ...inner, target: joinPath(at, inner.target.slice(normalPath(source).length)), readOnly: readOnly || inner.readOnly });
    return mount;
  }

  /**
   * Takes away the newest mount on a target.
   *
   * @param options `lazy` takes everything below along and minds nobody (`umount -l`)
   * @throws HostError EINVAL (nothing is mounted there), EBUSY (something is mounted below, or `hold` is in force)
   */
  unmount(target: string, { lazy = false }: { readonly lazy?: boolean } = {}): void {
    const at = normalPath(target);
    const stack = this.#stacks.get(at);
    const mount = stack?.at(-1);
    if (!stack || !mount) throw new HostError('EINVAL', `umount ${target}`);
    const below = stack.length === 1 ? this.below(at) : [];
    if (!lazy && (below.length > 0 || (this.#holds.get(mount) ?? 0) > 0)) throw new HostError('EBUSY', `umount ${target}`);
    for (const gone of [...(lazy ? below : []), mount]) this.#drop(gone);
  }

  /** Says that somebody has a file open at this path, so its mount is busy. Returns what closes it. */
  hold(path: string): () => void {
    const mount = this.of(path);
    if (!mount) return () => {};
    this.#holds.set(mount, (this.#holds.get(mount) ?? 0) + 1);
    let held = true;
    return () => {
      const left = (this.#holds.get(mount) ?? 0) - (held ? 1 : 0);
      held = false;
      if (left > 0) this.#holds.set(mount, left);
      else this.#holds.delete(mount);
    };
  }

  /** Mounts strictly below a path. A machine has few hundred mounts, and only mounting and removing asks. */
  below(path: string): Mount[] {
    return [...this.#all].filter(({ target }) => target !== path && isWithin(target, path));
  }

  /** Power goes: nothing is mounted any more. */
  losePower(): void {
    this.#stacks.clear();
    this.#all.clear();
    this.#holds.clear();
  }

  protected override placeOf(path: string): Place {
    const mount = this.#all.size > 0 ? this.of(path) : undefined;
    if (!mount) return { disk: this.#disk, path, root: '/', target: '/', readOnly: false, plug: undefined };
    return placeIn(mount, path);
  }

  protected override isMountPoint(path: string): boolean {
    return this.#stacks.has(path) || this.below(path).length > 0;
  }

  /** A target without links, since lookups go by it. */
  #real(target: string): string {
    const { path, root, target: base } = this.locate(target);
    return joinPath(base, root === '/' ? path : path.slice(root.length) || '/');
  }

  #bound(source: string): Pick<Place, 'disk' | 'path' | 'plug'> & { readonly kind: 'file' | 'directory' } {
    const plug = this.#devices.plug(source);
    return plug ? { disk: plug.disk, path: plug.disk.rawFile(), plug, kind: 'file' } : this.locate(source);
  }

  #fileSystem(source: string, options: MountOptions, what: string): { disk: Disk; path: string; plug?: Plug } {
    if (options.disk) return { disk: options.disk, path: '/' };
    const plug = this.#devices.plug(source);
    if (plug) {
      // mount(2) says no more than this of a wrong superblock; mount(8) adds "wrong fs type, bad option, bad superblock".
      if (plug.disk.fileSystem !== options.type) throw new HostError('EINVAL', what);
      return { disk: plug.disk, path: '/', plug };
    }
    if (this.#fileServers && NETWORK.includes(options.type)) return this.#export(this.#fileServers, source, what);
    if (PSEUDO.includes(options.type)) {
      return { disk: new Disk(options.capacityBytes === undefined ? {} : { capacityBytes: options.capacityBytes }), path: '/' };
    }
    throw new HostError(source.startsWith('/') ? 'ENOENT' : 'ENODEV', what);
  }

  /** `server:/path`, with the path as the root of what is seen. */
  #export(servers: ReadonlyMap<string, Disk>, source: string, what: string): { disk: Disk; path: string } {
    const colon = source.indexOf(':/');
    if (colon < 0) throw new HostError('EINVAL', what);
    const disk = servers.get(source.slice(0, colon));
    if (!disk) throw new HostError('EHOSTDOWN', what);
    const path = normalPath(source.slice(colon + 1));
    if (!disk.exists(path)) throw new HostError('ENOENT', what);
    if (disk.status(path).kind !== 'directory') throw new HostError('ENOTDIR', what);
    return { disk, path };
  }

  #add(mount: Mount): Mount {
    const stack = this.#stacks.get(mount.target);
    if (stack) stack.push(mount);
    else this.#stacks.set(mount.target, [mount]);
    this.#all.add(mount);
    return mount;
  }

  #drop(mount: Mount): void {
    const left = (this.#stacks.get(mount.target) ?? []).filter((other) => other !== mount);
    if (left.length > 0) this.#stacks.set(mount.target, left);
    else this.#stacks.delete(mount.target);
    this.#all.delete(mount);
    this.#holds.delete(mount);
    // The last unmount of a file system writes back what it holds; a device that is gone takes nothing any more.
    if (mount.plug?.live && ![...this.#all].some(({ disk }) => disk === mount.disk)) mount.disk.sync();
  }
}

/** Where a path leads that lies in this mount. */
export function placeIn(mount: Pick<Mount, 'disk' | 'root' | 'target' | 'readOnly' | 'plug'>, path: string): Place {
  const rest = mount.target === '/' ? path : path.slice(mount.target.length) || '/';
  return {
    disk: mount.disk,
    path: joinPath(mount.root, rest),
    root: mount.root,
    target: mount.target,
    readOnly: mount.readOnly,
    plug: mount.plug,
  };
}
