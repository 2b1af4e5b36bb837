import type { Pod } from '@slipway/kube';
import type { InboundPolicy } from './options.ts';
import { DEFAULT_INBOUND_POLICY, SKIP_INBOUND_PORTS } from './words.ts';

/** Linkerd has the first two for the networks of the cluster too, which is where all of a simulated mesh's traffic comes from. */
const POLICIES: Readonly<Record<string, InboundPolicy>> = {
  'all-unauthenticated': 'all-unauthenticated',
  'cluster-unauthenticated': 'all-unauthenticated',
  'all-authenticated': 'all-authenticated',
  'cluster-authenticated': 'all-authenticated',
  deny: 'deny',
};

/** The policy of a pod: its annotation's, where there is one that is known. Source: linkerd2 policy-controller, "default policy". */
export function policyOf(annotations: Readonly<Record<string, string>> | undefined, otherwise: InboundPolicy): InboundPolicy {
  const given = annotations?.[DEFAULT_INBOUND_POLICY];
  return (given !== undefined && Object.hasOwn(POLICIES, given) ? POLICIES[given] : undefined) ?? otherwise;
}

/** Whether traffic to the port goes past the proxy: `25,3306-3310`. */
export function skipsProxy({ metadata }: Pod, port: number): boolean {
  const ranges = metadata.annotations?.[SKIP_INBOUND_PORTS];
  if (ranges === undefined) return false;
  return ranges.split(',').some((range) => {
    const [first = '', last = first] = range.trim().split('-');
    return first !== '' && port >= Number(first) && port <= Number(last);
  });
}
