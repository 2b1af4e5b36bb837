import { ActiveFault, type Kernel, type Link, type Owner, parseDuration, seconds } from '@slipway/kernel';
import type { FaultDocument, PartitionDocument } from '../scenario/schema.ts';
import { arrowOf, kernelFault } from './arrows.ts';
import { type CallPattern, callPattern, concerns } from './call-pattern.ts';
import { nodeOf, ownerMatcher } from './owner-pattern.ts';
import { Partitioning } from './partitioning.ts';

/** A fault of a scenario, with its node found. */
export interface PlannedFault extends Omit<FaultDocument, 'node'> {
  /** Left out: `fault-1` and so on. */
  readonly name?: string;
  readonly node?: string;
}

/** A partition of a scenario, with its node found. */
export interface PlannedPartition extends Omit<PartitionDocument, 'node'> {
  /** Left out: `partition-1` and so on. */
  readonly name?: string;
  readonly node: string;
}

/** How a callee that a fault has crashed comes up again. */
export interface Revival {
  /** Virtual microseconds. */
  readonly after: number;
  readonly keepState: boolean | undefined;
}

/** Something that is wrong on purpose. */
export interface SetFault {
  readonly name: string;
  /** In one line: `cni.add error 11, on node-1`. */
  readonly text: string;
  /** How many calls it has struck; for lag and cut, how many watches' connections. */
  readonly struck: number;
}

interface Entry {
  readonly text: string;
  readonly struck: () => number;
  /** Silent ones can never strike, and leave no trace. */
  readonly silent: boolean;
  /** Looks at a link: one that was there when it was set, or one that is `made` afterwards or has another caller. */
  attach(link: Link, made: boolean): void;
  detach(): void;
  cancel?: () => void;
}

/** How long a callee is away that a fault has crashed. */
const RESTART = seconds(5);

/** Everything that is wrong on purpose in one world. Made before any link, it knows them all. */
export class FaultBoard {
  readonly #kernel: Kernel;
  readonly #crash: (callee: Owner, revival: Revival) => void;
  readonly #entries = new Map<string, Entry>();
  /** How often faults of the same content have been set: twins draw chances of their own. */
  readonly #twins = new Map<string, number>();
  readonly #partitioning: Partitioning;
  readonly #counts = new Map<string, number>();

