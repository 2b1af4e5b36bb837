import { seconds, type Micros } from '@slipway/kernel';
import { HostError } from './errors.ts';
import { FileSystem, type Place } from './file-system.ts';
import { FolderNode, type FileNode, type LinkNode, type Node } from './nodes.ts';

/** How a walk along a path ended. */
export type Walk =
  | { readonly result: 'found'; readonly parent: FolderNode | undefined; readonly node: Node | undefined }
  /** A link at `linkPath` stands in the way; `rest` of the path follows it. */
  | { readonly result: 'link'; readonly linkPath: string; readonly target: string; readonly rest: string }
  | { readonly result: 'ENOENT' | 'ENOTDIR' };

const KNOWN_FOLDERS = 64;

/** The bytes of a disk that is used without a file system. */
const RAW_FILE = '/.raw';

/** Bytes of a block. Source: mke2fs.conf(5), blocksize of the default file system type. */
const BLOCK = 4096;

/** Linux writes back what has been dirty for so long. Source: Linux, Documentation/admin-guide/sysctl/vm.rst, dirty_expire_centisecs. */
const WRITE_BACK = seconds(30);

/** A change that power may still take back. */
interface Change {
  readonly at: Micros;
  readonly undo: () => void;
  readonly redo: () => void;
}

/** What a disk may be given. */
export interface DiskOptions {
  /** Bytes of content that fit. Left out: no limit. */
  readonly capacityBytes?: number;
  /** A write cache: what was not synced is lost with power. Left out: every write is durable. */
  readonly cached?: boolean;
  /** Virtual time, for a disk with a write cache: what is half a minute old was written back. Left out: only `sync` writes back. */
  readonly clock?: () => Micros;
  /** Comes without a file system: it has to be formatted before it can be mounted. Left out: it has ext4. */
  readonly blank?: boolean;
  /** What the device says that it is, whatever name the machine gave it. Left out: it does not say. */
  readonly serial?: string;
}

/**
 * A block device, with a file system on it unless it is blank. It outlives power. An empty disk is two words; content is shared, never
 * copied.
 *
 * Absolute links count from the root of whatever view the path was given to: this disk, or where it is mounted.
 */
export class Disk extends FileSystem {
  /** Something else has taken all the room: what needs another block fails with ENOSPC. Within its last block a file may grow. */
  full = false;
  readonly serial: string | undefined;
  #capacityBytes: number;
  #deviceBytes: number;
  #fileSystem: string | undefined;
  #usedBytes = 0;
  #inodes = 0;
  readonly #root = new FolderNode('');
  /** Folders by path without links: nearly every walk ends beside where another one did. Emptied when a folder goes or moves. */
  readonly #folders = new Map<string, FolderNode>();
  readonly #cached: boolean;
  readonly #clock: (() => Micros) | undefined;
  /** Each change since the last sync, newest last. */
  #unsynced: Change[] | undefined;

  constructor({ capacityBytes, cached = false, clock, blank = false, serial }: DiskOptions = {}) {
    super();
    this.serial = serial;
    this.#capacityBytes = capacityBytes ?? Number.POSITIVE_INFINITY;
    this.#deviceBytes = this.#capacityBytes;
    this.#fileSystem = blank ? undefined : 'ext4';
    this.#cached = cached;
    this.#clock = clock;
  }

  /** What is on the device (`ext4`, `xfs`); undefined when it was never formatted. */
  get fileSystem(): string | undefined {
    return this.#fileSystem;
  }

  /** Size of the device; a file system may not use all of it yet. */
  get deviceBytes(): number {
    return this.#deviceBytes;
  }

  /** Bytes of content that fit; Infinity when there is no limit. */
  get capacityBytes(): number {
    return this.#capacityBytes;
  }

  /** Bytes of all files' content. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Files, directories and links. */
  get inodes(): number {
    return this.#inodes;
  }

