import type { Pod } from '@slipway/kube';

/** Names of the claims that a pod uses: those that it names, and those that were made for its ephemeral volumes. */
export function claimNames({ metadata, spec }: Pod): readonly string[] {
  const names: string[] = [];
  for (const { name, persistentVolumeClaim, ephemeral } of spec.volumes ?? []) {
    if (persistentVolumeClaim) names.push(persistentVolumeClaim.claimName);
    else if (ephemeral) names.push(`${metadata.name}-${name}`);
  }
  return names;
}

/**
 * Nothing of the pod runs any more, by its own status: it has ended, or it is to go and no container is said to run. Source:
 * `pkg/volume/util/util.go`, IsPodTerminated.
 */
export function isOver({ metadata, status }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return true;
  if (metadata.deletionTimestamp === undefined) return false;
  return (status?.containerStatuses ?? []).every(({ state }) => state?.running === undefined);
}
