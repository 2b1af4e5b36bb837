import type { Attachment } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';

/** Judged at each ADD that succeeds. An address is free again from the moment on at which a DEL for its holder begins. */
export const uniqueAddress: Invariant = {
  id: 'NET-01',
  name: 'unique-address',
  kind: 'S',
  holds: 'two live sandboxes never share an address in one network',
  watch: (_world, { violated, met }, { attachments }) => {
    const holders = new Map<string, Attachment>();
    return {
      called: {
        'cni.Plugin/Del'(call) {
          const attachment = attachments.find(call);
          for (const ip of attachment?.ips ?? []) if (holders.get(ip) === attachment) holders.delete(ip);
        },
      },
      answered: {
        'cni.Plugin/Add'({ call, answer, ok }) {
          const attachment = ok ? attachments.find(call) : undefined;
          // The runtime has given up on it meanwhile.
          if (!attachment || attachment.ended) return;
          for (const ip of attachment.ips) {
            if (isLoopback(ip)) continue;
            met();
            const holder = holders.get(ip);
            holders.set(ip, attachment);
            if (!holder || isSameSandbox(holder, attachment) || !attachments.isLive(holder)) continue;
            violated(
              `${answer.actor} answered ${call.name} for ${describe(attachment)} with ${ip}, which ${describe(holder)} has already`,
              titleOfAttached(attachment),
              titleOfAttached(holder),
            );
          }
        },
      },
    };
  },
};

/** The plugins of a chain hand one result on. */
const isSameSandbox = (one: Attachment, other: Attachment): boolean => one.containerId === other.containerId && one.node === other.node;

const isLoopback = (ip: string): boolean => ip.startsWith('127.') || ip === '::1';
