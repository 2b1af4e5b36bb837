import { minutes, type Micros, type Owner } from '@slipway/kernel';
import type { Invariant } from '../invariant.ts';
import { hasLongBeenReady } from '../runtime/nodes.ts';
import { nodeOf } from '../titles.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';
import { notedOn } from './noted-addresses.ts';

/** What a kubelet, its runtime and a GC need after a reboot to find what is gone. */
const PATIENCE: Micros = minutes(5);

/**
 * Judged when the calm is over, on nodes that have long been ready again. A sandbox that was there when the power went is gone with its
 * namespace; unless its runtime still knows it (a finished pod's), it was asked to DEL, or left out of a GC, and no file notes an address
 * for it. Void where the first GC after the reboot was refused: runtimes ask again at their next start only.
 */
export const rebootReclaim: Invariant = {
  id: 'NET-09',
  name: 'reboot-reclaim',
  kind: 'L',
  holds: 'allocations of sandboxes lost in a reboot return to the pool',
  watch: (world, { violated, met }, { attachments, runtime }) => {
    /** The power-up in which a GC of a node failed last. */
    const refused = new Map<string, Owner | undefined>();
    return {
      called: {
        'cni.Plugin/Del'(call) {
          const attachment = attachments.find(call);
          if (attachment?.power !== undefined && attachment.power !== attachments.powerOf(attachment.node)) met();
        },
        'cni.Plugin/Gc'(call) {
          for (const { node, power } of attachments.all()) {
            if (node === nodeOf(call.actor) && power !== undefined && power !== attachments.powerOf(node)) met();
          }
        },
      },
      answered: {
        'cni.Plugin/Gc'({ call, ok }) {
          if (!ok) refused.set(nodeOf(call.actor), attachments.powerOf(nodeOf(call.actor)));
        },
      },
      afterCalm() {
        for (const attachment of attachments.all()) {
          const { node, containerId, power, begunAt } = attachment;
          const now = attachments.powerOf(node);
          if (power === undefined || now === undefined || power === now || world.kernel.now - begunAt < PATIENCE) continue;
          if (refused.get(node) === now || !hasLongBeenReady(world, node, PATIENCE)) continue;
          if (runtime.sandboxesOf(node).has(containerId)) continue;
          const host = world.nodes.get(node)?.host;
          const noted = host ? [...notedOn(host, attachment)].find((each) => each.containerId === containerId) : undefined;
          if (attachment.ended && noted === undefined) continue;
          violated(
            noted
              ? `${noted.address} is still noted for the sandbox of ${describe(attachment)}, which was lost in a reboot`
              : `nobody asked ${attachment.type} to free what the sandbox of ${describe(attachment)} had, which was lost in a reboot`,
            titleOfAttached(attachment),
          );
        }
      },
    };
  },
};
