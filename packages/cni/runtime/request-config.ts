import type { PluginConfig, Result, RuntimeConfig } from '../contract.ts';
import type { NetworkPlugin } from '../network-config.ts';
import type { Network } from './config-file.ts';

/** What changes from call to call. */
export interface RequestExtras {
  /** Values for capabilities; a plugin gets those that it declared. */
  readonly capabilityArgs?: RuntimeConfig;
  readonly prevResult?: Result | undefined;
  readonly validAttachments?: readonly { readonly containerID: string; readonly ifname: string }[];
}

/** What a plugin reads on standard input. Spec: "Deriving request configuration from plugin configuration". */
export function requestConfig(network: Network, plugin: NetworkPlugin, extras: RequestExtras = {}): PluginConfig {
  const { capabilities = {}, ...own } = plugin;
  const wanted = Object.entries(extras.capabilityArgs ?? {}).filter(([name, value]) => capabilities[name] === true && value !== undefined);
  return {
    ...own,
    cniVersion: network.cniVersion,
    name: network.name,
    ...(wanted.length > 0 ? { runtimeConfig: Object.fromEntries(wanted) } : {}),
    ...(extras.prevResult ? { prevResult: extras.prevResult } : {}),
    ...(extras.validAttachments ? { 'cni.dev/valid-attachments': extras.validAttachments } : {}),
  };
}
