import type { Micros } from '@slipway/kernel';
import { hostPorts, hostPortsCollide, isTerminal, matchesRequiredNodeAffinity, type Pod, resourceAmount, type Stored } from '@slipway/kube';
import type { Facts } from '../facts/index.ts';
import type { Watched } from '../invariant.ts';
import { effectiveRequests } from './requests.ts';
import { forbiddingTaint } from './taints.ts';

/** Whether nothing but the node itself and the room on it decides where the pod may go. */
export function isPlain({ metadata, spec }: Pod): boolean {
  const { affinity, topologySpreadConstraints = [], volumes = [], schedulingGates = [], resourceClaims = [] } = spec;
  return (
    metadata.deletionTimestamp === undefined &&
    (spec.schedulerName ?? 'default-scheduler') === 'default-scheduler' &&
    affinity?.podAffinity === undefined &&
    affinity?.podAntiAffinity === undefined &&
    topologySpreadConstraints.length === 0 &&
    schedulingGates.length === 0 &&
    resourceClaims.length === 0 &&
    volumes.every((volume) => LOCAL.some((kind) => volume[kind] !== undefined))
  );
}

/** Volumes that every node has. */
const LOCAL = ['emptyDir', 'configMap', 'secret', 'projected', 'downwardAPI', 'hostPath'] as const;

/**
 * Whether a plain pod fits for certain: the node was all the time one that takes it, and there is room beside all that is there, has been
 * promised, or waits for the same room. When in doubt it does not.
 *
 * @param leaves pods that may be thought away
 */
export function certainlyFits(
  { server }: Watched,
  { nodes, placements }: Facts,
  pod: Stored<Pod>,
  name: string,
  since: Micros,
  leaves: (other: Stored<Pod>) => boolean = () => false,
): boolean {
  const node = nodes.now(name);
  const allocatable = node?.status?.allocatable;
  if (!node || !allocatable) return false;
  const isGood = nodes.always(
    name,
    since,
    (version) => forbiddingTaint(pod, version) === undefined && matchesRequiredNodeAffinity(pod, version),
  );
  if (!isGood || nodes.since(name, since).length > 1) return false;
  const used = new Map(effectiveRequests(pod));
  const ports = hostPorts(pod);
  let pods = 1;
  for (const object of server.objects('pods')) {
    const other = object as Stored<Pod>;
    if (other.metadata.uid === pod.metadata.uid || isTerminal(other)) continue;
    // Whom others keep away may be kept away from here.
    if (other.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined) return false;
    const promised = [other.status?.nominatedNodeName, placements.decision(other)?.node];
    if (other.spec.nodeName === undefined ? !promised.includes(name) : other.spec.nodeName !== name) continue;
    if (leaves(other)) continue;
    pods += 1;
    for (const [resource, amount] of effectiveRequests(other)) used.set(resource, (used.get(resource) ?? 0) + amount);
    if (ports.length > 0 && hostPorts(other).some((taken) => ports.some((port) => hostPortsCollide(port, taken)))) return false;
  }
  if (allocatable.pods === undefined || pods > resourceAmount('pods', allocatable.pods)) return false;
  return [...used].every(([resource, amount]) => amount <= resourceAmount(resource, allocatable[resource] ?? '0'));
}
