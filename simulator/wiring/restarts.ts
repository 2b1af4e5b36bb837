import { type Kernel, type Owner, parseDuration, type Process, seconds, sleep } from '@slipway/kernel';
import { type FaultKindName, kindOfRestart, nodeOf, type Revival } from '../faults/index.ts';
import type { RestartDocument } from '../scenario/schema.ts';
import type { ClusterNode } from './node-assembly.ts';
import type { Part } from './part.ts';

/** What a scenario's restart says, with its node found. */
export type RestartRequest = Omit<RestartDocument, 'node'> & { readonly node?: string };

export interface RestartsOptions {
  readonly kernel: Kernel;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  /** Those of the cluster. */
  readonly parts: () => ReadonlyMap<string, Part>;
  /** Told of each restart. A machine's is told of as its power goes. */
  readonly count: (kind: FaultKindName) => void;
}

const DOWN = seconds(1);

/** Ends parts of a world and starts them anew. */
export class Restarts {
  readonly #options: RestartsOptions;

  constructor(options: RestartsOptions) {
    this.#options = options;
  }

  /** Takes as long as the part is away. @throws Error for a part that there is not */
  *restart({ part, plugin, node, down, keepState }: RestartRequest): Process {
    const pause = down === undefined ? DOWN : parseDuration(down);
    const wanted = part ?? plugin;
    if (wanted === undefined) {
      yield* this.#powerCycle(node, pause);
      return;
    }
    const parts = this.#find(wanted, node);
    this.#options.count(kindOfRestart({ part, plugin }));
    const ended = parts.map((each) => this.#end(each, keepState));
    yield* sleep(pause);
    for (const [index, each] of parts.entries()) this.#start(each, ended[index], keepState);
  }

  /** A callee dies of a fault, and is started anew after a while. One that is no part stays away. */
  crash(callee: Owner, { after, keepState }: Revival): void {
    const part = this.#partOf(callee);
    if (!part) {
      callee.kill();
      return;
    }
    const ended = this.#end(part, keepState);
    this.#options.kernel.after(after, () => this.#start(part, ended, keepState));
  }

  /** A caller dies with the part that it belongs to, which is started anew after a while. False for one that is of no part: a person, say. */
  crashCaller(caller: Owner, revival: Revival): boolean {
    const part = this.#partAround(caller);
    if (!part) return false;
    // What a driver holds is in another container than its side-cars.
    const { after, keepState = caller === part.owner ? undefined : true } = revival;
    caller.kill();
    const ended = this.#end(part, keepState);
    this.#options.kernel.after(after, () => this.#start(part, ended, keepState));
    return true;
  }

  *#powerCycle(name: string | undefined, pause: number): Process {
    if (name === undefined) throw new Error('names nothing to restart: say a part, a plugin or a node');
    const node = this.#node(name);
    this.#record('fault/down', name);
    node.powerOff();
    yield* sleep(pause);
    // Taken away for good meanwhile, or switched on by somebody else.
    if (this.#options.nodes.get(name) !== node || node.host.on) return;
    this.#record('fault/up', name);
    node.powerOn();
  }

  #end(part: Part, keepState?: boolean): Owner {
    const { owner } = part;
    this.#record('fault/down', part.name);
    part.end(keepState);
    return owner;
  }

  /** Unless something else has started it meanwhile, or its machine has no power. */
  #start(part: Part, ended: Owner | undefined, keepState: boolean | undefined): void {
    if (part.owner !== ended || ended.parent?.alive === false) return;
    this.#record('fault/up', part.name);
    part.start(keepState);
  }

  #find(wanted: string, node: string | undefined): readonly Part[] {
    if (node !== undefined) return this.#among(this.#node(node).parts, wanted, ` on ${node}`);
    const { nodes } = this.#options;
    if (!ON_NODES.has(wanted)) return this.#among(this.#options.parts(), wanted, '');
    return [...nodes.values()].flatMap(({ parts }) => parts.get(wanted) ?? []);
  }

  /** A part by its name; of `csi`, every driver. */
  #among(parts: ReadonlyMap<string, Part>, wanted: string, where: string): readonly Part[] {
    const found = [...parts].filter(([name]) => name === wanted || name.startsWith(`${wanted}/`)).map(([, part]) => part);
    if (found.length > 0) return found;
    throw new Error(`there is no ${wanted}${where} to restart: there is ${[...parts.keys()].join(', ')}`);
  }

  #node(name: string): ClusterNode {
    const node = this.#options.nodes.get(name);
    if (!node) throw new Error(`there is no node "${name}"`);
    return node;
  }

  #partOf(callee: Owner): Part | undefined {
    return this.#partsBeside(callee).find(({ owner }) => owner === callee);
  }

  #partAround(owner: Owner): Part | undefined {
    const parts = this.#partsBeside(owner);
    for (let each: Owner | undefined = owner; each; each = each.parent) {
      const whose = each;
      const part = parts.find((part) => part.owner === whose || part.beside?.includes(whose));
      if (part) return part;
    }
    return undefined;
  }

  /** Those of its machine, or of the cluster. */
  #partsBeside(owner: Owner): readonly Part[] {
    const node = nodeOf(owner);
    const parts = node === undefined ? this.#options.parts() : this.#options.nodes.get(node)?.parts;
    return [...(parts?.values() ?? [])];
  }

  #record(event: string, name: string): void {
    this.#options.kernel.record('fault', 'scenario', event, name, []);
  }
}

/** Parts of which each node has one: without a node, all of them are meant. */
const ON_NODES = new Set(['kubelet', 'oci', 'cni', 'cri']);
