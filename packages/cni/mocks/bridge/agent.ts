import { type ControllerDefinition, defineController, watch } from '@slipway/client';
import type { Host } from '@slipway/host';
import type { NetworkConfigList } from '../../network-config.ts';
import { writeNetworkConfig } from '../../runtime/index.ts';

const FILE = '10-bridge.conflist';

/**
 * Writes the network's configuration on one node once the node knows its podCIDR, as kindnetd and kubenet do from a template. Without
 * it the runtime has no network, so the node is not ready before it can give out addresses.
 *
 * @param networkFor the configuration for a pod network
 * @param subnet the pod network, where it does not follow from the node
 */
export function bridgeAgent(
  node: string,
  host: Host,
  networkFor: (subnet: string) => NetworkConfigList,
  subnet: string | undefined,
): ControllerDefinition {
  let written: string | undefined;
  return defineController({
    name: 'bridge',
    watches:
      subnet === undefined
        ? [
            watch('nodes', {
              fieldSelector: `metadata.name=${node}`,
              keys: (object, { old }) => (old?.spec.podCIDR === object.spec.podCIDR ? [] : [object.metadata.name]),
            }),
          ]
        : [],
    start() {
      written = undefined;
      if (subnet !== undefined) writeNetworkConfig(host.files, FILE, networkFor(subnet));
    },
    *reconcile(key, { informers }) {
      const podCidr = informers.get('nodes', { fieldSelector: `metadata.name=${node}` }).get(key)?.spec.podCIDR;
      if (podCidr === undefined || podCidr === written) return;
      writeNetworkConfig(host.files, FILE, networkFor(podCidr));
      written = podCidr;
    },
  });
}
