import { matchesLabelSelector } from '@slipway/kube';
import type { Identity } from '../messages.ts';
import type { IdentityBinding, IdentityReference } from '../types/index.ts';

/** What identities are told by. */
export interface Workload extends Pick<Identity, 'namespace' | 'serviceAccount'> {
  readonly labels?: Readonly<Record<string, string>>;
  /** With or without `spiffe://`. */
  readonly spiffe?: string;
}

/** Whether the workload has the identity that a binding declares: any scheme, in the binding's namespace only. SMI access v1alpha4, "IdentityBinding". */
export function isBound(workload: Workload, { metadata, spec }: IdentityBinding): boolean {
  if (workload.namespace !== (metadata.namespace ?? 'default')) return false;
  const { podLabelSelector, serviceAccount, spiffeIdentities = [] } = spec.schemes;
  if (serviceAccount !== undefined && serviceAccount === workload.serviceAccount) return true;
  if (podLabelSelector !== undefined && matchesLabelSelector(podLabelSelector, workload.labels)) return true;
  const { spiffe } = workload;
  return spiffe !== undefined && spiffeIdentities.some((each) => plain(each) === plain(spiffe));
}

const plain = (spiffe: string): string => spiffe.replace(/^spiffe:\/\//, '');

/**
 * Whether a reference of a TrafficTarget means the workload.
 *
 * @param home namespace of the target, which a reference without one means
 */
export function isMeant(
  workload: Workload,
  { kind, name, namespace }: IdentityReference,
  home: string,
  binding?: (namespace: string, name: string) => IdentityBinding | undefined,
): boolean {
  const there = namespace ?? home;
  if (kind === 'ServiceAccount') return workload.namespace === there && workload.serviceAccount === name;
  const bound = kind === 'IdentityBinding' ? binding?.(there, name) : undefined;
  return bound !== undefined && isBound(workload, bound);
}
