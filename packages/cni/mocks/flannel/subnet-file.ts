import { type FileSystem, formatNetwork, parseCidr } from '@slipway/host';
import { pluginError } from '../../errors.ts';

/** What the flannel agent tells the flannel plugin of its host. */
export interface SubnetEnvironment {
  /** Networks of all hosts together, CIDR. */
  readonly networks: readonly string[];
  /** Networks of this host's pods, CIDR without host bits; one per family. */
  readonly subnets: readonly string[];
  /** Bytes; what encapsulation leaves. */
  readonly mtu: number;
  /** Whether the agent masquerades, so that the plugin need not. */
  readonly ipMasq: boolean;
}

/** Where the agent leaves it: in memory, so that a reboot takes it away. */
export const SUBNET_FILE = '/run/flannel/subnet.env';

/**
 * Reads the file. Messages: flannel-io/cni-plugin flannel.go loadFlannelSubnetEnv.
 *
 * @throws CniError 999: no file, a line that cannot be read, a line missing
 */
export function readSubnetFile(files: FileSystem, path: string): SubnetEnvironment {
  if (!files.exists(path)) throw pluginError(`open ${path}: no such file or directory`);
  const values = new Map<string, string>();
  for (const line of files.readText(path).split('\n')) {
    const at = line.indexOf('=');
    if (at > 0) values.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  const networks = [...networksOf(values.get('FLANNEL_NETWORK')), ...networksOf(values.get('FLANNEL_IPV6_NETWORK'))];
  const subnets = [...networksOf(values.get('FLANNEL_SUBNET')), ...networksOf(values.get('FLANNEL_IPV6_SUBNET'))];
  const [mtu, ipMasq] = [values.get('FLANNEL_MTU'), values.get('FLANNEL_IPMASQ')];
  const missing = [
    ...(networks.length > 0 ? [] : ['FLANNEL_NETWORK', 'FLANNEL_IPV6_NETWORK']),
    ...(subnets.length > 0 ? [] : ['FLANNEL_SUBNET', 'FLANNEL_IPV6_SUBNET']),
    ...(mtu === undefined ? ['FLANNEL_MTU'] : []),
    ...(ipMasq === undefined ? ['FLANNEL_IPMASQ'] : []),
  ];
  if (missing.length > 0) throw pluginError(`${path} is missing ${missing.join(', ')}`);
  if (!/^\d+$/.test(mtu ?? '')) throw pluginError(`strconv.ParseUint: parsing "${mtu}": invalid syntax`);
  return { networks, subnets, mtu: Number(mtu), ipMasq: ipMasq === 'true' };
}

function networksOf(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const networks = text.split(',').map((entry) => {
    const range = parseCidr(entry);
    if (!range) throw pluginError(`invalid CIDR address: ${entry}`);
    return formatNetwork(range);
  });
  return [...new Set(networks)];
}

/** Writes the file. Source: flannel-io/flannel pkg/subnet/subnet.go WriteSubnetFile. */
export function writeSubnetFile(
  files: FileSystem,
  path: string,
  { network, subnet, mtu, ipMasq }: { readonly network: string; readonly subnet: string; readonly mtu: number; readonly ipMasq: boolean },
): void {
  const family = subnet.includes(':') ? 'FLANNEL_IPV6' : 'FLANNEL';
  const lines = [`${family}_NETWORK=${network}`, `${family}_SUBNET=${subnet}`, `FLANNEL_MTU=${mtu}`, `FLANNEL_IPMASQ=${ipMasq}`];
  files.write(path, `${lines.join('\n')}\n`, { parents: true });
}
