import type { CpiClients, InstanceMetadata } from '@slipway/cpi';
import { CallError, codeOf, messageOf, type Process } from '@slipway/kernel';
import { type Node, nodeLabels, type NodeAddress, specWithTaints, type Stored, taintKeys } from '@slipway/kube';
import { preferProvidedIp } from './node-addresses.ts';
import { instanceProviderId } from './provider-id.ts';

// What the cloud says of a node, and what the node becomes by it. Source: cloud-provider `controllers/node/node_controller.go`.

/** Deprecated labels and their successors: where both are there, the deprecated one is right. */
const LABEL_PAIRS: readonly (readonly [beta: string, stable: string])[] = [
  ['failure-domain.beta.kubernetes.io/zone', nodeLabels.zone],
  ['failure-domain.beta.kubernetes.io/region', nodeLabels.region],
  ['beta.kubernetes.io/instance-type', nodeLabels.instanceType],
];
const KUBERNETES_LABEL = /(^|\.)(kubernetes|k8s)\.io\//;

/** Whether the node still waits for its provider. */
export function isUninitialized(node: Node): boolean {
  return node.spec.taints?.some(({ key }) => key === taintKeys.cloudUninitialized) ?? false;
}

/** Stable labels that do not say what the deprecated ones say; undefined: none. */
export function labelsToReconcile({ metadata: { labels } }: Node): Readonly<Record<string, string>> | undefined {
  if (!labels) return undefined;
  let wanted: Record<string, string> | undefined;
  for (const [beta, stable] of LABEL_PAIRS) {
    const value = labels[beta];
    if (value !== undefined && labels[stable] !== value) (wanted ??= {})[stable] = value;
  }
  return wanted;
}

/** All that a provider knows of a node; undefined: it does not know it yet. */
export function* fetchMetadata(cpi: CpiClients, node: Stored<Node>): Process<InstanceMetadata | undefined> {
  const { name } = node.metadata;
  let providerId = node.spec.providerID ?? '';
  if (cpi.instancesV2) {
    const { metadata } = yield* cpi.instancesV2.instanceMetadata({ node });
    if (!metadata || metadata.providerId !== '') return metadata;
    if (providerId === '') throw new Error(`cloud provider does not set node provider ID for node ${name}`);
    return { ...metadata, providerId };
  }
  if (providerId === '') {
    try {
      providerId = yield* instanceProviderId(cpi, name);
    } catch (error) {
      // A provider that has no ids knows its machines by name; any other failure may pass, and the id cannot be added later.
      if (codeOf(error) !== 'NotImplemented') throw error;
    }
  }
  const { instances, zones } = cpi;
  if (!instances) throw new Error('failed to get instances from cloud provider');
  const nodeAddresses = yield* addressesByIdOrName(instances, providerId, name);
  const { instanceType } = yield* either(
    instances.instanceTypeByProviderId({ providerId }),
    () => instances.instanceType({ nodeName: name }),
    (byId, byName) => `InstanceType: Error fetching by providerID: ${byId} Error fetching by NodeName: ${byName}`,
  );
  const metadata = { providerId, instanceType, nodeAddresses, zone: '', region: '' };
  if (!zones) return metadata;
  const { zone } = yield* either(
    zones.getZoneByProviderId({ providerId }),
    () => zones.getZoneByNodeName({ nodeName: name }),
    (byId, byName) =>
      `failed to get zone from cloud provider: Zone: Error fetching by providerID: ${byId} Error fetching by NodeName: ${byName}`,
  );
  return { ...metadata, zone: zone.failureDomain, region: zone.region };
}

/** Only the addresses, which spares a provider without InstancesV2 the other calls. */
export function* fetchAddresses({ instancesV2, instances }: CpiClients, node: Stored<Node>): Process<readonly NodeAddress[]> {
  if (instancesV2) return (yield* instancesV2.instanceMetadata({ node })).metadata?.nodeAddresses ?? [];
  if (!instances) throw new Error('failed to get instances from cloud provider');
  return yield* addressesByIdOrName(instances, node.spec.providerID ?? '', node.metadata.name);
}

function* addressesByIdOrName(
  instances: NonNullable<CpiClients['instances']>,
  providerId: string,
  nodeName: string,
): Process<readonly NodeAddress[]> {
  const { addresses } = yield* either(
    instances.nodeAddressesByProviderId({ providerId }),
    () => instances.nodeAddresses({ nodeName }),
    (byId, byName) => `error fetching node by provider ID: ${byId}, and error by node name: ${byName}`,
  );
  return addresses;
}

/** The second call only if the first fails. */
function* either<T>(first: Process<T>, second: () => Process<T>, failed: (first: string, second: string) => string): Process<T> {
  try {
    return yield* first;
  } catch (error) {
    try {
      return yield* second();
    } catch (other) {
      throw new CallError('UNKNOWN', failed(messageOf(error), messageOf(other)));
    }
  }
}

/**
 * The node as its provider initialises it: provider id, labels, and without the taint that has kept pods away.
 *
 * @throws Error when the cloud does not know the address that the kubelet was told to use: then the taint stays
 */
export function initialized<N extends Node>(node: N, metadata: InstanceMetadata): N {
  try {
    preferProvidedIp(node, metadata.nodeAddresses);
  } catch (error) {
    throw new Error(
      `failed to get node modifiers from cloud provider: provided node ip for node "${node.metadata.name}" is not valid: ${messageOf(error)}`,
    );
  }
  const { providerId, instanceType, zone, region, additionalLabels = {} } = metadata;
  const labels: Record<string, string> = { ...node.metadata.labels };
  const values = [zone, region, instanceType];
  for (const [index, [beta, stable]] of LABEL_PAIRS.entries()) {
    const value = values[index] ?? '';
    if (value !== '') labels[beta] = labels[stable] = value;
  }
  for (const key of Object.keys(additionalLabels).sort()) {
    // Names of Kubernetes' own are not the provider's to give, and what is there stays.
    if (!KUBERNETES_LABEL.test(key) && labels[key] === undefined) labels[key] = additionalLabels[key] ?? '';
  }
  return {
    ...node,
    metadata: { ...node.metadata, labels },
    spec: specWithTaints(
      { ...node.spec, ...(!node.spec.providerID && providerId !== '' && { providerID: providerId }) },
      (node.spec.taints ?? []).filter(({ key }) => key !== taintKeys.cloudUninitialized),
    ),
  };
}
