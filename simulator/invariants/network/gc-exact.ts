import type { GcRequest } from '@slipway/cni';
import type { Attachment } from '../facts/index.ts';
import { Remembered } from '../facts/remembered.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';
import { notedOn, stillNoted } from './noted-addresses.ts';

/**
 * Judged at each GC that succeeds, by what the machine has: a valid attachment keeps its addresses, on its interface and in the files of
 * plugins that note them there; nobody else is noted any more. And later, when an address comes to another that a GC had to keep for its
 * holder. Attachments of calls that run beside the GC are left out.
 */
export const gcExact: Invariant = {
  id: 'NET-08',
  name: 'gc-exact',
  kind: 'S',
  holds: 'GC frees exactly the attachments not in the valid set, and none that is in it',
  watch: (world, { violated, met }, { attachments }) => {
    /** Valid attachments of the GC that is under way, with what they had when it began. */
    const before = new Map<
      number,
      readonly { readonly attachment: Attachment; readonly intact: boolean; readonly noted: readonly string[] }[]
    >();
    /** Attachments that a GC has been told to keep. */
    const kept = new Remembered<Attachment>();
    const isIntact = (attachment: Attachment): boolean => {
      const namespace = attachments.namespace(attachment);
      return attachment.visible && namespace !== undefined && attachment.ips.every((ip) => namespace.has(ip));
    };
    const notedFor = (attachment: Attachment): readonly string[] => {
      const host = world.nodes.get(attachment.node)?.host;
      return host?.on ? stillNoted(host, attachment, attachment.containerId, attachment.ips) : [];
    };
    return {
      called: {
        'cni.Plugin/Gc'(call) {
          const { config } = call.full as GcRequest;
          const node = nodeOf(call.actor);
          const valid = (config['cni.dev/valid-attachments'] ?? []).flatMap(({ containerID, ifname }) =>
            attachments
              .of(node, containerID)
              .filter((each) => each.ifname === ifname && each.type === config.type && attachments.isLive(each)),
          );
          before.set(
            call.seq,
            valid.map((attachment) => ({ attachment, intact: isIntact(attachment), noted: notedFor(attachment) })),
          );
          for (const attachment of valid) for (const ip of attachment.ips) kept.set(`${node} ${ip}`, attachment);
        },
      },
      answered: {
        'cni.Plugin/Add'({ call, answer, ok }) {
          const attachment = ok ? attachments.find(call) : undefined;
          if (!attachment) return;
          for (const ip of attachment.ips) {
            const holder = kept.get(`${attachment.node} ${ip}`);
            if (!holder || holder.containerId === attachment.containerId || holder.ended || !attachments.isLive(holder)) continue;
            kept.delete(`${attachment.node} ${ip}`);
            violated(
              `${answer.actor} freed ${ip}, which a GC had to keep for ${describe(holder)}: ${describe(attachment)} has it now`,
              titleOfAttached(holder),
              titleOfAttached(attachment),
            );
          }
        },
        'cni.Plugin/Gc'({ call, answer, ok, disturbed }) {
          const kept = before.get(call.seq) ?? [];
          before.delete(call.seq);
          const { config } = call.full as GcRequest;
          const node = nodeOf(call.actor);
          const host = world.nodes.get(node)?.host;
          if (!ok || disturbed || !host?.on) return;
          met();
          for (const { attachment, intact, noted } of kept) {
            if (attachment.ended || !attachments.isLive(attachment)) continue;
            const lost =
              intact && !isIntact(attachment) ? 'its interface' : notedFor(attachment).length < noted.length ? 'its address' : undefined;
            if (lost === undefined) continue;
            violated(
              `${answer.actor} answered ${call.name} and took ${lost} from ${describe(attachment)}, which is valid`,
              titleOfAttached(attachment),
            );
          }
          const valid = new Set((config['cni.dev/valid-attachments'] ?? []).map(({ containerID }) => containerID));
          for (const { address, containerId } of notedOn(host, { network: config.name, type: config.type })) {
            const began = attachments.of(node, containerId).some(({ begunAt, ended }) => !ended && begunAt >= call.at);
            if (valid.has(containerId) || began) continue;
            violated(
              `${answer.actor} answered ${call.name} and left ${address} with sandbox ${containerId.slice(0, 13)}, which is not valid`,
              `Node ${node}`,
            );
          }
        },
      },
    };
  },
};
