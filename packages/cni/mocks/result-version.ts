import type { Result } from '../contract.ts';
import { isAtLeast } from '../methods.ts';

/** The result as its own `cniVersion` has it: below 1.0.0 addresses name their family, below 1.1.0 interfaces have no `mtu`. */
export function shaped(result: Result): Result {
  const { cniVersion, interfaces, ips } = result;
  if (isAtLeast(cniVersion, '1.1.0')) return result;
  return {
    ...result,
    ...(interfaces ? { interfaces: interfaces.map(({ mtu: _since110, ...rest }) => rest) } : {}),
    ...(ips && !isAtLeast(cniVersion, '1.0.0')
      ? { ips: ips.map((ip) => ({ ...ip, version: ip.address.includes(':') ? ('6' as const) : ('4' as const) })) }
      : {}),
  };
}
