import type { AddRequest, PortMapping } from '@slipway/cni';
import { minutes, type Micros, type Owner } from '@slipway/kernel';
import type { Attachment } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';

/** Longer than any call that takes a rule away. */
const PATIENCE: Micros = minutes(2);

interface Claim {
  readonly port: string;
  readonly mapping: PortMapping;
  attachment: Attachment;
  readonly power: Owner | undefined;
}

/**
 * Rules are sockets of the host here. Judged for ports that an ADD was told to map: once every attachment that claimed one is gone, the
 * port is free, unless a process of the host listens on it; while one lives, exactly one rule is there.
 */
export const hostPortRules: Invariant = {
  id: 'NET-11',
  name: 'host-port-rules',
  kind: 'Q',
  holds: 'port rules exist for live pods only, one per port',
  watch: (world, verdict, { attachments }) => {
    const { violated, met } = verdict;
    /** Newest claim by node and port. */
    const claims = new Map<string, Claim & { readonly since: Micros }>();
    const keyOf = (node: string, { hostPort, hostIP, protocol = 'tcp' }: PortMapping): string =>
      `${node} ${protocol.toLowerCase()} ${hostPort} ${hostIP ?? ''}`;
    return {
      called: {
        // Whoever had it before: from here on a rule may be this one's, whatever comes of the call.
        'cni.Plugin/Add'(call) {
          for (const mapping of (call.full as AddRequest).config.runtimeConfig?.portMappings ?? [])
            claims.delete(keyOf(nodeOf(call.actor), mapping));
        },
      },
      answered: {
        'cni.Plugin/Add'({ call, ok, disturbed }) {
          const attachment = ok && !disturbed ? attachments.find(call) : undefined;
          const { config } = call.full as AddRequest;
          if (!attachment || attachment.power === undefined) return;
          for (const mapping of config.runtimeConfig?.portMappings ?? []) {
            const port = `${(mapping.protocol ?? 'tcp').toLowerCase()} ${mapping.hostPort}`;
            const { power } = attachment;
            claims.set(keyOf(attachment.node, mapping), { port, mapping, attachment, power, since: world.kernel.now });
          }
        },
      },
      atRest() {
        for (const [key, { port, mapping, attachment, power, since }] of claims) {
          const host = world.nodes.get(attachment.node)?.host;
          if (!host?.on || attachments.powerOf(attachment.node) !== power) {
            claims.delete(key);
            continue;
          }
          if (world.kernel.now - since < PATIENCE) continue;
          const { hostPort, hostIP, protocol = 'tcp' } = mapping;
          const sockets = host.network.root.sockets.filter(
            (socket) =>
              socket.protocol === protocol && socket.port === hostPort && (socket.address ?? '') === (isAny(hostIP) ? '' : hostIP),
          );
          // What a process listens on is its own.
          const rules = sockets.filter(({ owner }) => owner === undefined || owner === host.owner);
          met();
          const isOpen = attachments.of(attachment.node, attachment.containerId).includes(attachment);
          if (!isOpen && !verdict.isAsking) claims.delete(key);
          if (!isOpen && rules.length > 0) {
            violated(
              `port ${port} of ${attachment.node} still leads to ${describe(attachment)}, which is gone`,
              titleOfAttached(attachment),
            );
          } else if (rules.length > 1) {
            violated(`port ${port} of ${attachment.node} has ${rules.length} rules`, titleOfAttached(attachment));
          }
        }
      },
    };
  },
};

const isAny = (ip: string | undefined): boolean => ip === undefined || ip === '' || ip === '0.0.0.0' || ip === '::';
