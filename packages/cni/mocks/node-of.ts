import type { Host } from '@slipway/host';
import { invariant } from '@slipway/kernel';

/** Where a plugin of this package runs: network plugins are made per node, so both are there. */
export function placeOf({ node, host }: { readonly node?: string; readonly host?: Host }): { readonly node: string; readonly host: Host } {
  invariant(node !== undefined && host, 'a network plugin is made per node');
  return { node, host };
}