  /** @param crash ends a callee, and sees to it that it comes up again. */
  constructor(kernel: Kernel, crash: (callee: Owner, revival: Revival) => void) {
    this.#kernel = kernel;
    this.#crash = crash;
    this.#partitioning = new Partitioning(kernel);
    kernel.links.observe((link) => {
      for (const entry of this.#entries.values()) entry.attach(link, true);
    });
  }

  /** What is set now, in the order of setting. */
  get active(): readonly SetFault[] {
    return [...this.#entries].map(([name, { text, struck }]) => ({ name, text, struck: struck() }));
  }

  /**
   * @param fault which calls, at which arrow, how often.
   * @returns the name under which it is healed.
   * @throws Error for a fault with no arrow, and for a name that is taken.
   */
  set(fault: PlannedFault): string {
    const name = this.#nameFor('fault', fault.name);
    const entry = arrowOf(fault) === 'lag' || arrowOf(fault) === 'cut' ? this.#onWatches(fault) : this.#onCalls(name, fault);
    this.#keep(name, entry, 'fault/set', fault.for);
    return name;
  }

  /** Cuts a node off. @returns the name under which it is healed. */
  partition(partition: PlannedPartition): string {
    const name = this.#nameFor('partition', partition.name);
    const { node, from, direction = 'both' } = partition;
    const places = from === undefined ? undefined : typeof from === 'string' ? [from] : from;
    const whom = places === undefined ? 'everybody' : places.join(', ');
    const text = `${node} cut off from ${whom}${direction === 'both' ? '' : `, ${direction} only`}`;
    let struck = 0;
    const end = this.#partitioning.add({ node, places, direction });
    const attach = (link: Link): void => {
      if (this.#partitioning.apply(link)) struck += 1;
    };
    this.#keep(name, { text, struck: () => struck, silent: false, attach, detach: end }, 'fault/partition', partition.for);
    return name;
  }

  /** @throws Error when there is nothing of this name. */
  heal(name: string): void {
    const entry = this.#entries.get(name);
    if (!entry) {
      const names = [...this.#entries.keys()];
      throw new Error(`nothing is wrong by the name "${name}": ${names.length === 0 ? 'no fault is set' : `there is ${names.join(', ')}`}`);
    }
    this.#entries.delete(name);
    entry.cancel?.();
    if (!entry.silent) this.#kernel.record('fault', 'scenario', 'fault/heal', name, [entry.text]);
    entry.detach();
  }

  healAll(): void {
    for (const name of [...this.#entries.keys()]) this.heal(name);
  }

  /** Whether packets from one place never reach the other. Names of nodes, or `outside`. */
  readonly cutsOff = (from: string, to: string): boolean => this.#partitioning.cuts(from, to);

  #nameFor(what: string, given: string | undefined): string {
    if (given !== undefined && this.#entries.has(given))
      throw new Error(`"${given}" is wrong already: heal it first, or take another name`);
    if (given !== undefined) return given;
    let count = this.#counts.get(what) ?? 0;
    do count += 1;
    while (this.#entries.has(`${what}-${count}`));
    this.#counts.set(what, count);
    return `${what}-${count}`;
  }

  #keep(name: string, entry: Entry, event: string, duration: string | undefined): void {
    const { silent, text } = entry;
    if (!silent) this.#kernel.record('fault', 'scenario', event, name, duration === undefined ? [text] : [text, duration]);
    this.#entries.set(name, entry);
    for (const link of [...this.#kernel.links]) entry.attach(link, false);
    if (duration !== undefined)
      entry.cancel = this.#kernel.after(parseDuration(duration), () => {
        if (this.#entries.get(name) === entry) this.heal(name);
      });
  }

  #onCalls(name: string, fault: PlannedFault): Entry {
    const content = JSON.stringify({ ...fault, name: fault.name ?? '' });
    const twin = this.#twins.get(content) ?? 0;
    this.#twins.set(content, twin + 1);
    const crash = (callee: Owner): void => {
      const { restart, keepState } = typeof fault.crash === 'object' ? fault.crash : {};
      this.#crash(callee, { after: restart === undefined ? RESTART : parseDuration(restart), keepState });
    };
    const pattern = callPattern(fault.on);
    const active = new ActiveFault(kernelFault(fault, { name, key: `${content}#${twin}`, pattern, crash }));
    const concerned = linkMatcher(fault, pattern);
    const links = new Set<Link>();
    return {
      text: textOf(fault),
      struck: () => active.struck,
      silent: fault.rate === 0 || fault.times === 0,
      attach(link) {
        const isConcerned = concerned(link);
        if (isConcerned === links.has(link)) return;
        if (isConcerned) {
          links.add(link);
          link.addFault(active);
        } else {
          links.delete(link);
          link.removeFault(active);
        }
      },
      detach() {
        for (const link of links) link.removeFault(active);
        links.clear();
      },
    };
  }

  /** Lag and cuts act on the watches of the API server as they are, not on calls. */
  #onWatches(fault: PlannedFault): Entry {
    const concerned = linkMatcher(fault, { interface: 'api', method: 'watch' });
    const links = new Set<Link>();
    const lag = fault.lag === undefined ? 0 : parseDuration(fault.lag);
    const isCut = fault.cut === true;
    let struck = 0;
    return {
      text: textOf(fault),
      struck: () => struck,
      silent: false,
      attach(link, made) {
        if (links.has(link) || !concerned(link)) return;
        if (isCut) {
          // Once, when it is set: connections that are made later are whole.
          if (!made) struck += link.cutStreams();
          return;
        }
        links.add(link);
        link.streamLag += lag;
        struck += 1;
      },
      detach() {
        for (const link of links) link.streamLag -= lag;
        links.clear();
      },
    };
  }
}

function linkMatcher({ node, from, to }: PlannedFault, pattern: CallPattern): (link: Link) => boolean {
  const caller = from === undefined ? undefined : ownerMatcher(from);
  const callee = to === undefined ? undefined : ownerMatcher(to);
  return (link) => {
    if (!concerns(pattern, link.service)) return false;
    if (node !== undefined && nodeOf(link.from) !== node && nodeOf(link.to) !== node) return false;
    return (caller?.(link.from) ?? true) && (callee?.(link.to) ?? true);
  };
}

/** What a fault does, in one line. */
function textOf(fault: PlannedFault): string {
  const { on, node, from, to, about, after, times, rate } = fault;
  const arrow = arrowOf(fault);
  const value: unknown = fault[arrow];
  const { code } = typeof value === 'object' && value !== null ? (value as { readonly code?: string | number }) : {};
  const detail = typeof value === 'string' ? ` ${value}` : code === undefined ? '' : ` ${code}`;
  const where = [
    node === undefined ? '' : `on ${node}`,
    from === undefined ? '' : `from ${from}`,
    to === undefined ? '' : `to ${to}`,
    about === undefined ? '' : `about ${about}`,
    after === undefined ? '' : `after ${after}`,
    times === undefined ? '' : `${times} times`,
    rate === undefined ? '' : `rate ${rate}`,
  ];
  return [`${on} ${arrow}${detail}`, ...where.filter((part) => part !== '')].join(', ');
}
