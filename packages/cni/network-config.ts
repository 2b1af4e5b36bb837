// What an administrator (or an agent) writes into /etc/cni/net.d. Spec: "Section 1: Network configuration format".

import type { Dns, IpamConfig } from './contract.ts';

/** A network: the plugins that make an attachment to it, in order. The file is JSON named `*.conflist`. */
export interface NetworkConfigList {
  /** Version of the protocol. Left out: 0.1.0, which no plugin here speaks. */
  readonly cniVersion?: string;
  /** All versions that the configuration is good for; the runtime takes the highest that it knows. */
  readonly cniVersions?: readonly string[];
  /** A letter or digit, then letters, digits, `_`, `.` or `-`; unique on the host. */
  readonly name: string;
  /** CHECK of this network succeeds without asking a plugin. */
  readonly disableCheck?: boolean;
  /** GC of this network does nothing. */
  readonly disableGC?: boolean;
  /** True: only `plugins`. False: files in the folder beside this one that is named like the network are appended. */
  readonly loadOnlyInlinedPlugins?: boolean;
  readonly plugins: readonly NetworkPlugin[];
}

/** One plugin's object in a network configuration. Keys that the spec does not know are the plugin's own. */
export interface NetworkPlugin {
  /** Name of the plugin, without path separators. */
  readonly type: string;
  /** Runtime features that it wants values for, such as `portMappings`. */
  readonly capabilities?: Readonly<Record<string, boolean>>;
  readonly ipMasq?: boolean;
  readonly ipam?: IpamConfig;
  readonly dns?: Dns;
  readonly [key: string]: unknown;
}

/** Where networks are configured. Several files: the first by name counts. */
export const NETWORK_CONFIG_DIRECTORY = '/etc/cni/net.d';

/** Where plugins are installed. */
export const PLUGIN_DIRECTORY = '/opt/cni/bin';

/** Where the runtime keeps what it must remember. Source: libcni/api.go CacheDir. */
export const CACHE_DIRECTORY = '/var/lib/cni';
