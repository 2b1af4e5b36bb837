import type { Plug } from './devices.ts';
import type { Disk } from './disk.ts';
import { HostError } from './errors.ts';
import type { FileNode, FolderNode, Node } from './nodes.ts';
import { folderOf, isWithin, joinPath, nameOf, normalPath } from './path.ts';
import { byteLength, decodeUtf8, encodeUtf8 } from './utf8.ts';

/** What `stat` tells. */
export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'link';
  /** Length of the content in bytes; 0 for a directory. */
  readonly sizeBytes: number;
}

/** How `write` and `append` go about it. */
export interface WriteOptions {
  /** Makes the folders that are missing. */
  readonly parents?: boolean;
  /** Does not return before the disk has it: on a disk with a write cache, what was written so far then outlives power. */
  readonly sync?: boolean;
  /** Leaves no empty file where a full disk has room for that only, as a program does that writes beside the file and renames. */
  readonly atomic?: boolean;
}

/** Where a path leads: a folder tree on one disk, mounted somewhere. */
export interface Place {
  readonly disk: Disk;
  /** The path on that disk; normal. */
  readonly path: string;
  /** Which path of the disk is mounted, and where in this view. */
  readonly root: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** The device that it is on; undefined for a machine's own disk, memory and servers, which nobody pulls out. */
  readonly plug: Plug | undefined;
}

interface Found {
  /** The path without links. */
  readonly real: string;
  readonly place: Place;
  readonly parent: FolderNode | undefined;
  readonly node: Node | undefined;
}

/** Linux follows no more links than this in one path. */
const MAX_LINKS = 40;

/**
 * Files by absolute path. Disks, a machine's view through its mounts, and a container's view of its root and volumes are all such.
 *
 * Every method throws HostError with POSIX's code: ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY, EBUSY (a mount point), EROFS, ENOSPC,
 * ELOOP, EXDEV, EINVAL, EIO (the device was pulled out).
 */
export abstract class FileSystem {
  /** The mount that a normal path lies in. */
  protected abstract placeOf(path: string): Place;

  /** Whether something is mounted exactly here, or below: such a path cannot be removed or renamed. */
  protected abstract isMountPoint(path: string): boolean;

  exists(path: string): boolean {
    const found = this.#seek(path, true, false);
    return typeof found !== 'string' && found.node !== undefined;
  }

