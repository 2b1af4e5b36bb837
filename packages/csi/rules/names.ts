import type { Topology, TopologyRequirement } from '../messages/index.ts';

/** Control characters that names of volumes, snapshots and groups may not have; ordinary white space may be. Source: csi.proto, `CreateVolumeRequest.name`. */
export function nameWrong(name: string): string | undefined {
  for (let at = 0; at < name.length; at += 1) {
    const unit = name.charCodeAt(at);
    const white = unit === 0x09 || unit === 0x0a || unit === 0x0d;
    if ((unit < 0x20 && !white) || (unit >= 0x7f && unit <= 0x9f)) {
      return `name must not have the control character U+${unit.toString(16).toUpperCase().padStart(4, '0')}`;
    }
  }
  return undefined;
}

/** Names of drivers. Source: csi.proto, `GetPluginInfoResponse.name`. */
export function pluginNameWrong(name: string): string | undefined {
  return /^[A-Za-z0-9](?:[-.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(name)
    ? undefined
    : `name must have 1 to 63 letters, digits, "." and "-", alphanumeric at both ends, not "${name}"`;
}

/** Keys of secrets. Source: "Secrets Requirements". */
export function secretKeysWrong(secrets: Readonly<Record<string, string>> | undefined): string | undefined {
  for (const key of Object.keys(secrets ?? {})) {
    if (!/^[-._A-Za-z0-9]+$/.test(key)) return `keys of secrets must have letters, digits, "-", "_" and "." only, not "${key}"`;
  }
  return undefined;
}

const SEGMENT = /^[A-Za-z0-9](?:[-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9](?:[-.a-z0-9]{0,61}[a-z0-9])?$/;

/** Keys and values of places. Keys of one driver share their prefix. Source: csi.proto, `Topology`. */
export function topologiesWrong(topologies: readonly Topology[]): string | undefined {
  let prefix: string | undefined;
  for (const { segments = {} } of topologies) {
    const seen = new Set<string>();
    for (const [key, value] of Object.entries(segments)) {
      const slash = key.indexOf('/');
      const own = slash < 0 ? undefined : key.slice(0, slash);
      if (!SEGMENT.test(key.slice(slash + 1)))
        return `topology key "${key}" must have a name of 1 to 63 characters, alphanumeric at both ends`;
      if (own !== undefined) {
        if (!PREFIX.test(own)) return `topology key "${key}" must have a lower-case domain of at most 63 characters as its prefix`;
        if (prefix !== undefined && prefix !== own) return `topology keys must share one prefix, not have "${prefix}" and "${own}"`;
        prefix = own;
      }
      if (seen.has(key.toLowerCase())) return `topology key "${key}" must not differ from another in case only`;
      seen.add(key.toLowerCase());
      if (!SEGMENT.test(value)) return `topology value "${value}" of "${key}" must have 1 to 63 characters, alphanumeric at both ends`;
    }
  }
  return undefined;
}

/** Whether two places are one. */
export function sameTopology(one: Topology, other: Topology): boolean {
  const [a, b] = [Object.entries(one.segments ?? {}), other.segments ?? {}];
  return a.length === Object.keys(b).length && a.every(([key, value]) => b[key] === value);
}

/** Source: csi.proto, `TopologyRequirement`. */
export function requirementWrong(requirement: TopologyRequirement | undefined): string | undefined {
  if (requirement === undefined) return undefined;
  const { requisite = [], preferred = [] } = requirement;
  if (requisite.length + preferred.length === 0) return 'accessibilityRequirements must have requisite or preferred';
  const stray = requisite.length > 0 && preferred.some((wanted) => !requisite.some((allowed) => sameTopology(wanted, allowed)));
  if (stray) return 'every preferred topology must be among the requisite ones';
  return topologiesWrong([...requisite, ...preferred]);
}
