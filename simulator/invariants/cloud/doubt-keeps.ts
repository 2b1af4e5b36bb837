import type { ExistsResponse, NodeRequest } from '@slipway/cpi';
import type { Invariant } from '../invariant.ts';

const LIFECYCLE = 'cloud-node-lifecycle-controller';

/** The controller's last question about a node before it deletes it is the one that counts. */
export const doubtKeeps: Invariant = {
  id: 'CPI-02',
  name: 'doubt-keeps',
  kind: 'S',
  holds: 'a node object is deleted only on a definite "does not exist", never on a cloud error',
  watch: (_world, { violated }) => {
    const byNode = new Map<string, boolean>();
    const byProviderId = new Map<string, boolean>();
    return {
      resources: ['nodes'],
      write({ type, object }, by) {
        if (type !== 'DELETED') return;
        const { name } = object.metadata;
        const { providerID = '' } = (object as { readonly spec?: { readonly providerID?: string } }).spec ?? {};
        const gone = byNode.get(name) ?? byProviderId.get(providerID) ?? false;
        byNode.delete(name);
        byProviderId.delete(providerID);
        if (by?.actor === LIFECYCLE && !gone)
          violated(`${by.actor} deleted ${name}, of which its provider never said that it is gone`, `Node ${name}`);
      },
      answered: {
        'cpi.InstancesV2/InstanceExists'({ call, answer, ok }) {
          byNode.set((call.full as NodeRequest).node.metadata.name, ok && !(answer.full as ExistsResponse).exists);
        },
        'cpi.Instances/InstanceExistsByProviderId'({ call, answer, ok }) {
          byProviderId.set((call.full as { readonly providerId: string }).providerId, ok && !(answer.full as ExistsResponse).exists);
        },
      },
    };
  },
};
