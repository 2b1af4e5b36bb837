import { parseCidr, parseIp } from '@slipway/host';
import type { AllowedCodes, Rule } from '@slipway/kernel';
import type {
  AddRequest,
  CheckRequest,
  Cni,
  DelRequest,
  GcRequest,
  PluginConfig,
  Result,
  StatusRequest,
  VersionRequest,
  VersionResult,
} from './contract.ts';
import { CNI_ERROR, isAllowedCode } from './errors.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
const INTERFACE_NAME = /^[^/:\s]{1,15}$/;

/** What is wrong with a container id or a network name, if anything. Source: cni pkg/utils/utils.go. */
export function invalidName(text: string): string | undefined {
  return NAME.test(text) ? undefined : `"${text}" is not a letter or digit followed by letters, digits, _ . or -`;
}

/** What is wrong with an interface name, if anything. Source: cni pkg/utils/utils.go. */
export function invalidInterfaceName(text: string): string | undefined {
  if (text === '.' || text === '..') return `interface name is . or ..`;
  return INTERFACE_NAME.test(text) ? undefined : `"${text}" is not 1 to 15 characters without / : or white space`;
}

/** What is wrong with a result, if anything: addresses that are none, references to interfaces that are not listed. */
export function invalidResult(result: Result): string | undefined {
  const interfaces = result.interfaces ?? [];
  for (const { name } of interfaces) if (!name) return 'an interface has no name';
  for (const { address, gateway, interface: index } of result.ips ?? []) {
    if (!parseCidr(address)) return `ips: "${address}" is no address with prefix length`;
    if (gateway !== undefined && !parseIp(gateway)) return `ips: gateway "${gateway}" is no address`;
    if (index !== undefined && interfaces[index] === undefined)
      return `ips: ${address} refers to interface ${index} of ${interfaces.length}`;
  }
  for (const { dst, gw } of result.routes ?? []) {
    if (!parseCidr(dst)) return `routes: "${dst}" is no network`;
    if (gw !== undefined && !parseIp(gw)) return `routes: gw "${gw}" is no address`;
  }
  for (const server of result.dns?.nameservers ?? []) if (!parseIp(server)) return `dns: nameserver "${server}" is no address`;
  return undefined;
}

function invalidConfig(config: PluginConfig): string | undefined {
  if (!config.cniVersion) return 'config.cniVersion is missing';
  const name = invalidName(config.name ?? '');
  if (name) return `config.name: ${name}`;
  if (!config.type || /[\\/]/.test(config.type)) return `config.type "${config.type}" is empty or has a path separator`;
  if ('capabilities' in config) return 'config.capabilities is for the runtime, which shall turn it into runtimeConfig';
  return undefined;
}

type Configured = { readonly config: PluginConfig };
type Attached = Configured & { readonly containerId: string; readonly ifname: string };

const configured: Rule<Configured, unknown> = {
  id: 'cni.config.valid',
  source: 'Deriving request configuration from plugin configuration',
  request: ({ config }) => invalidConfig(config),
};

const attached: Rule<Attached, unknown> = {
  id: 'cni.parameters.valid',
  source: 'Parameters',
  request({ containerId, ifname }) {
    const id = invalidName(containerId);
    if (id) return `containerId: ${id}`;
    const name = invalidInterfaceName(ifname);
    return name && `ifname: ${name}`;
  },
};

const netnsRequired: Rule<{ readonly netns: string }, unknown> = {
  id: 'cni.netns.required',
  source: 'Parameters',
  request: ({ netns }) => (netns ? undefined : 'netns is missing'),
};

const addResultValid: Rule<AddRequest, Result> = {
  id: 'cni.add.result-valid',
  source: 'ADD Success',
  response: (_request, result) => invalidResult(result),
};

const addVersionEchoed: Rule<AddRequest, Result> = {
  id: 'cni.add.version-echoed',
  source: 'ADD Success',
  response: ({ config }, result) =>
    result.cniVersion === config.cniVersion ? undefined : `result has cniVersion ${result.cniVersion}, the request ${config.cniVersion}`,
};

const checkPrevResult: Rule<CheckRequest, void> = {
  id: 'cni.check.prev-result',
  source: "CHECK: Check container's networking is as expected",
  request: ({ config }) => (config.prevResult ? undefined : 'config.prevResult is missing'),
};

const gcAttachments: Rule<GcRequest, void> = {
  id: 'cni.gc.valid-attachments',
  source: 'GC: Clean up any stale resources',
  request: ({ config }) => (config['cni.dev/valid-attachments'] ? undefined : 'config has no cni.dev/valid-attachments'),
};

const versionAnswer: Rule<VersionRequest, VersionResult> = {
  id: 'cni.version.answer',
  source: 'VERSION Success',
  response({ cniVersion }, result) {
    if (result.cniVersion !== cniVersion) return `answer is in ${result.cniVersion}, asked for ${cniVersion}`;
    return result.supportedVersions.length > 0 ? undefined : 'supportedVersions is empty';
  },
};

/** What the link checks around each verb. */
export const rules: {
  readonly add: readonly Rule<AddRequest, Result>[];
  readonly del: readonly Rule<DelRequest, void>[];
  readonly check: readonly Rule<CheckRequest, void>[];
  readonly gc: readonly Rule<GcRequest, void>[];
  readonly status: readonly Rule<StatusRequest, void>[];
  readonly version: readonly Rule<VersionRequest, VersionResult>[];
} & { readonly [M in keyof Cni]-?: unknown } = {
  add: [configured, attached, netnsRequired, addResultValid, addVersionEchoed],
  del: [configured, attached],
  check: [configured, attached, netnsRequired, checkPrevResult],
  gc: [configured, gcAttachments],
  status: [configured],
  version: [versionAnswer],
};

/**
 * Codes that a plugin may answer with: the spec's, and its own from 100 on. `UNKNOWN` is a plain `Error`, which the runtime reports under
 * 999. Spec: "Error".
 */
export const allowedCodes: AllowedCodes = {
  allows: (code) => code === 'UNKNOWN' || (/^\d+$/.test(code) && isAllowedCode(Number(code))),
  text: `${Object.values(CNI_ERROR).join(', ')}, and a plugin's own from 100 on`,
};
