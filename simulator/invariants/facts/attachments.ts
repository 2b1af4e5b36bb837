import type { AddRequest, DelRequest, GcRequest, Result } from '@slipway/cni';
import type { NetworkNamespace } from '@slipway/host';
import type { Micros, Owner, TraceRecord } from '@slipway/kernel';
import type { Check, Exchange, Watched } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** What one plugin did for one interface of one sandbox: from the ADD that was begun to the DEL that succeeded. */
export interface Attachment {
  readonly node: string;
  readonly containerId: string;
  readonly ifname: string;
  /** Type of the plugin within its network. */
  readonly type: string;
  readonly network: string;
  readonly netns: string;
  /** `default/web-1`; empty when the runtime does not say. */
  readonly pod: string;
  readonly begunAt: Micros;
  /** The power-up of the machine that it was made in. */
  readonly power: Owner | undefined;
  /** Addresses of the last result, without prefix length; empty until ADD has succeeded. */
  ips: readonly string[];
  /** A DEL was begun, or a GC that does not keep it. */
  ended: boolean;
  /** The addresses were on the namespace's interfaces when ADD had succeeded. */
  visible: boolean;
}

/** Network attachments by what runtimes asked plugins for. A chain of plugins makes one attachment for each. */
export class Attachments implements Check {
  readonly called: NonNullable<Check['called']>;
  readonly answered: NonNullable<Check['answered']>;
  readonly #world: Watched;
  /** By node, then sandbox. */
  readonly #nodes = new Map<string, Map<string, Attachment[]>>();

  constructor(world: Watched) {
    this.#world = world;
    this.called = {
      'cni.Plugin/Add': (call) => this.#adding(call),
      'cni.Plugin/Del': (call) => this.#deleting(call),
      'cni.Plugin/Gc': (call) => this.#collecting(call),
    };
    this.answered = {
      'cni.Plugin/Add': (exchange) => this.#added(exchange),
      'cni.Plugin/Del': (exchange) => this.#deleted(exchange),
    };
  }

  /** The attachment that a request is about, while it is open. */
  find(call: TraceRecord): Attachment | undefined {
    const { containerId, ifname, config } = call.full as DelRequest;
    return this.of(nodeOf(call.actor), containerId).find((each) => each.ifname === ifname && each.type === config.type);
  }

  /** Open attachments of a sandbox. */
  of(node: string, containerId: string): readonly Attachment[] {
    return this.#nodes.get(node)?.get(containerId) ?? [];
  }

  /** All open attachments. */
  *all(): Generator<Attachment> {
    for (const sandboxes of this.#nodes.values()) for (const attachments of sandboxes.values()) yield* attachments;
  }

  /** How many open attachments of a node no answer has told the address of: their ADD is under way, was lost or failed, and no DEL succeeded. */
  unanswered(node: string): number {
    let count = 0;
    for (const attachments of this.#nodes.get(node)?.values() ?? []) for (const { ips } of attachments) if (ips.length === 0) count += 1;
    return count;
  }

  /** The namespace of an attachment, if the machine still has it. */
  namespace({ node, netns }: Pick<Attachment, 'node' | 'netns'>): NetworkNamespace | undefined {
    const host = this.#world.nodes.get(node)?.host;
    return host?.on ? host.network.get(netns) : undefined;
  }

  /** Whether the sandbox can still be there: its machine has had power ever since, its namespace exists and nobody has taken it down. */
  isLive(attachment: Attachment): boolean {
    if (attachment.ended) return false;
    // Without a machine to look at, the calls alone count.
    if (!this.#world.nodes.has(attachment.node)) return true;
    return this.powerOf(attachment.node) === attachment.power && this.namespace(attachment) !== undefined;
  }

  /** The power-up that a machine is in now; undefined when it is off, or not known. */
  powerOf(node: string): Owner | undefined {
    const host = this.#world.nodes.get(node)?.host;
    return host?.on ? host.owner : undefined;
  }

  #adding(call: TraceRecord): void {
    const { containerId, ifname, netns, config, args } = call.full as AddRequest;
    const node = nodeOf(call.actor);
    const before = this.find(call);
    if (before) {
      // Asked again without a DEL between: an answer was lost, or the plugin has to refuse.
      before.ended = false;
      return;
    }
    const attachment: Attachment = {
      node,
      containerId,
      ifname,
      type: config.type,
      network: config.name,
      netns,
      pod: args?.['K8S_POD_NAME'] === undefined ? '' : `${args['K8S_POD_NAMESPACE'] ?? 'default'}/${args['K8S_POD_NAME']}`,
      begunAt: call.at,
      power: this.powerOf(node),
      ips: [],
      ended: false,
      visible: false,
    };
    let sandboxes = this.#nodes.get(node);
    if (!sandboxes) {
      sandboxes = new Map();
      this.#nodes.set(node, sandboxes);
    }
    const attachments = sandboxes.get(containerId);
    if (attachments) attachments.push(attachment);
    else sandboxes.set(containerId, [attachment]);
  }

  #added({ call, answer, ok }: Exchange): void {
    const attachment = ok ? this.find(call) : undefined;
    if (!attachment) return;
    attachment.ips = (answer.full as Result).ips?.map(({ address }) => address.split('/')[0] ?? '') ?? [];
    const namespace = this.namespace(attachment);
    attachment.visible = namespace !== undefined && attachment.ips.every((ip) => namespace.has(ip));
  }

  #deleting(call: TraceRecord): void {
    const attachment = this.find(call);
    if (attachment) attachment.ended = true;
  }

  #deleted({ call, ok }: Exchange): void {
    if (!ok) return;
    const { containerId, ifname, config } = call.full as DelRequest;
    const sandboxes = this.#nodes.get(nodeOf(call.actor));
    const left = sandboxes?.get(containerId)?.filter((each) => each.ifname !== ifname || each.type !== config.type) ?? [];
    if (left.length > 0) sandboxes?.set(containerId, left);
    else sandboxes?.delete(containerId);
  }

  #collecting(call: TraceRecord): void {
    const { config } = call.full as GcRequest;
    const valid = new Set(config['cni.dev/valid-attachments']?.map(({ containerID }) => containerID));
    for (const [containerId, attachments] of this.#nodes.get(nodeOf(call.actor)) ?? []) {
      if (valid.has(containerId)) continue;
      for (const attachment of attachments) if (attachment.network === config.name) attachment.ended = true;
    }
  }
}
