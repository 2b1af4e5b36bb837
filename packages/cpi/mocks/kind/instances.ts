import type { Implementation } from '@slipway/kernel';
import type { InstancesV2 } from '../../contract.ts';
import type { ExistsResponse, InstanceMetadataResponse, NodeRequest, ShutdownResponse } from '../../messages.ts';

/**
 * Nodes that are containers on one machine. Upstream asks the container runtime; here the Node itself is the word on its machine, which
 * therefore exists for as long as the id is its own, and is never "shut down". Source: cloud-provider-kind `pkg/provider/instances.go`.
 */
export class KindInstances implements Implementation<InstancesV2> {
  instanceExists({ node }: NodeRequest): ExistsResponse {
    return { exists: !node.spec.providerID || node.spec.providerID === idOf(node) };
  }

  instanceShutdown(): ShutdownResponse {
    return { shutdown: false };
  }

  instanceMetadata({ node }: NodeRequest): InstanceMetadataResponse {
    const internal = (node.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP');
    return {
      metadata: {
        providerId: node.spec.providerID || idOf(node),
        instanceType: 'kind-node',
        nodeAddresses: [{ type: 'Hostname', address: node.metadata.name }, ...internal],
        // A laptop has neither.
        zone: '',
        region: '',
      },
    };
  }
}

const idOf = ({ metadata: { name } }: NodeRequest['node']): string => `kind://${name}`;
