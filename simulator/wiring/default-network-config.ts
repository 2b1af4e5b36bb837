import { type ControllerDefinition, defineController, watch } from '@slipway/client';
import { networkOf, writeNetworkConfig } from '@slipway/cni';
import type { Host } from '@slipway/host';

/**
 * Configures the node for a network plugin that brings no agent of its own: once the node has its pod range, a list with the one plugin,
 * its options, and the range as `subnet`. In life containerd does this from a template (`conf_template`, `{{.PodCIDR}}`).
 */
export function networkConfigWriter(plugin: { readonly name: string }, options: object, node: string, host: Host): ControllerDefinition {
  const selection = { fieldSelector: `metadata.name=${node}` };
  return defineController({
    name: `${plugin.name}-config`,
    watches: [watch('nodes', selection)],
    *reconcile(name, { informers, log }) {
      const subnet = informers.get('nodes', selection).get(name)?.spec?.podCIDR;
      if (subnet === undefined) return;
      writeNetworkConfig(host.files, `10-${plugin.name}.conflist`, networkOf(plugin.name, { ...options, subnet }));
      log(`wrote the network configuration for ${subnet}`, name);
    },
  });
}
