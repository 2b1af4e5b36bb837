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

/** What a disk may be given. */
export interface DiskOptions {
  /** Bytes of content that fit. Left out: no limit. */
  readonly capacityBytes?: number;
  /** A write cache: what was not synced is lost with power. Left out: every write is durable. */
  readonly cached?: boolean;
}

/**
 * A block device with a file system on it. It outlives power. An empty disk is two words; content is shared, never copied.
 *
 * Absolute links count from the root of whatever view the path was given to: this disk, or where it is mounted.
 */
export class Disk extends FileSystem {
  #capacityBytes: number;
  #usedBytes = 0;
  #inodes = 0;
  readonly #root = new FolderNode('');
  /** Folders by path without links: nearly every walk ends beside where another one did. Emptied when a folder goes or moves. */
  readonly #folders = new Map<string, FolderNode>();
  readonly #cached: boolean;
  /** How to take back each change since the last sync, newest last. */
  #unsynced: (() => void)[] | undefined;

  constructor({ capacityBytes, cached = false }: DiskOptions = {}) {
    super();
    this.#capacityBytes = capacityBytes ?? Number.POSITIVE_INFINITY;
    this.#cached = cached;
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
  }

  /** Makes everything written so far outlive power. */
  sync(): void {
    this.#unsynced = undefined;
  }

  /** Power goes: what was not synced is undone. */
  losePower(): void {
    const undos = this.#unsynced;
    this.#unsynced = undefined;
    if (undos) for (let at = undos.length - 1; at >= 0; at -= 1) undos[at]?.();
    this.#folders.clear();
  }

  protected override placeOf(path: string): Place {
    return { disk: this, path, root: '/', target: '/', readOnly: false };
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
    if (grown > 0 && this.#usedBytes + grown > this.#capacityBytes) throw new HostError('ENOSPC', `write ${path}`);
    file.content = content;
    file.sizeBytes = sizeBytes;
    this.#usedBytes += grown;
    if (this.#cached)
      this.#undo(() => {
        file.content = oldContent;
        file.sizeBytes = oldSizeBytes;
        this.#usedBytes -= grown;
      });
  }

  drop(parent: FolderNode, node: Node): void {
    const [bytes, inodes] = weigh(node);
    parent.drop(node.name);
    this.#forgetFolders(node);
    this.#usedBytes -= bytes;
    this.#inodes -= inodes;
    if (this.#cached)
      this.#undo(() => {
        parent.put(node);
        this.#usedBytes += bytes;
        this.#inodes += inodes;
      });
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
      this.#undo(() => {
        to.drop(name);
        node.name = oldName;
        from.put(node);
      });
  }

  #add(parent: FolderNode, node: Node): void {
    parent.put(node);
    this.#inodes += 1;
    if (this.#cached)
      this.#undo(() => {
        parent.drop(node.name);
        this.#inodes -= 1;
      });
  }

  #forgetFolders(gone: Node): void {
    if (gone.kind === 'directory') this.#folders.clear();
  }

  #undo(undo: () => void): void {
    this.#unsynced ??= [];
    this.#unsynced.push(undo);
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
