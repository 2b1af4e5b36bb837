import { type Change, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf } from '@slipway/kernel';
import { finalizers, type PersistentVolume, type Stored } from '@slipway/kube';

/** Keeps a volume that is being deleted while it is bound. Source: `pkg/controller/volume/pvprotection`. */
export const pvProtection: ControllerDefinition = defineController({
  name: 'pv-protection-controller',
  watches: [watch('persistentvolumes', { keys: unsettled })],
  *reconcile(name, { informers, api }) {
    const volume = informers.get('persistentvolumes').get(name);
    const wanted = volume && wantedFinalizers(volume);
    if (!volume || !wanted) return;
    try {
      yield* api.persistentvolumes.update({ ...volume, metadata: { ...volume.metadata, finalizers: wanted } });
    } catch (error) {
      if (codeOf(error) !== 'NotFound') throw error;
    }
  },
});

function unsettled(volume: Stored<PersistentVolume>, { event }: Change<PersistentVolume>): readonly string[] {
  return event !== 'DELETED' && wantedFinalizers(volume) ? [volume.metadata.name] : [];
}

/** Undefined when they are as they should be. */
function wantedFinalizers({ metadata, status }: PersistentVolume): readonly string[] | undefined {
  const held = metadata.finalizers ?? [];
  const isProtected = held.includes(finalizers.pvProtection);
  if (metadata.deletionTimestamp === undefined) return isProtected ? undefined : [...held, finalizers.pvProtection];
  return isProtected && status?.phase !== 'Bound' ? held.filter((each) => each !== finalizers.pvProtection) : undefined;
}
