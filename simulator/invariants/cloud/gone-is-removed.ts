import type { ExistsResponse, NodeRequest } from '@slipway/cpi';
import type { Node, Stored } from '@slipway/kube';
import type { Invariant } from '../invariant.ts';

/**
 * A machine that is not there any more, and a node for it all the same, after the time that its controllers need. Only where a provider
 * is asked about machines: without one nobody removes nodes. A machine that went before the provider had found it stays for people to remove:
 * a name that nobody knows is no "does not exist". Source: cloud-provider-aws `pkg/providers/v1/instances_v2.go`, getProviderID.
 */
export const goneIsRemoved: Invariant = {
  id: 'CPI-03',
  name: 'gone-is-removed',
  kind: 'L',
  holds: 'a node whose instance is gone is removed within the bound',
  watch: (world, { violated, met }) => {
    /** Providers that answered whether a machine exists, and the last answer about each node. */
    const said = new Map<string, string>();
    let provider: string | undefined;
    const note = (name: string, actor: string, ok: boolean, full: unknown): void => {
      provider = actor;
      said.set(name, !ok ? 'with an error' : (full as ExistsResponse).exists ? 'that it exists' : 'that it does not exist');
    };
    return {
      answered: {
        'cpi.InstancesV2/InstanceExists': ({ call, answer, ok }) =>
          note((call.full as NodeRequest).node.metadata.name, answer.actor, ok, answer.full),
        'cpi.Instances/InstanceExistsByProviderId': ({ answer }) => void (provider = answer.actor),
        'cpi.InstancesV2/InstanceMetadata': ({ answer }) => void (provider = answer.actor),
      },
      resources: ['nodes'],
      write({ type, object }) {
        const { name } = object.metadata;
        if (type === 'DELETED' && !world.nodes.has(name)) met();
      },
      afterCalm() {
        if (provider === undefined) return;
        for (const object of world.server.objects('nodes')) {
          const { metadata, spec } = object as unknown as Stored<Node>;
          const { name } = metadata;
          if (world.nodes.has(name) || metadata.deletionTimestamp !== undefined || !spec?.providerID) continue;
          met();
          const word = said.has(name) ? `${provider} last answered ${said.get(name)}` : `${provider} was never asked`;
          violated(`the machine of ${name} is gone, and its node is still there: ${word}`, `Node ${name}`);
        }
      },
    };
  },
};
