import type { AddRequest, GcRequest, Result } from '@slipway/cni';
import { formatIp, parseCidr, parseIp } from '@slipway/host';
import { messageOf, type Owner, type TraceRecord } from '@slipway/kernel';
import type { Attachment, Facts } from '../facts/index.ts';
import { Remembered } from '../facts/remembered.ts';
import type { Exchange, Invariant, Watched } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { AddressPool } from './address-pool.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';
import { stillNoted } from './noted-addresses.ts';

/** How plugins say that they have no address left: `no IP addresses available in range set`, `pool exhausted`. */
const NO_ADDRESS =
  /\bno (more |free |available |unused )*(ips?\b|ip addr|address)|address(es)? (left|available|exhausted)|exhausted|pool (is )?(full|empty)|out of (ip )?address|ran out/i;

/** Longest prefix that makes a pool: of two addresses there is none to choose. */
const LONGEST = 30;

/**
 * What a plugin keeps to itself cannot be seen, so this judges by what it answers (see `AddressPool`), and by the files that plugins after
 * the manner of the reference IPAM keep. Void for sandboxes whose calls were disturbed, and for what was held when the power went.
 */
export const poolConserved: Invariant = {
  id: 'NET-07',
  name: 'pool-conserved',
  kind: 'Q',
  holds: 'free plus attached equals the pool; the count returns to its start when all pods are gone',
  watch: (world, verdict, facts) => {
    const ledger = new Ledger(world, facts);
    /** Attachments at the time of the DEL that is under way. */
    const ending = new Map<number, Attachment>();
    const doubtful = new Remembered<true>();
    const keyOf = ({ node, containerId }: Attachment): string => `${node}/${containerId}`;
    return {
      called: {
        'cni.Plugin/Del'(call) {
          const attachment = facts.attachments.find(call);
          if (attachment) ending.set(call.seq, attachment);
        },
      },
      answered: {
        'cni.Plugin/Add'(exchange) {
          const { call, answer, ok, disturbed } = exchange;
          const attachment = facts.attachments.find(call);
          if (attachment && disturbed) doubtful.set(keyOf(attachment), true);
          if ((call.full as AddRequest).config.prevResult) return;
          if (!ok) {
            const free = ledger.failed(exchange);
            if (free === undefined) return;
            verdict.met();
            if (free.length > 0) {
              verdict.violated(
                `${answer.actor} failed ${call.name} for want of an address (${messageOf(answer.full)}), though ${free.slice(0, 4).join(', ')} ${free.length === 1 ? 'is' : 'are'} free`,
                attachment ? titleOfAttached(attachment) : `Node ${nodeOf(call.actor)}`,
              );
            }
            return;
          }
          if (!attachment) return;
          const passed = ledger.gave(attachment, answer.full as Result, disturbed);
          for (const address of passed) {
            verdict.violated(
              `${answer.actor} gives ${address} to nobody any more: it always gives the lowest free address, an ADD failed when that was ${address}, and it has been passed over since, last for ${describe(attachment)}`,
              titleOfAttached(attachment),
            );
          }
        },
        'cni.Plugin/Del'({ call, answer, ok, disturbed }) {
          const attachment = ending.get(call.seq);
          ending.delete(call.seq);
          if (!attachment) return;
          if (disturbed) doubtful.set(keyOf(attachment), true);
          if (!ok) return;
          verdict.met();
          ledger.took(attachment);
          if (doubtful.has(keyOf(attachment)) || facts.attachments.of(attachment.node, attachment.containerId).length > 0) return;
          const host = world.nodes.get(attachment.node)?.host;
          const left = host?.on ? stillNoted(host, attachment, attachment.containerId, attachment.ips) : [];
          if (left.length === 0) return;
          verdict.violated(
            `${answer.actor} answered ${call.name} for ${describe(attachment)}, and ${left.join(' and ')} is still noted as taken by it`,
            titleOfAttached(attachment),
          );
        },
        'cni.Plugin/Gc'({ call, ok }) {
          if (ok) ledger.collected(call);
        },
      },
    };
  },
};

