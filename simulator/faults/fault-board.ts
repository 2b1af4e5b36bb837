import { ActiveFault, type Kernel, type Link, type Owner, parseDuration, seconds } from '@slipway/kernel';
import type { FaultDocument, NodeFaultDocument, PartitionDocument } from '../scenario/schema.ts';
import { arrowOf, isOnWatches, kernelFault, oddsOf } from './arrows.ts';
import { callPattern } from './call-pattern.ts';
import { type FaultKindName, kindOfFault, kindOfNodeFault, kindOfPartition } from './fault-kind.ts';
import { linkMatcher } from './link-matcher.ts';
import { type Machine, MachineFaults } from './machine-faults.ts';
import { Partitioning } from './partitioning.ts';
import { lagging, type PastOfServer } from './stale-reads.ts';
import { WatchFault } from './watch-faults.ts';

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

/** What is wrong with a machine, with its node found. */
export interface PlannedNodeFault extends Omit<NodeFaultDocument, 'node'> {
  /** Left out: `node-fault-1` and so on. */
  readonly name?: string;
  readonly node: string;
}

/** What faults find in their world. What is left out cannot go wrong in it. */
export interface FaultSurroundings {
  /** Ends whoever made a call, and sees to it that it comes up again; false where it cannot. */
  readonly crashCaller?: (caller: Owner, revival: Revival) => boolean;
  readonly machine?: (node: string) => Machine | undefined;
  readonly server?: () => PastOfServer;
}

/** How one that a fault has crashed comes up again. */
export interface Revival {
  /** Virtual microseconds. */
  readonly after: number;
  /** Left out: as it is in life. */
  readonly keepState?: boolean;
}

/** Something that is wrong on purpose. */
export interface SetFault {
  readonly name: string;
  /** In one line: `cni.add error 11, on node-1`. */
  readonly text: string;
  readonly kind: FaultKindName;
  /** How many calls it has struck; for lag and cut how many watches' connections, for coalesce how many events nobody saw. */
  readonly struck: number;
}

interface Entry {
  readonly text: string;
  readonly kind: FaultKindName;
  readonly struck: () => number;
  /** Silent ones can never strike: they touch no link and leave no trace. */
  readonly silent: boolean;
  /** Looks at a link: one that was there when it was set, or one that is `made` afterwards or has another caller. */
  attach?(link: Link, made: boolean): void;
  detach(): void;
  cancel?: () => void;
}

/** How long a callee is away that a fault has crashed. */
const RESTART = seconds(5);

/** Everything that is wrong on purpose in one world. Made before any link, it knows them all. */
export class FaultBoard {
  readonly #kernel: Kernel;
  readonly #crash: (callee: Owner, revival: Revival) => void;
  readonly #surroundings: FaultSurroundings;
  readonly #machines: MachineFaults;
  /** Of what has been healed, and of what happens at once. */
  readonly #fired = new Map<FaultKindName, number>();
  readonly #entries = new Map<string, Entry>();
  /** How often faults of the same content have been set: twins draw chances of their own. */
  readonly #twins = new Map<string, number>();
  readonly #partitioning: Partitioning;
  readonly #counts = new Map<string, number>();

