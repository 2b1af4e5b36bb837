import type { DelRequest } from '@slipway/cni';
import { messageOf, minutes, type Micros } from '@slipway/kernel';
import { isLinkFailure } from '../dispatch.ts';
import type { Exchange, Invariant } from '../invariant.ts';
import { nodeOf } from '../titles.ts';

/** So long a sandbox must have refused to go, by its last tries, before nobody expects it to. */
const PATIENCE: Micros = minutes(3);

interface Stuck {
  readonly since: Micros;
  readonly last: Micros;
  readonly why: string;
}

/**
 * Judged when the calm is over, for sandboxes whose teardown of the network failed at some time, or whose namespace is gone. While their
 * plugin refuses still, runtimes keep them rightly.
 */
export const stopDespiteNetwork: Invariant = {
  id: 'CRI-05',
  name: 'stop-despite-network',
  kind: 'L',
  holds: 'a sandbox can be removed when its network teardown cannot finish',
  watch: (world, { violated, met }, { attachments }) => {
    /** Whether the last DEL for a sandbox succeeded, of those for which one failed. */
    const undone = new Map<string, boolean>();
    const stuck = new Map<string, Stuck>();
    const ended = ({ call, answer, ok, code }: Exchange): void => {
      const { podSandboxId } = call.full as { readonly podSandboxId: string };
      const key = `${nodeOf(call.actor)}/${podSandboxId}`;
      if (ok) {
        if (undone.has(key)) met();
        stuck.delete(key);
        if (call.name.endsWith('/RemovePodSandbox')) undone.delete(key);
        return;
      }
      const before = stuck.get(key);
      if (isLinkFailure(code) && !before) return;
      const { now } = world.kernel;
      stuck.set(key, { since: before?.since ?? now, last: now, why: `${answer.actor}: ${messageOf(answer.full)}` });
    };
    return {
      answered: {
        'cni.Plugin/Del'({ call, ok }) {
          const key = `${nodeOf(call.actor)}/${(call.full as DelRequest).containerId}`;
          if (!ok || undone.has(key)) undone.set(key, ok);
        },
        'cri.RuntimeService/StopPodSandbox': ended,
        'cri.RuntimeService/RemovePodSandbox': ended,
      },
      afterCalm() {
        const { now } = world.kernel;
        for (const [key, { since, last, why }] of stuck) {
          const slash = key.indexOf('/');
          const [node, id] = [key.slice(0, slash), key.slice(slash + 1)];
          if (now - last > PATIENCE || last - since < PATIENCE || undone.get(key) === false) continue;
          const namespaceGone = attachments.of(node, id).some((attachment) => attachments.namespace(attachment) === undefined);
          if (!undone.has(key) && !namespaceGone) continue;
          met();
          violated(
            `sandbox ${id.slice(0, 13)} on ${node} cannot be removed, though its network is undone (${why})`,
            `PodSandbox ${id.slice(0, 13)}`,
          );
        }
      },
    };
  },
};
