import { type Change, type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, messageOf, type Process } from '@slipway/kernel';
import { controllerReference, keyOf, type PersistentVolumeClaim, type Pod, type Stored, type Volume } from '@slipway/kube';
import { claimKeysOf, ephemeralClaimName, isClaimOf } from './claims.ts';

/** Makes the claims of generic ephemeral volumes; each is owned by its pod and goes with it. Source: `pkg/controller/volume/ephemeral`. */
export const ephemeralVolume: ControllerDefinition = defineController({
  name: 'ephemeral-volume-controller',
  workers: 5,
  watches: [watch('pods', { indexers: { claim: claimKeysOf }, keys: newPod }), watch('persistentvolumeclaims', { keys: podsOfGoneClaim })],
  *reconcile(key, context) {
    const pod = context.informers.get('pods').get(key);
    if (!pod || pod.metadata.deletionTimestamp !== undefined) return;
    for (const volume of pod.spec.volumes ?? []) if (volume.ephemeral) yield* ensureClaim(pod, volume, context);
  },
});

const hasEphemeral = (pod: Pod): boolean => pod.spec.volumes?.some(({ ephemeral }) => ephemeral !== undefined) ?? false;

function newPod(pod: Stored<Pod>, { event }: Change<Pod>): readonly string[] {
  return event === 'ADDED' && hasEphemeral(pod) ? [keyOf(pod)] : [];
}

/** A claim that somebody deleted is made anew for a pod that still wants it. */
function podsOfGoneClaim(claim: Stored<PersistentVolumeClaim>, { event, context }: Change<PersistentVolumeClaim>): readonly string[] {
  if (event !== 'DELETED') return [];
  return context.informers.get('pods').byIndex('claim', keyOf(claim)).filter(hasEphemeral).map(keyOf);
}

function* ensureClaim(pod: Stored<Pod>, volume: Volume, context: ControllerContext): Process {
  try {
    yield* claimFor(pod, volume, context);
  } catch (error) {
    if (codeOf(error) === 'NotFound') return;
    context.events.warning(pod, 'FailedBinding', `ephemeral volume ${volume.name}: ${messageOf(error)}`);
    throw error;
  }
}

function* claimFor(pod: Stored<Pod>, volume: Volume, { informers, api, events }: ControllerContext): Process {
  const { namespace = 'default' } = pod.metadata;
  const name = ephemeralClaimName(pod, volume);
  const template = volume.ephemeral?.volumeClaimTemplate;
  const known = informers.get('persistentvolumeclaims').get(`${namespace}/${name}`);
  if (known && !isClaimOf(pod, known)) {
    // Nothing here can change that: a change of the claim or the pod wakes this key again.
    const why = `PVC ${namespace}/${name} was not created for pod ${namespace}/${pod.metadata.name} (pod is not owner)`;
    events.warning(pod, 'FailedBinding', `ephemeral volume ${volume.name}: ${why}`);
    return;
  }
  if (known || !template) return;
  const { labels, annotations } = template.metadata ?? {};
  try {
    yield* api.persistentvolumeclaims.create({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        ...(labels === undefined ? {} : { labels }),
        ...(annotations === undefined ? {} : { annotations }),
        ownerReferences: [controllerReference(pod)],
      },
      spec: template.spec,
    });
  } catch (error) {
    // The cache was behind; should it be another's claim, the next look finds that.
    if (codeOf(error) !== 'AlreadyExists') throw error;
  }
}
