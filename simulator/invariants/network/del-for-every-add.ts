import type { AddRequest } from '@slipway/cni';
import { minutes, type Micros } from '@slipway/kernel';
import type { Attachment } from '../facts/index.ts';
import type { Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { Remembered } from '../facts/remembered.ts';
import { describe, titleOfAttached } from './attachment-titles.ts';

/** Longer than any call to make a sandbox takes. */
const PATIENCE: Micros = minutes(5);

/**
 * Judged when a runtime has removed a sandbox: each plugin that was asked to ADD has been asked to DEL. And at rest: no attachment is
 * older than any call that might still work on it and belongs to a sandbox that its runtime never told of. A GC that does not keep an
 * attachment counts as its DEL. Machines that lost power meanwhile are left out: there the next GC cleans up.
 */
export const delForEveryAdd: Invariant = {
  id: 'NET-06',
  name: 'del-for-every-add',
  kind: 'Q',
  holds: 'each ADD that was begun is followed by a DEL before its sandbox is forgotten',
  watch: (world, { violated, met }, { attachments, runtime }) => {
    const report = (who: string, attachment: Attachment): void =>
      violated(
        `${who} forgot the sandbox of ${describe(attachment)} without a cni.Plugin/Del for its ${attachment.type} attachment ${attachment.ifname}`,
        titleOfAttached(attachment),
      );
    const begun = new Remembered<true>();
    return {
      called: {
        'cni.Plugin/Add': (call) => begun.set(`${nodeOf(call.actor)}/${(call.full as AddRequest).containerId}`, true),
      },
      answered: {
        'cri.RuntimeService/RemovePodSandbox'({ call, answer, ok }) {
          if (!ok) return;
          const { podSandboxId } = call.full as { readonly podSandboxId: string };
          if (begun.take(`${nodeOf(call.actor)}/${podSandboxId}`)) met();
          for (const attachment of attachments.of(nodeOf(call.actor), podSandboxId)) {
            if (!attachment.ended && attachment.power === attachments.powerOf(attachment.node)) report(answer.actor, attachment);
          }
        },
      },
      atRest() {
        for (const attachment of attachments.all()) {
          const { node, containerId, begunAt, ended, power } = attachment;
          if (ended || power === undefined || power !== attachments.powerOf(node) || world.kernel.now - begunAt < PATIENCE) continue;
          if (runtime.sandboxesOf(node).has(containerId)) continue;
          report(`the runtime of ${node}`, attachment);
        }
      },
    };
  },
};
