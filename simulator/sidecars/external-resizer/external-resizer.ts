import { type Change, type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, type Process } from '@slipway/kernel';
import { compareQuantities, keyOf, type PersistentVolume, type PersistentVolumeClaim, type Stored } from '@slipway/kube';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { claimKey, claimKeysOf } from '../../controllers/storage/claims.ts';
import { type DriverConnection, learnDriver } from '../driver-info.ts';
import { RetryDelays } from '../retry-delays.ts';
import { Expander } from './expand.ts';
import { mayGrow, resizeStatusOf, wantsToGrow } from './expansion.ts';
import { Modifier } from './modify.ts';

type Claim = Stored<PersistentVolumeClaim>;

const EXPAND = 'expand/';
const MODIFY = 'modify/';

/**
 * Lets volumes grow (ControllerExpandVolume) and change their attributes (ControllerModifyVolume), as claims ask for.
 * Source: kubernetes-csi/external-resizer.
 */
export function externalResizer({ identity, controller }: DriverConnection): ControllerDefinition {
  const delays = new RetryDelays();
  let driver: { readonly name: string; readonly expander: Expander | undefined; readonly modifier: Modifier | undefined } | undefined;

  return defineController({
    name: 'external-resizer',
    workers: 10,
    watches: [
      watch('persistentvolumeclaims', { keys: noteClaim }),
      watch('persistentvolumes', { keys: (volume, { event }) => (event === 'ADDED' ? claimOf(volume) : []) }),
      watch('pods', { indexers: { claim: claimKeysOf }, keys: () => [] }),
      watch('volumeattributesclasses', { keys: () => [] }),
    ],
    *start(context) {
      const info = yield* learnDriver({ identity, controller }, (message) => context.log(message));
      const modifier = info.controller.has('MODIFY_VOLUME') ? new Modifier(controller) : undefined;
      const grows = info.controller.has('EXPAND_VOLUME') || info.expansion.size > 0;
      driver = { name: info.name, expander: grows ? new Expander(info, controller) : undefined, modifier };
    },
    *reconcile(key, context) {
      if (!driver) return undefined;
      const { informers } = context;
      const expands = key.startsWith(EXPAND);
      const claim = informers.get('persistentvolumeclaims').get(key.slice(expands ? EXPAND.length : MODIFY.length));
      const volume = claim && informers.get('persistentvolumes').get(claim.spec.volumeName ?? '');
      if (!claim || !volume || !mayGrow(volume, claim, driver.name)) return undefined;
      try {
        let requeueAfter = expands ? yield* expand(claim, volume, driver.expander, context) : undefined;
        if (!expands && driver.modifier) requeueAfter = yield* driver.modifier.modify(claim, volume, context);
        delays.forget(key);
        return requeueAfter === undefined ? undefined : { requeueAfter };
      } catch (error) {
        return delays.again(key, error, context);
      }
    },
  });

  /** A change of size, wish or progress; its own reports of a failure do not cut its back-off short. */
  function noteClaim(claim: Claim, { event, old }: Change<PersistentVolumeClaim>): readonly string[] {
    if (event === 'DELETED') return [];
    const keys: string[] = [];
    if (!old || sizesChanged(claim, old)) keys.push(EXPAND + keyOf(claim));
    const modified = claim.spec.volumeAttributesClassName !== old?.spec.volumeAttributesClassName || !claim.status?.modifyVolumeStatus;
    if (claim.status?.phase === 'Bound' && modified) keys.push(MODIFY + keyOf(claim));
    return keys;
  }
}

const claimOf = ({ spec }: PersistentVolume): readonly string[] => (spec.claimRef ? [EXPAND + claimKey(spec.claimRef)] : []);

function sizesChanged(claim: Claim, old: Claim): boolean {
  const changed = (now = '0', before = '0'): boolean => compareQuantities(now, before) !== 0;
  return (
    claim.status?.phase !== old.status?.phase ||
    changed(claim.spec.resources?.requests?.['storage'], old.spec.resources?.requests?.['storage']) ||
    changed(claim.status?.capacity?.['storage'], old.status?.capacity?.['storage']) ||
    resizeStatusOf(claim) !== resizeStatusOf(old)
  );
}

function* expand(claim: Claim, volume: Stored<PersistentVolume>, expander: Expander | undefined, context: ControllerContext) {
  yield* forgetOldSize(claim, volume, context);
  return expander && wantsToGrow(claim) ? yield* expander.expand(claim, volume, context) : undefined;
}

/** The file system has grown too. */
function* forgetOldSize(claim: Claim, { metadata, spec }: Stored<PersistentVolume>, { api }: ControllerContext): Process {
  if (metadata.annotations?.[storageAnnotations.preResizeCapacity] === undefined) return;
  if (compareQuantities(claim.status?.capacity?.['storage'] ?? '0', spec.capacity?.['storage'] ?? '0') < 0) return;
  try {
    const patch = { metadata: { annotations: { [storageAnnotations.preResizeCapacity]: null } } };
    yield* api.persistentvolumes.patch({ name: metadata.name, patch });
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
