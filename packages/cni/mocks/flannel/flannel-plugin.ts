import type { Host } from '@slipway/host';
import { messageOf } from '@slipway/kernel';
import type {
  AddRequest,
  CheckRequest,
  Cni,
  DelRequest,
  GcRequest,
  IpamConfig,
  PluginConfig,
  Result,
  StatusRequest,
} from '../../contract.ts';
import { CNI_ERROR, CniError, pluginError } from '../../errors.ts';
import { delegateOf, type FindDelegate } from '../plugin-directory.ts';
import { readSubnetFile, SUBNET_FILE, type SubnetEnvironment } from './subnet-file.ts';

const DATA_DIRECTORY = '/var/lib/cni/flannel';

/** The flannel plugin's own keys. */
interface FlannelConfig {
  readonly subnetFile?: string;
  readonly dataDir?: string;
  readonly delegate?: Readonly<Record<string, unknown>>;
}

/**
 * The plugin `flannel`: turns what the agent wrote about this host into a configuration for another plugin, by default `bridge` with
 * `host-local`, and hands every call on. It enforces no NetworkPolicy, as in life. Follows flannel-io/cni-plugin flannel.go, and differs:
 * CHECK, GC and STATUS do something, and two interfaces of one container do not share a scratch file.
 */
export class FlannelPlugin implements Cni {
  readonly #host: Host;
  readonly #find: FindDelegate;

  /** @param find looks up the plugin to delegate to */
  constructor(host: Host, find: FindDelegate) {
    this.#host = host;
    this.#find = find;
  }

  /** @throws CniError 999: no `subnet.env` yet, or whatever the delegate says */
  add(request: AddRequest): Result {
    const { config } = request;
    const delegated = delegatedConfig(config, this.#subnet(config));
    const file = scratchFile(request);
    const { files } = this.#host;
    // A second ADD of an interface is refused below; what the first one left for its DEL then stays.
    const before = files.exists(file) ? files.readText(file) : undefined;
    // Kept for DEL, which must undo this even if the host has another subnet by then.
    files.write(file, JSON.stringify(delegated), { parents: true });
    try {
      return delegateOf(this.#find, delegated.type).add({ ...request, config: delegated });
    } catch (error) {
      if (before === undefined) files.remove(file, { recursive: true });
      else files.write(file, before);
      throw new CniError(codeNumber(error), `failed to delegate add: ${messageOf(error)}`);
    }
  }

  del(request: DelRequest): void {
    const delegated = this.#scratch(scratchFile(request));
    if (!delegated) return;
    delegateOf(this.#find, delegated.type).del({ ...request, config: withPrevResult(delegated, request.config) });
    this.#host.files.remove(scratchFile(request), { recursive: true });
  }

  /** @throws CniError 3 (never added), else as the delegate says */
  check(request: CheckRequest): void {
    const delegated = this.#scratch(scratchFile(request));
    if (!delegated)
      throw new CniError(CNI_ERROR.UNKNOWN_CONTAINER, `flannel: no delegated configuration of container ${request.containerId}`);
    delegateOf(this.#find, delegated.type).check?.({ ...request, config: withPrevResult(delegated, request.config) });
  }

  gc({ config, path }: GcRequest): void {
    const valid = config['cni.dev/valid-attachments'] ?? [];
    const { dataDir } = config as FlannelConfig;
    const directory = dataDir || DATA_DIRECTORY;
    const keep = new Set(valid.map(({ containerID, ifname }) => `${containerID}-${ifname}`));
    const { files } = this.#host;
    const names = files.exists(directory) ? files.list(directory) : [];
    const delegates = new Map<string, PluginConfig>();
    for (const name of names) {
      const delegated = this.#scratch(`${directory}/${name}`);
      // Attachments may have been made under different subnets: each kind of delegation is collected once.
      if (delegated?.name === config.name) delegates.set(JSON.stringify([delegated.type, delegated.ipam]), delegated);
      if ((!delegated || delegated.name === config.name) && !keep.has(name)) files.remove(`${directory}/${name}`);
    }
    for (const delegated of delegates.values()) {
      const collected: PluginConfig = { ...delegated, 'cni.dev/valid-attachments': valid };
      delegateOf(this.#find, delegated.type).gc?.({ ...(path ? { path } : {}), config: collected });
    }
  }

  /** @throws CniError 50 while the agent has not leased a subnet */
  status({ config, path }: StatusRequest): void {
    let delegated: PluginConfig;
    try {
      delegated = delegatedConfig(config, this.#subnet(config));
    } catch (error) {
      throw new CniError(CNI_ERROR.PLUGIN_NOT_AVAILABLE, messageOf(error));
    }
    delegateOf(this.#find, delegated.type).status?.({ ...(path ? { path } : {}), config: delegated });
  }

  #subnet(config: PluginConfig): SubnetEnvironment {
    const { subnetFile } = config as FlannelConfig;
    try {
      return readSubnetFile(this.#host.files, subnetFile || SUBNET_FILE);
    } catch (error) {
      throw pluginError(`failed to load flannel 'subnet.env' file: ${messageOf(error)}. Check the flannel pod log for this node.`);
    }
  }

  #scratch(file: string): PluginConfig | undefined {
    const { files } = this.#host;
    if (!files.exists(file)) return undefined;
    try {
      return JSON.parse(files.readText(file)) as PluginConfig;
    } catch {
      // Upstream too lets DEL succeed then: there is nothing left to undo it with.
      return undefined;
    }
  }
}

/** Source: flannel_linux.go doCmdAdd, getDelegateIPAM. */
function delegatedConfig(config: PluginConfig, environment: SubnetEnvironment): PluginConfig {
  const { delegate = {} } = config as FlannelConfig;
  if ('type' in delegate && typeof delegate['type'] !== 'string')
    throw pluginError("'delegate' dictionary, if present, must have (string) 'type' field");
  for (const key of ['name', 'ipam']) {
    if (key in delegate) throw pluginError(`'delegate' dictionary must not have '${key}' field, it'll be set by flannel`);
  }
  const type = (delegate['type'] as string | undefined) ?? 'bridge';
  const routes = [...((config.ipam?.['routes'] as readonly unknown[] | undefined) ?? []), ...environment.networks.map((dst) => ({ dst }))];
  const ipam: IpamConfig = { type: 'host-local', ...config.ipam, ranges: environment.subnets.map((subnet) => [{ subnet }]), routes };
  return {
    ipMasq: !environment.ipMasq,
    mtu: environment.mtu,
    ...(type === 'bridge' ? { isGateway: true } : {}),
    ...delegate,
    type,
    cniVersion: config.cniVersion,
    name: config.name,
    ipam,
    ...(config.runtimeConfig ? { runtimeConfig: config.runtimeConfig } : {}),
    ...(config.args ? { args: config.args } : {}),
  };
}

function withPrevResult(delegated: PluginConfig, { prevResult }: PluginConfig): PluginConfig {
  return prevResult ? { ...delegated, prevResult } : delegated;
}

function scratchFile({ containerId, ifname, config }: DelRequest): string {
  const { dataDir } = config as FlannelConfig;
  return `${dataDir || DATA_DIRECTORY}/${containerId}-${ifname}`;
}

function codeNumber(error: unknown): number {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'number' ? code : CNI_ERROR.INTERNAL;
}