interface PoolKey {
  readonly node: string;
  readonly type: string;
  readonly network: string;
}

/** The pools of all plugins on all nodes. */
class Ledger {
  readonly #world: Watched;
  readonly #facts: Facts;
  readonly #pools = new Map<string, Map<string, AddressPool>>();
  readonly #powers = new Map<string, Owner | undefined>();

  constructor(world: Watched, facts: Facts) {
    this.#world = world;
    this.#facts = facts;
  }

  /** Addresses that are free when the plugin says that there are none; undefined when it says no such thing, or nobody can know. */
  failed({ call, answer, disturbed }: Exchange): readonly string[] | undefined {
    const { config } = call.full as AddRequest;
    const pools = this.#of({ node: nodeOf(call.actor), type: config.type, network: config.name });
    // This one is open as well, until its DEL.
    const others = this.#facts.attachments.unanswered(nodeOf(call.actor)) - 1;
    if (NO_ADDRESS.test(messageOf(answer.full))) {
      if (pools.size !== 1 || disturbed) return undefined;
      const free = [...pools.values()].flatMap((pool) => pool.free(this.#world.kernel.now));
      return free.length > others ? free : [];
    }
    for (const pool of pools.values()) pool.failed(others, this.#taken(nodeOf(call.actor), pool));
    return undefined;
  }

  gave(attachment: Attachment, { ips = [] }: Result, disturbed: boolean): readonly string[] {
    const pools = this.#of(attachment);
    const passed: string[] = [];
    for (const { address, gateway } of ips) {
      const range = parseCidr(address);
      if (!range || range.ip.family !== 4 || range.prefix > LONGEST) continue;
      const key = `${formatIp(range.network)}/${range.prefix}`;
      const pool = pools.get(key) ?? new AddressPool(range);
      pools.set(key, pool);
      // While calls are open, addresses may be held that nobody has heard of.
      const sure = !disturbed && this.#facts.attachments.unanswered(attachment.node) === 0;
      const { now } = this.#world.kernel;
      const given = pool.give(range.ip.value, attachment.containerId, now, this.#taken(attachment.node, pool, gateway), sure);
      // One that was delivered twice may have failed the second time.
      if (disturbed) pool.failed(0, this.#taken(attachment.node, pool, gateway));
      passed.push(...given.map((value) => pool.text(value)));
    }
    return passed;
  }

  took(attachment: Attachment): void {
    for (const address of attachment.ips) {
      const ip = parseIp(address);
      if (!ip) continue;
      for (const pool of this.#of(attachment).values()) pool.take(ip.value, attachment.containerId, this.#world.kernel.now);
    }
  }

  collected(call: TraceRecord): void {
    const { config } = call.full as GcRequest;
    const node = nodeOf(call.actor);
    for (const attachment of this.#facts.attachments.all()) {
      if (attachment.node === node && attachment.ended && attachment.network === config.name) this.took(attachment);
    }
  }

  #taken(node: string, { range }: AddressPool, gateway?: string): (value: bigint) => boolean {
    const host = this.#world.nodes.get(node)?.host;
    const gate = gateway === undefined ? undefined : parseIp(gateway)?.value;
    return (value) => value === gate || (host?.on === true && host.network.root.has(formatIp({ family: range.ip.family, value })));
  }

  #of({ node, type, network }: PoolKey): Map<string, AddressPool> {
    const key = `${node} ${type} ${network}`;
    let pools = this.#pools.get(key);
    if (!pools) this.#pools.set(key, (pools = new Map()));
    const power = this.#facts.attachments.powerOf(node);
    if (this.#powers.get(key) !== power) for (const pool of pools.values()) pool.doubt(this.#world.kernel.now);
    this.#powers.set(key, power);
    return pools;
  }
}
