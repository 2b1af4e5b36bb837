import { CallError, codeOf, messageOf, type Client, type Process } from '@slipway/kernel';
import type { FileSystem } from '@slipway/host';
import type { AddRequest, Attachment, Cni, DelRequest, Result, RuntimeConfig, VersionResult } from '../contract.ts';
import { CNI_ERROR, CniError } from '../errors.ts';
import { CURRENT_VERSION, isAtLeast, SUPPORTED_VERSIONS, verbs } from '../methods.ts';
import { CACHE_DIRECTORY, PLUGIN_DIRECTORY, type NetworkPlugin } from '../network-config.ts';
import type { Network } from './config-file.ts';
import { requestConfig } from './request-config.ts';
import { ResultCache } from './result-cache.ts';

/** Finds the plugin of a type, as a search of `CNI_PATH` does in life. */
export type FindPlugin = (type: string) => Client<Cni> | undefined;

/** What the runtime's half works with. */
export interface CniEnvironment {
  readonly files: FileSystem;
  readonly find: FindPlugin;
  /** `CNI_PATH`. Left out: `/opt/cni/bin`. */
  readonly path?: readonly string[];
  /** Left out: `/var/lib/cni`. */
  readonly cacheDirectory?: string;
}

/** What the runtime knows of one attachment. */
export interface AttachmentParameters {
  readonly containerId: string;
  /** Path of the namespace; left out at DEL once it is gone. */
  readonly netns?: string;
  readonly ifname: string;
  readonly args?: Readonly<Record<string, string>>;
  /** Values for capabilities; each plugin gets those that it declared. */
  readonly capabilityArgs?: RuntimeConfig;
}

/**
 * Runs ADD over the plugins in order, each with the result of the one before, and remembers the last result. It does not undo: who calls
 * it follows a failure with `executeDel`. Source: libcni/api.go AddNetworkList.
 *
 * @throws CniError with the plugin's code and the message `plugin type="x" failed (add): …`; CallError for what the link says.
 */
export function* executeAdd(
  environment: CniEnvironment,
  network: Network,
  attachment: AttachmentParameters & { readonly netns: string },
): Process<Result> {
  checkAttachment(attachment);
  let prevResult: Result | undefined;
  for (const plugin of network.plugins) {
    try {
      const config = requestConfig(network, plugin, { capabilityArgs: attachment.capabilityArgs ?? {}, prevResult });
      const request: AddRequest = { ...parametersOf(environment, attachment), netns: attachment.netns, config };
      prevResult = yield* pluginOf(environment, plugin).add(request);
    } catch (error) {
      throw wrapped(error, `plugin ${described(plugin)} failed (add): `);
    }
  }
  if (!prevResult) throw new CniError(CNI_ERROR.INVALID_NETWORK_CONFIG, `network "${network.name}" has no plugins`);
  cacheOf(environment).add(network, attachment, prevResult);
  return prevResult;
}

/**
 * Runs DEL over the plugins in reverse, each with the final result of the last ADD, then forgets that. Repeating is safe. Source:
 * libcni/api.go DelNetworkList.
 *
 * @throws as `executeAdd`, `failed (delete)`; the remembered result is then kept for the next try.
 */
export function* executeDel(environment: CniEnvironment, network: Network, attachment: AttachmentParameters): Process {
  checkAttachment(attachment);
  const cache = cacheOf(environment);
  const cached = isAtLeast(network.cniVersion, '0.4.0') ? cache.get(network.name, attachment.containerId, attachment.ifname) : undefined;
  for (const plugin of network.plugins.toReversed()) {
    try {
      const config = requestConfig(network, plugin, { capabilityArgs: attachment.capabilityArgs ?? {}, prevResult: cached?.result });
      const request: DelRequest = {
        ...parametersOf(environment, attachment),
        ...(attachment.netns === undefined ? {} : { netns: attachment.netns }),
        config,
      };
      yield* pluginOf(environment, plugin).del(request);
    } catch (error) {
      throw wrapped(error, `plugin ${described(plugin)} failed (delete): `);
    }
  }
  cache.remove(network.name, attachment.containerId, attachment.ifname);
}