  /** Grows or shrinks the device. @throws HostError ENOSPC when it would not hold what is on it. */
  resize(capacityBytes: number): void {
    if (capacityBytes < this.#usedBytes) throw new HostError('ENOSPC', 'resize');
    this.#capacityBytes = capacityBytes;
    this.#deviceBytes = capacityBytes;
  }

  /** Makes the device larger. Its file system does not notice until `growFileSystem`. */
  growDevice(deviceBytes: number): void {
    this.#deviceBytes = Math.max(this.#deviceBytes, deviceBytes);
    if (this.#fileSystem === undefined) this.#capacityBytes = this.#deviceBytes;
  }

  /** Lets the file system take the whole device (`resize2fs`, `xfs_growfs`). */
  growFileSystem(): void {
    this.#capacityBytes = this.#deviceBytes;
  }

  /** Makes a new file system (`mkfs`): everything on the device is gone for good. */
  format(type: string): void {
    this.sync();
    for (const child of [...this.#root.children()]) this.#root.drop(child.name);
    this.#folders.clear();
    this.#usedBytes = 0;
    this.#inodes = 0;
    this.#fileSystem = type;
    this.#capacityBytes = this.#deviceBytes;
  }

  /** The file that stands for the bytes of a device which is used as it is, without a file system; made at first use. */
  rawFile(): string {
    if (!this.exists(RAW_FILE)) this.write(RAW_FILE, '', { sync: true });
    return RAW_FILE;
  }

  /** Another disk with what this one durably holds: what only a machine's cache has is left out. Costs a node per file, no content. */
  copy(options: Omit<DiskOptions, 'blank'> = {}): Disk {
    const copy = new Disk({ capacityBytes: this.#deviceBytes, ...options });
    const changes = this.#atRisk();
    for (let at = changes.length - 1; at >= 0; at -= 1) changes[at]?.undo();
    copyInto(this.#root, copy.#root);
    copy.#usedBytes = this.#usedBytes;
    copy.#inodes = this.#inodes;
    for (const { redo } of changes) redo();
    copy.#fileSystem = this.#fileSystem;
    copy.#capacityBytes = this.#fileSystem === undefined ? copy.#deviceBytes : this.#capacityBytes;
    return copy;
  }

  /** Makes everything written so far outlive power. */
  sync(): void {
    this.#unsynced = undefined;
  }

  /** Power goes: what was not written back is undone. */
  losePower(): void {
    const changes = this.#atRisk();
    this.#unsynced = undefined;
    for (let at = changes.length - 1; at >= 0; at -= 1) changes[at]?.undo();
    this.#folders.clear();
  }

  protected override placeOf(path: string): Place {
    return { disk: this, path, root: '/', target: '/', readOnly: false, plug: undefined };
  }

  protected override isMountPoint(): boolean {
    return false;
  }

  // What follows is for views that look through mounts at this disk.

  /** Walks a normal path to its last part, which may be missing. Stops at a link; at a last one only with `follow`. */
  walk(path: string, follow: boolean, parents: boolean): Walk {
    if (path === '/') return { result: 'found', parent: undefined, node: this.#root };
    const end = path.lastIndexOf('/');
    const known = end > 0 ? this.#folders.get(path.slice(0, end)) : this.#root;
    if (known) {
      const node = known.get(path.slice(end + 1));
      if (node?.kind !== 'link' || !follow) return { result: 'found', parent: known, node };
      return { result: 'link', linkPath: path, target: node.target, rest: '' };
    }
    let folder = this.#root;
    for (let start = 1; ; ) {
      const slash = path.indexOf('/', start);
      const last = slash < 0;
      const name = last ? path.slice(start) : path.slice(start, slash);
      const node = folder.get(name);
      if (node?.kind === 'link' && (follow || !last)) {
        return { result: 'link', linkPath: last ? path : path.slice(0, slash), target: node.target, rest: last ? '' : path.slice(slash) };
      }
      if (last) {
        // Few are enough for what is at hand, and thousands of machines have one each.
        if (this.#folders.size === KNOWN_FOLDERS) this.#folders.clear();
        this.#folders.set(path.slice(0, end), folder);
        return { result: 'found', parent: folder, node };
      }
      if (node?.kind === 'directory') folder = node;
      else if (node) return { result: 'ENOTDIR' };
      else if (parents) folder = this.addFolder(folder, name);
      else return { result: 'ENOENT' };
      start = slash + 1;
    }
  }

  addFolder(parent: FolderNode, name: string): FolderNode {
    const folder = new FolderNode(name);
    this.#add(parent, folder);
    return folder;
  }

  addFile(parent: FolderNode, name: string): FileNode {
    const file: FileNode = { kind: 'file', name, content: '', sizeBytes: 0 };
    this.#add(parent, file);
    return file;
  }

  addLink(parent: FolderNode, name: string, target: string): void {
    const link: LinkNode = { kind: 'link', name, target };
    this.#add(parent, link);
  }

  /** Gives a file its content. @throws HostError ENOSPC, leaving the file as it was. */
  fill(file: FileNode, content: string | Uint8Array, sizeBytes: number, path: string): void {
    const { content: oldContent, sizeBytes: oldSizeBytes } = file;
    const grown = sizeBytes - oldSizeBytes;
    this.needRoom(sizeBytes, path, oldSizeBytes);
    file.content = content;
    file.sizeBytes = sizeBytes;
    this.#usedBytes += grown;
    if (this.#cached)
      this.#note(
        () => {
          file.content = oldContent;
          file.sizeBytes = oldSizeBytes;
          this.#usedBytes -= grown;
        },
        () => {
          file.content = content;
          file.sizeBytes = sizeBytes;
          this.#usedBytes += grown;
        },
      );
  }

  /** Whether a file has room to grow to its new size. @throws HostError ENOSPC */
  needRoom(sizeBytes: number, path: string, oldSizeBytes = 0): void {
    const grown = sizeBytes - oldSizeBytes;
    const takesBlock = this.full && Math.ceil(sizeBytes / BLOCK) > Math.ceil(oldSizeBytes / BLOCK);
    if (takesBlock || (grown > 0 && this.#usedBytes + grown > this.#capacityBytes)) throw new HostError('ENOSPC', `write ${path}`);
  }

  drop(parent: FolderNode, node: Node): void {
    const [bytes, inodes] = weigh(node);
    parent.drop(node.name);
    this.#forgetFolders(node);
    this.#usedBytes -= bytes;
    this.#inodes -= inodes;
    if (this.#cached)
      this.#note(
        () => {
          parent.put(node);
          this.#usedBytes += bytes;
          this.#inodes += inodes;
        },
        () => {
          parent.drop(node.name);
          this.#usedBytes -= bytes;
          this.#inodes -= inodes;
        },
      );
  }

  move(from: FolderNode, node: Node, to: FolderNode, name: string): void {
    const replaced = to.get(name);
    if (replaced) this.drop(to, replaced);
    const oldName = node.name;
    from.drop(oldName);
    this.#forgetFolders(node);
    node.name = name;
    to.put(node);
    if (this.#cached)
      this.#note(
        () => {
          to.drop(name);
          node.name = oldName;
          from.put(node);
        },
        () => {
          from.drop(oldName);
          node.name = name;
          to.put(node);
        },
      );
  }

  #add(parent: FolderNode, node: Node): void {
    parent.put(node);
    this.#inodes += 1;
    if (this.#cached)
      this.#note(
        () => {
          parent.drop(node.name);
          this.#inodes -= 1;
        },
        () => {
          parent.put(node);
          this.#inodes += 1;
        },
      );
  }

  #forgetFolders(gone: Node): void {
    if (gone.kind === 'directory') this.#folders.clear();
  }

  #note(undo: () => void, redo: () => void): void {
    this.#unsynced ??= [];
    const { length } = this.#unsynced;
    // Half at a time, so that each change is moved but a few times.
    if (length > 64 && this.#isOld(this.#unsynced[length >> 1])) this.#unsynced.splice(0, length >> 1);
    this.#unsynced.push({ at: this.#clock?.() ?? 0, undo, redo });
  }

  #isOld(change: Change | undefined): boolean {
    return change !== undefined && this.#clock !== undefined && change.at + WRITE_BACK <= this.#clock();
  }

  /** What a power loss would take back now, newest last. */
  #atRisk(): readonly Change[] {
    return this.#unsynced?.filter((change) => !this.#isOld(change)) ?? [];
  }
}

/** Nodes change in place, so a copy has its own; content never does. */
function copyInto(from: FolderNode, to: FolderNode): void {
  for (const node of from.children()) {
    if (node.kind === 'directory') {
      const folder = new FolderNode(node.name);
      copyInto(node, folder);
      to.put(folder);
    } else to.put({ ...node });
  }
}

function weigh(node: Node): [bytes: number, inodes: number] {
  if (node.kind !== 'directory') return [node.kind === 'file' ? node.sizeBytes : 0, 1];
  let [bytes, inodes] = [0, 1];
  for (const child of node.children()) {
    const [more, nodes] = weigh(child);
    bytes += more;
    inodes += nodes;
  }
  return [bytes, inodes];
}
