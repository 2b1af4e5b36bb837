import type { DelRequest } from '@slipway/cni';
import type { Attachment } from '../facts/index.ts';
import type { Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { Remembered } from '../facts/remembered.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';

/**
 * Judged at each DEL that was answered, by the namespaces of the sandboxes that a plugin might take for the deleted one: those of the
 * same pod, and those that have an address which it had before. Their addresses must still be on their interfaces.
 */
export const lateDelHarmless: Invariant = {
  id: 'NET-12',
  name: 'late-del-harmless',
  kind: 'S',
  holds: "a late or repeated DEL of an old sandbox does not touch the new one's attachment",
  watch: (_world, { violated, met }, { attachments }) => {
    /** Newest attachment by `node pod` and by `node address`. */
    const newest = new Map<string, Attachment>();
    /** Addresses of sandboxes that were deleted, while somebody else may have got them. */
    const had = new Remembered<readonly string[]>();
    const isIntact = (attachment: Attachment): boolean => {
      const namespace = attachments.namespace(attachment);
      return !attachment.visible || !attachments.isLive(attachment) || attachment.ips.every((ip) => namespace?.has(ip));
    };
    return {
      called: {
        'cni.Plugin/Del'(call) {
          const attachment = attachments.find(call);
          if (attachment && attachment.ips.length > 0) had.set(`${attachment.node} ${attachment.containerId}`, attachment.ips);
          for (const key of attachment ? keysOf(attachment) : []) if (newest.get(key) === attachment) newest.delete(key);
        },
      },
      answered: {
        'cni.Plugin/Add'({ call, ok }) {
          const attachment = ok ? attachments.find(call) : undefined;
          if (attachment && !attachment.ended) for (const key of keysOf(attachment)) newest.set(key, attachment);
        },
        'cni.Plugin/Del'({ call, answer }: Exchange) {
          const { containerId, args } = call.full as DelRequest;
          const node = nodeOf(call.actor);
          const pod = args?.['K8S_POD_NAME'];
          const keys = (had.get(`${node} ${containerId}`) ?? []).map((ip) => `${node} ${ip}`);
          if (pod !== undefined) keys.push(`${node} ${args?.['K8S_POD_NAMESPACE'] ?? 'default'}/${pod}`);
          for (const key of keys) {
            const other = newest.get(key);
            if (!other || other.containerId === containerId) continue;
            met();
            if (isIntact(other)) continue;
            newest.delete(key);
            violated(
              `${answer.actor} answered ${call.name} for the old sandbox ${containerId.slice(0, 13)} and took the address of ${describe(other)} away`,
              titleOfAttached(other),
            );
          }
        },
      },
    };
  },
};

const keysOf = ({ node, pod, ips }: Attachment): readonly string[] => [...ips, ...(pod === '' ? [] : [pod])].map((key) => `${node} ${key}`);
