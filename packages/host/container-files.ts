import { Disk } from './disk.ts';
import { FileSystem, type Place } from './file-system.ts';
import { placeIn, type Mount, type MountTable } from './mounts.ts';
import { folderOf, isWithin, joinPath, normalPath } from './path.ts';

/** A path of the host that a process sees somewhere else. */
export interface ProcessMount {
  /** On the host. */
  readonly source: string;
  /** In the container. */
  readonly destination: string;
  readonly readOnly?: boolean;
  /** What is mounted below the source on the host later is seen too (`HostToContainer`, `Bidirectional`). */
  readonly propagated?: boolean;
}

/** What a container's files are made from. */
export interface ContainerRoot {
  /** Path on the host; undefined: a root of its own that ends with it. */
  readonly rootfs: string | undefined;
  readonly readOnlyRoot: boolean;
  readonly mounts: readonly ProcessMount[];
  /** Files that the image brings, by path. */
  readonly image: Readonly<Record<string, string>>;
}

type Layer =
  | Pick<Mount, 'disk' | 'root' | 'target' | 'readOnly' | 'plug'>
  | { readonly target: string; readonly source: string; readonly readOnly: boolean };

/** Folders that every image has. */
const FOLDERS = ['/bin', '/dev', '/etc', '/home', '/proc', '/root', '/run', '/tmp', '/usr', '/var/log'];

/**
 * What a container sees: its root, over it its volumes. Volumes keep what their source was when the container started. The image's
 * files are put in place at first use, so that a container which never looks at a file has none.
 */
export class ContainerFiles extends FileSystem {
  readonly #host: MountTable;
  readonly #from: ContainerRoot;
  #layers: Layer[];
  #root: Layer | undefined;

  constructor(host: MountTable, from: ContainerRoot) {
    super();
    this.#host = host;
    this.#from = from;
    this.#layers = [];
    for (const mount of from.mounts) this.#mount(mount);
    // Deepest first, and of equals the last one mounted, so that the first match counts.
    if (this.#layers.length > 1) this.#layers = this.#layers.reverse().sort((a, b) => b.target.length - a.target.length);
  }

  protected override placeOf(path: string): Place {
    for (const layer of this.#layers) if (isWithin(path, layer.target)) return this.#place(layer, path);
    this.#root ??= this.#unpack();
    return this.#place(this.#root, path);
  }

  protected override isMountPoint(path: string): boolean {
    return this.#layers.some(({ target }) => isWithin(target, path));
  }

  #place(layer: Layer, path: string): Place {
    if (!('source' in layer)) return placeIn(layer, path);
    const source = this.#host.locate(layer.source);
    const inner = this.#host.of(joinPath(layer.source, path.slice(layer.target.length) || '/'));
    if (inner && inner.target !== layer.source && isWithin(inner.target, layer.source)) {
      const target = joinPath(layer.target, inner.target.slice(layer.source.length));
      return placeIn({ ...inner, target, readOnly: layer.readOnly || inner.readOnly }, path);
    }
    return placeIn({ ...source, root: source.path, target: layer.target, readOnly: layer.readOnly || source.readOnly }, path);
  }

  #mount({ source, destination, readOnly = false, propagated = false }: ProcessMount): void {
    const target = normalPath(destination);
    const from = normalPath(source);
    if (propagated) {
      this.#layers.push({ target, source: from, readOnly });
      return;
    }
    const place = this.#host.locate(from);
    this.#layers.push({ disk: place.disk, root: place.path, target, readOnly: readOnly || place.readOnly, plug: place.plug });
    if (place.kind === 'file') return;
    for (const mount of this.#host.below(from)) {
      this.#layers.push({
        disk: mount.disk,
        root: mount.root,
        target: joinPath(target, mount.target.slice(from.length)),
        readOnly: readOnly || mount.readOnly,
        plug: mount.plug,
      });
    }
  }

  /** Makes the root and puts the image's files into it, except those that are there. */
  #unpack(): Layer {
    const { rootfs, readOnlyRoot } = this.#from;
    let root: Pick<Place, 'disk' | 'path' | 'readOnly' | 'plug'> = { disk: new Disk(), path: '/', readOnly: false, plug: undefined };
    if (rootfs !== undefined) {
      this.#host.makeDirectory(rootfs, { recursive: true });
      root = this.#host.locate(rootfs);
    }
    if (!root.readOnly) this.#fill(root.disk, root.path);
    return { disk: root.disk, root: root.path, target: '/', readOnly: root.readOnly || readOnlyRoot, plug: root.plug };
  }

  #fill(disk: Disk, root: string): void {
    // A volume's mount point shows in its folder, as runc makes it.
    const folders = [...FOLDERS, ...this.#layers.map(({ target }) => folderOf(target))];
    for (const folder of folders) disk.makeDirectory(joinPath(root, folder), { recursive: true });
    for (const [file, content] of Object.entries(this.#from.image)) {
      if (!disk.exists(joinPath(root, file))) disk.write(joinPath(root, file), content, { parents: true });
    }
  }
}