/**
 * Runs CHECK over the plugins in order; the first error ends it. Does nothing when the network says `disableCheck`. Source:
 * libcni/api.go CheckNetworkList.
 *
 * @throws CniError 1 below version 0.4.0; else as the plugin says.
 */
export function* executeCheck(
  environment: CniEnvironment,
  network: Network,
  attachment: AttachmentParameters & { readonly netns: string },
): Process {
  if (!isAtLeast(network.cniVersion, verbs.check.since)) {
    const message = `configuration version "${network.cniVersion}" does not support the CHECK command`;
    throw new CniError(CNI_ERROR.INCOMPATIBLE_CNI_VERSION, message);
  }
  if (network.disableCheck) return;
  const cached = cacheOf(environment).get(network.name, attachment.containerId, attachment.ifname);
  if (!cached)
    throw new CniError(CNI_ERROR.UNKNOWN_CONTAINER, `network "${network.name}" has no cached result for ${attachment.containerId}`);
  for (const plugin of network.plugins) {
    const config = requestConfig(network, plugin, { capabilityArgs: attachment.capabilityArgs ?? {}, prevResult: cached.result });
    const client = pluginOf(environment, plugin);
    yield* tolerateMissing(client.check({ ...parametersOf(environment, attachment), netns: attachment.netns, config }));
  }
}

/**
 * Runs DEL for each remembered attachment that is not valid any more, then GC over the plugins. Goes on past errors. No ADD or DEL of
 * the network may be under way. Source: libcni/api.go GCNetworkList.
 *
 * @throws CniError with all messages joined.
 */
export function* executeGc(environment: CniEnvironment, network: Network, valid: readonly Attachment[]): Process {
  if (network.disableGC) return;
  const keep = new Set(valid.map(({ containerID, ifname }) => `${containerID}\n${ifname}`));
  const failures: string[] = [];
  let code: number = CNI_ERROR.INTERNAL;
  const failed = (error: unknown, prefix: string): void => {
    if (failures.length === 0) code = numberOf(error) ?? CNI_ERROR.INTERNAL;
    failures.push(`${prefix}${messageOf(error)}`);
  };
  for (const { containerId, ifName, netns, cniArgs, capabilityArgs } of cacheOf(environment).list(network.name)) {
    if (keep.has(`${containerId}\n${ifName}`)) continue;
    const attachment: AttachmentParameters = {
      containerId,
      ifname: ifName,
      netns,
      ...(cniArgs ? { args: Object.fromEntries(cniArgs) } : {}),
      ...(capabilityArgs ? { capabilityArgs } : {}),
    };
    try {
      yield* executeDel(environment, network, attachment);
    } catch (error) {
      failed(error, `failed to delete stale attachment ${containerId} ${ifName}: `);
    }
  }
  if (isAtLeast(network.cniVersion, verbs.gc.since)) {
    for (const plugin of network.plugins) {
      try {
        const config = requestConfig(network, plugin, { validAttachments: valid });
        yield* tolerateMissing(pluginOf(environment, plugin).gc({ path: pathOf(environment), config }));
      } catch (error) {
        failed(error, `failed to GC plugin ${plugin.type}: `);
      }
    }
  }
  if (failures.length > 0) throw new CniError(code, failures.join('\n'));
}

/**
 * Asks the plugins in order whether they can serve ADD; versions below 1.1.0 cannot be asked. Source: libcni/api.go
 * GetStatusNetworkList.
 *
 * @throws CniError of the first plugin that cannot, unchanged (50 or 51 by the spec).
 */
export function* executeStatus(environment: CniEnvironment, network: Network): Process {
  if (!isAtLeast(network.cniVersion, verbs.status.since)) return;
  for (const plugin of network.plugins) {
    const client = pluginOf(environment, plugin);
    yield* tolerateMissing(client.status({ path: pathOf(environment), config: requestConfig(network, plugin) }));
  }
}

