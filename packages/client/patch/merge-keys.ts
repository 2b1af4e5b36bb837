// Which lists merge element by element. Source: the `patchStrategy` and `patchMergeKey` tags in `core/v1`, `apps/v1`, `meta/v1`.

/** The key that names an element, by the list's field. */
const byField: ReadonlyMap<string, string> = new Map([
  ['containers', 'name'],
  ['initContainers', 'name'],
  ['ephemeralContainers', 'name'],
  ['volumes', 'name'],
  ['env', 'name'],
  ['imagePullSecrets', 'name'],
  ['schedulingGates', 'name'],
  ['resourceClaims', 'name'],
  ['resourceClaimStatuses', 'name'],
  ['secrets', 'name'],
  ['webhooks', 'name'],
  ['volumeMounts', 'mountPath'],
  ['volumeDevices', 'devicePath'],
  ['hostAliases', 'ip'],
  ['podIPs', 'ip'],
  ['hostIPs', 'ip'],
  ['conditions', 'type'],
  ['topologySpreadConstraints', 'topologyKey'],
  ['ownerReferences', 'uid'],
]);

const containerLists: ReadonlySet<string> = new Set(['containers', 'initContainers', 'ephemeralContainers']);

/**
 * How a list merges: by the key of its elements, as a set of scalars, or not at all.
 *
 * @param field the list's own field
 * @param parent the field that holds the document with the list; elements of a list have that list's field
 */
export function mergeRule(field: string, parent: string | undefined): { readonly key: string } | 'set' | 'atomic' {
  if (field === 'finalizers' && parent === 'metadata') return 'set';
  // Ports are told apart by where they stand: a container's, a Service's, or (EndpointSlice, NetworkPolicy) replaced whole.
  if (field === 'ports') {
    if (parent !== undefined && containerLists.has(parent)) return { key: 'containerPort' };
    return parent === 'spec' ? { key: 'port' } : 'atomic';
  }
  // Of a Node's status; an Endpoints' addresses stand inside a list that is replaced whole.
  if (field === 'addresses') return parent === 'status' ? { key: 'type' } : 'atomic';
  const key = byField.get(field);
  return key === undefined ? 'atomic' : { key };
}