  /** Follows links; see `linkStatus`. */
  status(path: string): FileStatus {
    return statusOf(this.#need(path, 'stat').node);
  }

  /** Like `status`, but of the link itself. */
  linkStatus(path: string): FileStatus {
    return statusOf(this.#need(path, 'lstat', false).node);
  }

  /** Names in a directory, sorted by code unit. */
  list(path: string): string[] {
    const { node } = this.#need(path, 'open');
    if (node.kind !== 'directory') throw new HostError('ENOTDIR', `readdirent ${path}`);
    return [...node.children()].map(({ name }) => name).sort();
  }

  /** The files right in a directory with their text, sorted by name: what `list` and `readText` tell, in one walk. Links are left out. */
  texts(path: string): readonly { readonly name: string; readonly text: string }[] {
    const { node } = this.#need(path, 'open');
    if (node.kind !== 'directory') throw new HostError('ENOTDIR', `readdirent ${path}`);
    const texts: { readonly name: string; readonly text: string }[] = [];
    for (const child of node.children()) {
      if (child.kind !== 'file') continue;
      texts.push({ name: child.name, text: typeof child.content === 'string' ? child.content : decodeUtf8(child.content) });
    }
    return texts.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }

  /** A file's bytes; never change them in place. */
  read(path: string): Uint8Array {
    const { content } = this.#file(path);
    return typeof content === 'string' ? encodeUtf8(content) : content;
  }

  /** A file's bytes as UTF-8. */
  readText(path: string): string {
    const { content } = this.#file(path);
    return typeof content === 'string' ? content : decodeUtf8(content);
  }

  /** Makes the file, or replaces its content. */
  write(path: string, content: string | Uint8Array, options: WriteOptions = {}): void {
    this.#put(path, content, typeof content === 'string' ? byteLength(content) : content.length, options, false);
  }

  /** Adds text at the end of a file, making it if need be. */
  append(path: string, text: string, options: WriteOptions = {}): void {
    this.#put(path, text, byteLength(text), options, true);
  }

  /** Makes a directory. With `recursive` also those above it, and one that is there already is no error. */
  makeDirectory(path: string, { recursive = false }: { readonly recursive?: boolean } = {}): void {
    const found = this.#find(path, 'mkdir', true, recursive);
    if (found.node) {
      if (recursive && found.node.kind === 'directory') return;
      throw new HostError('EEXIST', `mkdir ${path}`);
    }
    writable(found.place, `mkdir ${path}`);
    found.place.disk.addFolder(need(found, `mkdir ${path}`).parent, nameOf(found.place.path));
  }

  /** Makes a symbolic link at `path`; the target need not exist. */
  symlink(target: string, path: string): void {
    const what = `symlink ${target} ${path}`;
    const found = this.#find(path, 'symlink', false);
    if (found.node) throw new HostError('EEXIST', what);
    writable(found.place, what);
    found.place.disk.addLink(need(found, what).parent, nameOf(found.place.path), target);
  }

  readLink(path: string): string {
    const { node } = this.#need(path, 'readlink', false);
    if (node.kind !== 'link') throw new HostError('EINVAL', `readlink ${path}`);
    return node.target;
  }

  /** Removes a file, a link, or an empty directory; with `recursive` everything below too, and what is not there is no error. */
  remove(path: string, { recursive = false }: { readonly recursive?: boolean } = {}): void {
    const what = `remove ${path}`;
    let found: Found;
    try {
      found = this.#find(path, 'remove', false);
    } catch (error) {
      if (recursive && (error as HostError).code === 'ENOENT') return;
      throw error;
    }
    if (found.real === '/' || this.isMountPoint(found.real)) throw new HostError('EBUSY', what);
    if (!found.node) {
      if (recursive) return;
      throw new HostError('ENOENT', what);
    }
    writable(found.place, what);
    if (found.node.kind === 'directory' && found.node.size > 0 && !recursive) throw new HostError('ENOTEMPTY', what);
    found.place.disk.drop(need(found, what).parent, found.node);
  }

  /** Moves a file or a tree, replacing a file or an empty directory of the new name, in one step. */
  rename(from: string, to: string): void {
    const what = `rename ${from} ${to}`;
    const source = this.#find(from, 'rename', false);
    if (!source.node) throw new HostError('ENOENT', what);
    const goal = this.#find(to, 'rename', false);
    if (this.isMountPoint(source.real) || this.isMountPoint(goal.real)) throw new HostError('EBUSY', what);
    if (source.place.disk !== goal.place.disk || source.place.target !== goal.place.target) throw new HostError('EXDEV', what);
    writable(source.place, what);
    if (goal.node === source.node) return;
    const folder = source.node.kind === 'directory';
    if (folder && isWithin(goal.place.path, source.place.path)) throw new HostError('EINVAL', what);
    if (goal.node && folder !== (goal.node.kind === 'directory')) throw new HostError(folder ? 'ENOTDIR' : 'EISDIR', what);
    if (goal.node?.kind === 'directory' && goal.node.size > 0) throw new HostError('ENOTEMPTY', what);
    source.place.disk.move(need(source, what).parent, source.node, need(goal, what).parent, nameOf(goal.place.path));
  }

  /** Where an existing path leads, links followed: what a bind mount takes as its source. */
  locate(path: string): Place & { readonly kind: 'file' | 'directory' } {
    const { place, node } = this.#need(path, 'stat');
    return { ...place, kind: node.kind === 'directory' ? 'directory' : 'file' };
  }

  #file(path: string): FileNode {
    const { node } = this.#need(path, 'open');
    if (node.kind === 'directory') throw new HostError('EISDIR', `read ${path}`);
    return node as FileNode;
  }

  #put(path: string, content: string | Uint8Array, sizeBytes: number, options: WriteOptions, append: boolean): void {
    const what = `open ${path}`;
    if (path.endsWith('/')) throw new HostError('EISDIR', what);
    const found = this.#find(path, 'open', true, options.parents ?? false);
    if (found.node?.kind === 'directory') throw new HostError('EISDIR', what);
    writable(found.place, what);
    const { disk } = found.place;
    if (!found.node && options.atomic) disk.needRoom(sizeBytes, path);
    const file = (found.node as FileNode | undefined) ?? disk.addFile(need(found, what).parent, nameOf(found.place.path));
    if (append && typeof file.content === 'string' && typeof content === 'string')
      disk.fill(file, file.content + content, file.sizeBytes + sizeBytes, path);
    else if (append) {
      const bytes = joinBytes(asBytes(file.content), asBytes(content));
      disk.fill(file, bytes, bytes.length, path);
    } else disk.fill(file, content, sizeBytes, path);
    if (options.sync) disk.sync();
  }

  #need(path: string, operation: string, follow = true): { place: Place; node: Node } {
    const { place, node } = this.#find(path, operation, follow);
    if (!node) throw new HostError('ENOENT', `${operation} ${path}`);
    return { place, node };
  }

  /** Walks a path, over links, from mount to mount. The last part may be missing; with `parents` missing folders are made. */
  #find(path: string, operation: string, follow = true, parents = false): Found {
    const found = this.#seek(path, follow, parents);
    if (typeof found === 'string') throw new HostError(found, `${operation} ${path}`);
    return found;
  }

  /** Like `#find`, with what is wrong as a value: many only ask whether a path is there. */
  #seek(path: string, follow: boolean, parents: boolean): Found | 'ENOENT' | 'ENOTDIR' | 'ELOOP' | 'EIO' {
    let at = normalPath(path);
    for (let links = 0; links <= MAX_LINKS; links += 1) {
      const place = this.placeOf(at);
      if (place.plug && !place.plug.live) return 'EIO';
      const walked = place.disk.walk(place.path, follow, parents && !place.readOnly);
      if (walked.result === 'link') {
        // A relative link counts from its own folder, in this view.
        const folder = folderOf(joinPath(place.target, walked.linkPath.slice(place.root === '/' ? 0 : place.root.length)));
        at = normalPath(joinPath(normalPath(walked.target, folder), walked.rest || '/'));
        continue;
      }
      if (walked.result === 'found') return { real: at, place, parent: walked.parent, node: walked.node };
      return walked.result;
    }
    return 'ELOOP';
  }
}

const statusOf = (node: Node): FileStatus => ({
  kind: node.kind,
  sizeBytes: node.kind === 'file' ? node.sizeBytes : node.kind === 'link' ? byteLength(node.target) : 0,
});

function writable(place: Place, what: string): void {
  if (place.readOnly) throw new HostError('EROFS', what);
}

/** Only the root of a disk has no parent, and it is no place for a new entry. */
function need(found: Found, what: string): { parent: FolderNode } {
  if (!found.parent) throw new HostError('EBUSY', what);
  return { parent: found.parent };
}

const asBytes = (content: string | Uint8Array): Uint8Array => (typeof content === 'string' ? encodeUtf8(content) : content);

function joinBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