/** Asks a plugin for its versions. One that has no VERSION speaks whatever it is asked in. */
export function* executeVersion(environment: CniEnvironment, type: string): Process<VersionResult> {
  try {
    return yield* pluginOf(environment, { type }).version({ cniVersion: CURRENT_VERSION });
  } catch (error) {
    if (codeOf(error) !== 'UNIMPLEMENTED') throw error;
    return { cniVersion: CURRENT_VERSION, supportedVersions: SUPPORTED_VERSIONS };
  }
}

/**
 * Checks that every plugin of the network is installed and speaks its version. Source: libcni/api.go ValidateNetworkList.
 *
 * @throws CniError 1 or 7 with all messages joined.
 */
export function* validateNetwork(environment: CniEnvironment, network: Network): Process {
  const failures: string[] = [];
  for (const { type } of network.plugins) {
    if (!environment.find(type)) failures.push(notFound(environment, type));
    else {
      const { supportedVersions } = yield* executeVersion(environment, type);
      if (!supportedVersions.includes(network.cniVersion))
        failures.push(`plugin ${type} does not support config version "${network.cniVersion}"`);
    }
  }
  if (failures.length > 0) throw new CniError(CNI_ERROR.INVALID_NETWORK_CONFIG, `[${failures.join(' ')}]`);
}

/** The reference skeleton answers success for a verb that a plugin does not have. Source: cni pkg/skel/skel.go checkVersionAndCall. */
function* tolerateMissing(call: Process): Process {
  try {
    yield* call;
  } catch (error) {
    if (codeOf(error) !== 'UNIMPLEMENTED') throw error;
  }
}

function pluginOf(environment: CniEnvironment, { type }: NetworkPlugin): Client<Cni> {
  const client = environment.find(type);
  if (!client) throw new CniError(CNI_ERROR.INVALID_NETWORK_CONFIG, notFound(environment, type));
  return client;
}

function notFound(environment: CniEnvironment, type: string): string {
  return `failed to find plugin "${type}" in path [${pathOf(environment).join(' ')}]`;
}

function pathOf({ path }: CniEnvironment): readonly string[] {
  return path ?? [PLUGIN_DIRECTORY];
}

function cacheOf({ files, cacheDirectory }: CniEnvironment): ResultCache {
  return new ResultCache(files, cacheDirectory ?? CACHE_DIRECTORY);
}

function parametersOf(
  environment: CniEnvironment,
  { containerId, ifname, args }: AttachmentParameters,
): Omit<DelRequest, 'config' | 'netns'> {
  return { containerId, ifname, ...(args ? { args } : {}), path: pathOf(environment) };
}

function checkAttachment({ containerId }: AttachmentParameters): void {
  // The library tells an empty id (nothing was ever added) from a malformed one. Source: cni pkg/utils/utils.go.
  if (containerId === '') throw new CniError(CNI_ERROR.UNKNOWN_CONTAINER, 'missing containerID');
}

function described({ type, name }: NetworkPlugin): string {
  return `type="${type}"${typeof name === 'string' && name !== '' ? ` name="${name}"` : ''}`;
}

function numberOf(error: unknown): number | undefined {
  const code = codeOf(error);
  return /^\d+$/.test(code) ? Number(code) : undefined;
}

function wrapped(error: unknown, prefix: string): Error {
  const message = `${prefix}${messageOf(error)}`;
  const code = numberOf(error);
  if (code !== undefined) {
    const { details, cniVersion } = error as { readonly details?: string; readonly cniVersion?: string };
    return new CniError(code, message, { ...(details ? { details } : {}), ...(cniVersion ? { cniVersion } : {}) });
  }
  // What has no code at all is a plain error of the plugin; what has a word is the link's.
  return codeOf(error) === 'UNKNOWN' ? new CniError(CNI_ERROR.INTERNAL, message) : new CallError(codeOf(error), message);
}
