import type { PluginConfig } from '../../contract.ts';
import { CNI_ERROR, CniError, pluginError } from '../../errors.ts';

/** The bridge plugin's own keys, with defaults filled in. */
export interface BridgeConfig {
  readonly bridge: string;
  readonly isGateway: boolean;
  readonly isDefaultGateway: boolean;
  readonly forceAddress: boolean;
  /** 0: the kernel's. */
  readonly mtu: number;
  readonly mac: string | undefined;
  /** Type of the plugin that hands out addresses; undefined: none, layer 2 only. */
  readonly ipam: string | undefined;
}

/** Keys whose effect the simulated host cannot show: better an error than a network that is not what was asked for. */
const NOT_SIMULATED = ['vlan', 'vlanTrunk', 'disableContainerInterface'] as const;

/** Reads the configuration. Defaults and checks: containernetworking/plugins plugins/main/bridge/bridge.go loadNetConf, cmdAdd. */
export function bridgeConfig(config: PluginConfig): BridgeConfig {
  for (const key of NOT_SIMULATED) {
    const value = config[key];
    if (value !== undefined && value !== 0 && value !== false) {
      throw new CniError(CNI_ERROR.UNSUPPORTED_FIELD, `unsupported field: "${key}": ${JSON.stringify(value)} is not simulated`);
    }
  }
  if (config['hairpinMode'] === true && config['promiscMode'] === true) {
    throw pluginError('cannot set hairpin mode and promiscuous mode at the same time');
  }
  const isDefaultGateway = config['isDefaultGateway'] === true;
  const { bridge, mtu } = config as { readonly bridge?: string; readonly mtu?: number };
  return {
    bridge: bridge || 'cni0',
    isGateway: isDefaultGateway || config['isGateway'] === true,
    isDefaultGateway,
    forceAddress: config['forceAddress'] === true,
    mtu: mtu ?? 0,
    mac: config.runtimeConfig?.mac,
    ipam: config.ipam?.type || undefined,
  };
}
