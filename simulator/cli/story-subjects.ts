import type { PersistentVolume, PersistentVolumeClaim, Pod, Service, VolumeAttachment } from '@slipway/kube';
import { matchesLabelMap } from '@slipway/kube';
import type { World } from '../wiring/world.ts';

/**
 * What a pod's story is about beside the pod: its claims with their volumes and attachments, and the Services that select it. As traces name
 * them: `resource/subject` for written objects, the subject alone for calls.
 */
export function storySubjects({ server }: World, pod: string): ReadonlySet<string> {
  const [namespace = '', name = ''] = pod.split('/');
  const object = server.peek('pods', namespace, name) as Pod | undefined;
  const subjects = new Set<string>();
  if (!object) return subjects;
  const volumes = new Set<string>();
  for (const { persistentVolumeClaim, ephemeral, name: volume } of object.spec.volumes ?? []) {
    const claimName = persistentVolumeClaim?.claimName ?? (ephemeral ? `${name}-${volume}` : undefined);
    if (claimName === undefined) continue;
    const claim = server.peek('persistentvolumeclaims', namespace, claimName) as PersistentVolumeClaim | undefined;
    subjects.add(`persistentvolumeclaims/${namespace}/${claimName}`).add(`${namespace}/${claimName}`);
    const volumeName = claim?.spec.volumeName;
    if (volumeName === undefined) continue;
    volumes.add(volumeName);
    const handle = (server.peek('persistentvolumes', undefined, volumeName) as PersistentVolume | undefined)?.spec.csi?.volumeHandle;
    subjects.add(`persistentvolumes/${volumeName}`).add(volumeName);
    if (handle !== undefined) subjects.add(handle);
  }
  for (const attachment of server.objects('volumeattachments') as Iterable<unknown> as Iterable<VolumeAttachment>) {
    const { source, nodeName } = attachment.spec;
    if (nodeName === object.spec.nodeName && volumes.has(source.persistentVolumeName ?? ''))
      subjects.add(`volumeattachments/${attachment.metadata.name}`);
  }
  for (const service of server.objects('services') as Iterable<unknown> as Iterable<Service>) {
    const { selector } = service.spec;
    if (service.metadata.namespace !== namespace || !selector || !matchesLabelMap(selector, object.metadata.labels ?? {})) continue;
    subjects.add(`services/${namespace}/${service.metadata.name}`).add(`${namespace}/${service.metadata.name}`);
  }
  return subjects;
}
