/** A file; text stays text until somebody asks for bytes, so that appending to a log costs nothing. */
export interface FileNode {
  readonly kind: 'file';
  name: string;
  content: string | Uint8Array;
  sizeBytes: number;
}

/** A symbolic link. */
export interface LinkNode {
  readonly kind: 'link';
  name: string;
  readonly target: string;
}

export type Node = FileNode | LinkNode | FolderNode;

/** Above this many children a folder indexes them. */
const FEW = 8;

/** A directory. Most have a handful of children, for which a list is a fifth of the size of a map. */
export class FolderNode {
  readonly kind = 'directory';
  name: string;
  #few: Node[] | undefined;
  #many: Map<string, Node> | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get size(): number {
    return this.#many?.size ?? this.#few?.length ?? 0;
  }

  get(name: string): Node | undefined {
    if (this.#many) return this.#many.get(name);
    if (this.#few) for (const child of this.#few) if (child.name === name) return child;
    return undefined;
  }

  /** Adds a child under its name, in place of the one that has it. */
  put(child: Node): void {
    if (this.#many) {
      this.#many.set(child.name, child);
      return;
    }
    this.#few ??= [];
    const at = this.#few.findIndex(({ name }) => name === child.name);
    if (at >= 0) this.#few[at] = child;
    else if (this.#few.length < FEW) this.#few.push(child);
    else {
      this.#many = new Map([...this.#few, child].map((each) => [each.name, each]));
      this.#few = undefined;
    }
  }

  drop(name: string): void {
    if (this.#many) this.#many.delete(name);
    else if (this.#few) this.#few = this.#few.length === 1 ? undefined : this.#few.filter((child) => child.name !== name);
  }

  children(): Iterable<Node> {
    return this.#many?.values() ?? this.#few ?? [];
  }
}