  /** @param crash ends a callee, and sees to it that it comes up again. */
  constructor(kernel: Kernel, crash: (callee: Owner, revival: Revival) => void, surroundings: FaultSurroundings = {}) {
    this.#kernel = kernel;
    this.#crash = crash;
    this.#surroundings = surroundings;
    this.#partitioning = new Partitioning(kernel);
    this.#machines = new MachineFaults(kernel);
    kernel.links.observe((link) => {
      for (const entry of this.#entries.values()) if (!entry.silent) entry.attach?.(link, true);
    });
  }

  /** What is set now, in the order of setting. */
  get active(): readonly SetFault[] {
    return [...this.#entries].map(([name, { text, kind, struck }]) => ({ name, text, kind, struck: struck() }));
  }

  /** How often each kind of fault has struck so far, healed ones included; kinds that never did are not in it. */
  get fired(): ReadonlyMap<FaultKindName, number> {
    const fired = new Map(this.#fired);
    for (const { kind, struck } of this.#entries.values()) {
      const times = struck();
      if (times > 0) fired.set(kind, (fired.get(kind) ?? 0) + times);
    }
    return fired;
  }

  /** Counts what others let go wrong: restarts, and machines that lose power. */
  count(kind: FaultKindName, times = 1): void {
    if (times > 0) this.#fired.set(kind, (this.#fired.get(kind) ?? 0) + times);
  }

  /**
   * @param fault which calls, at which arrow, how often.
   * @returns the name under which it is healed.
   * @throws Error for a fault with no arrow, and for a name that is taken.
   */
  set(fault: PlannedFault): string {
    const name = this.#nameFor('fault', fault.name);
    const arrow = arrowOf(fault);
    const entry = isOnWatches(arrow) ? this.#onWatches(name, fault) : this.#onCalls(name, fault);
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
    const end = this.#partitioning.add({ node, places, direction });
    const attach = (link: Link): void => void this.#partitioning.apply(link);
    const entry: Entry = { text, kind: kindOfPartition(partition), struck: () => 1, silent: false, attach, detach: end };
    this.#keep(name, entry, 'fault/partition', partition.for);
    return name;
  }

  /** Lets something go wrong with a machine. @returns the name under which it is healed. @throws Error where there is no such machine */
  nodeFault(fault: PlannedNodeFault): string {
    const name = this.#nameFor('node-fault', fault.name);
    const machine = this.#surroundings.machine?.(fault.node);
    if (!machine) throw new Error(`there is no machine "${fault.node}"`);
    const detach = this.#machines.add(machine.host, fault);
    const entry: Entry = { text: nodeFaultText(fault), kind: kindOfNodeFault(fault), struck: () => 1, silent: false, detach };
    this.#keep(name, entry, 'fault/set', fault.for);
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
    this.count(entry.kind, entry.struck());
    if (!entry.silent) this.#kernel.record('fault', 'scenario', 'fault/heal', name, [entry.text]);
    entry.detach();
  }

  healAll(): void {
    for (const name of [...this.#entries.keys()]) this.heal(name);
  }

  /** From now on nothing is wrong any more: all links are whole, and all machines as they should be. Those without power stay so. */
  calm(): void {
    this.healAll();
  }

  /** Whether packets from one place never reach the other: a partition, or a machine that stands still. Names of nodes, or `outside`. */
  readonly cutsOff = (from: string, to: string): boolean => this.#partitioning.cuts(from, to) || this.#machines.cuts(from, to);

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
    if (entry.attach && !silent) for (const link of [...this.#kernel.links]) entry.attach(link, false);
    // One that can never strike leaves no event behind either.
    if (duration !== undefined && !silent)
      entry.cancel = this.#kernel.after(parseDuration(duration), () => {
        if (this.#entries.get(name) === entry) this.heal(name);
      });
  }

  #onCalls(name: string, fault: PlannedFault): Entry {
    const content = JSON.stringify({ ...fault, name: fault.name ?? '' });
    const twin = this.#twins.get(content) ?? 0;
    this.#twins.set(content, twin + 1);
    const pattern = callPattern(fault.on);
    const { crashCaller, server } = this.#surroundings;
    const means = {
      crash: (callee: Owner) => this.#crash(callee, revivalOf(fault.crash)),
      crashCaller: (caller: Owner) => crashCaller?.(caller, revivalOf(fault.crashCaller)) ?? false,
      stead: lagging(fault, pattern, server),
    };
    const active = new ActiveFault(kernelFault(fault, { name, key: `${content}#${twin}`, pattern, ...means }));
    const lag = fault.stale === undefined || pattern.method !== undefined ? 0 : parseDuration(fault.stale);
    const concerned = linkMatcher(fault, pattern);
    const links = new Set<Link>();
    return {
      text: textOf(fault),
      kind: kindOfFault(fault),
      struck: () => active.struck,
      silent: isSilent(fault),
      attach(link) {
        const isConcerned = concerned(link);
        if (isConcerned === links.has(link)) return;
        if (isConcerned) {
          links.add(link);
          link.addFault(active);
          // Who reads from a replica that is behind watches it as well.
          link.streamLag += lag;
        } else {
          links.delete(link);
          link.removeFault(active);
          link.streamLag -= lag;
        }
      },
      detach() {
        for (const link of links) {
          link.removeFault(active);
          link.streamLag -= lag;
        }
        links.clear();
      },
    };
  }

  /** These act on the watches of the API server as they are, not on calls. */
  #onWatches(name: string, fault: PlannedFault): Entry {
    const shape = { text: textOf(fault), kind: kindOfFault(fault) };
    if (isSilent(fault)) return { ...shape, struck: () => 0, silent: true, detach: () => {} };
    const watches = new WatchFault(this.#kernel, name, fault, this.#surroundings.server);
    return {
      ...shape,
      struck: () => watches.struck,
      silent: false,
      attach: (link, made) => watches.attach(link, made),
      detach: () => watches.detach(),
    };
  }
}

function isSilent({ rate, times }: PlannedFault): boolean {
  return times === 0 || (rate !== undefined && oddsOf(rate)[0] === 0);
}

function revivalOf(crash: PlannedFault['crash' | 'crashCaller']): Revival {
  const { restart, keepState } = typeof crash === 'object' ? crash : {};
  const after = restart === undefined ? RESTART : parseDuration(restart);
  return keepState === undefined ? { after } : { after, keepState };
}

function nodeFaultText({ node, freeze, clock, memory }: PlannedNodeFault): string {
  const what = freeze
    ? 'stands still'
    : clock !== undefined
      ? `clock ${clock}`
      : memory === undefined
        ? 'disk full'
        : `memory ${memory} left`;
  return `${node}: ${what}`;
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
