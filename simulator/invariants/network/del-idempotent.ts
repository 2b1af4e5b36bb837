import type { DelRequest } from '@slipway/cni';
import { messageOf } from '@slipway/kernel';
import { isLinkFailure } from '../dispatch.ts';
import type { Invariant, Watched } from '../invariant.ts';
import { nodeOf } from '../titles.ts';
import { titleOfAttached } from './attachment-titles.ts';

/** `TRY_AGAIN_LATER` of the spec: right as long as there is something to free. */
const TRY_AGAIN_LATER = '11';

/**
 * Judged at each DEL that fails though nothing is left to undo: an earlier DEL succeeded, there never was an ADD, or the namespace is
 * gone. Void when an injected fault struck meanwhile, and for a plugin that has not answered anything yet, which may not be installed.
 */
export const delIdempotent: Invariant = {
  id: 'NET-05',
  name: 'del-idempotent',
  kind: 'S',
  holds: 'DEL succeeds with namespace, result or allocation already gone, any number of times',
  watch: (world, { violated, met }, { attachments }) => {
    const working = new Set<string>();
    return {
      called: {
        'cni.Plugin/Del'(call) {
          if (attachments.find(call) === undefined || isNamespaceGone(world, call.actor, call.full as DelRequest)) met();
        },
      },
      answered: {
        'cni.Plugin/Add'({ call, answer, ok }) {
          if (ok) working.add(`${answer.actor} ${(call.full as DelRequest).config.type}`);
        },
        'cni.Plugin/Del'({ call, answer, ok, code, disturbed }) {
          const request = call.full as DelRequest;
          const plugin = `${answer.actor} ${request.config.type}`;
          if (ok) {
            working.add(plugin);
            return;
          }
          if (disturbed || isLinkFailure(code) || !working.has(plugin)) return;
          const attachment = attachments.find(call);
          const gone = attachment === undefined ? 'nothing is attached any more' : isNamespaceGone(world, call.actor, request);
          if (gone === undefined || (attachment && code === TRY_AGAIN_LATER)) return;
          const pod =
            request.args?.['K8S_POD_NAME'] === undefined ? '' : `${request.args['K8S_POD_NAMESPACE']}/${request.args['K8S_POD_NAME']}`;
          const title = titleOfAttached({ pod, containerId: request.containerId });
          violated(`${answer.actor} failed ${call.name} for ${title} with ${code} (${messageOf(answer.full)}), though ${gone}`, title);
        },
      },
    };
  },
};

function isNamespaceGone({ nodes }: Watched, actor: string, { netns = '' }: DelRequest): string | undefined {
  const host = nodes.get(nodeOf(actor))?.host;
  const gone = netns === '' || (host?.on && host.network.get(netns) === undefined);
  return gone ? 'its namespace is gone' : undefined;
}
