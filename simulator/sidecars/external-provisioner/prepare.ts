import type { ControllerContext } from '@slipway/client';
import type { CreateVolumeRequest } from '@slipway/csi';
import { codeOf, messageOf, type Process } from '@slipway/kernel';
import { bytes, type PersistentVolumeClaim, type SecretReference, type StorageClass, type Stored } from '@slipway/kube';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { volumeCapability } from '../capabilities.ts';
import type { DriverInfo } from '../driver-info.ts';
import { readSecret } from '../secrets.ts';
import { contentSource } from './content-source.ts';
import { driverParameters, fsTypeOf } from './parameters.ts';
import { NodeGoneError, type Places } from './places.ts';
import { NotOurs, ProvisionFailure, type ProvisionState } from './provision-failure.ts';
import { type SecretPurpose, secretReference } from './secret-references.ts';
import { accessibilityRequirements } from './topology.ts';
import { requested, type VolumePlan } from './volume-object.ts';

export const volumeNameOf = (uid: string): string => `pvc-${uid}`;

/**
 * Works out what to ask the driver for. Nothing is changed yet, but for the mark on a claim that is copied.
 * Source: external-provisioner `pkg/controller/controller.go`, prepareProvision.
 *
 * @throws ProvisionFailure, NotOurs
 */
export function* prepare(
  claim: Stored<PersistentVolumeClaim>,
  storageClass: StorageClass,
  info: DriverInfo,
  places: Places,
  context: ControllerContext,
): Process<VolumePlan> {
  checkCapabilities(claim, info);
  const { parameters = {} } = storageClass;
  const name = volumeNameOf(claim.metadata.uid);
  const fsType = sync(() => fsTypeOf(parameters), 'finished');
  const capabilities = sync(
    () =>
      (claim.spec.accessModes ?? []).map((mode) =>
        volumeCapability({
          block: claim.spec.volumeMode === 'Block',
          fsType,
          mountFlags: storageClass.mountOptions,
          modes: [mode],
          multiWriter: info.controller.has('SINGLE_NODE_MULTI_WRITER'),
        }),
      ),
    'finished',
  );
  const source = yield* failing(contentSource(claim, storageClass, info, context), '', 'no-change');
  const requirements = info.services.has('VOLUME_ACCESSIBILITY_CONSTRAINTS') ? topologyFor(claim, storageClass, places) : undefined;
  const secrets = sync(() => secretsOf(parameters, name, claim), 'no-change');
  const { name: secretName = '', namespace = '' } = secrets.Provisioner ?? {};
  const credentials = yield* failing(
    readSecret(context.api, secrets.Provisioner),
    `error getting secret ${secretName} in namespace ${namespace}: `,
    'no-change',
  );
  const own = sync(() => driverParameters(parameters), 'finished');
  const mutable = yield* mutableParameters(claim, info, context);
  const request: CreateVolumeRequest = {
    name,
    capacityRange: { requiredBytes: bytes(requested(claim)) },
    volumeCapabilities: capabilities,
    ...(Object.keys(own).length === 0 ? {} : { parameters: own }),
    ...(credentials === undefined ? {} : { secrets: credentials }),
    ...(source === undefined ? {} : { volumeContentSource: source }),
    ...(requirements === undefined ? {} : { accessibilityRequirements: requirements }),
    ...(mutable === undefined ? {} : { mutableParameters: mutable }),
  };
  return { claim, storageClass, request, fsType, secrets };
}

function checkCapabilities(claim: PersistentVolumeClaim, { services, controller }: DriverInfo): void {
  const missing = (what: string): ProvisionFailure =>
    new ProvisionFailure(`CSI driver does not support ${what} capability is not reported`, 'finished');
  if (!services.has('CONTROLLER_SERVICE')) throw missing('dynamic provisioning: plugin CONTROLLER_SERVICE');
  if (!controller.has('CREATE_DELETE_VOLUME')) throw missing('dynamic provisioning: controller CREATE_DELETE_VOLUME');
  if ((claim.spec.volumeAttributesClassName ?? '') !== '' && !controller.has('MODIFY_VOLUME'))
    throw missing('VolumeAttributesClass: controller MODIFY_VOLUME');
  if (claim.spec.selector !== undefined) throw new ProvisionFailure('claim Selector is not supported', 'finished');
}

function topologyFor(claim: Stored<PersistentVolumeClaim>, { allowedTopologies = [] }: StorageClass, places: Places) {
  const { uid, name, annotations } = claim.metadata;
  try {
    const found = places.forClaim(uid, annotations?.[storageAnnotations.selectedNode] ?? '');
    return accessibilityRequirements({ claimName: name, allowed: allowedTopologies, selected: found.selected, places: found.places });
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN') throw error;
    // The scheduler has to choose a node that is there.
    if (error instanceof NodeGoneError) throw new ProvisionFailure(error.message, 'reschedule');
    throw new ProvisionFailure(`error generating accessibility requirements: ${messageOf(error)}`, 'no-change');
  }
}

const PURPOSES: readonly SecretPurpose[] = [
  'Provisioner',
  'ControllerPublish',
  'NodeStage',
  'NodePublish',
  'ControllerExpand',
  'NodeExpand',
  'ControllerModify',
];

function secretsOf(parameters: Readonly<Record<string, string>>, volume: string, claim: PersistentVolumeClaim): VolumePlan['secrets'] {
  const found: Partial<Record<SecretPurpose, SecretReference>> = {};
  for (const purpose of PURPOSES) {
    const reference = secretReference(purpose, parameters, volume, claim);
    if (reference) found[purpose] = reference;
  }
  return found;
}

function* mutableParameters(
  { spec }: PersistentVolumeClaim,
  info: DriverInfo,
  { api }: ControllerContext,
): Process<Readonly<Record<string, string>> | undefined> {
  const { volumeAttributesClassName: name = '' } = spec;
  if (name === '') return undefined;
  const { driverName, parameters } = yield* failing(api.volumeattributesclasses.get({ name }), '', 'no-change');
  if (driverName === info.name) return parameters;
  const message = `VAC ${name} referenced in PVC is for driver ${driverName} which does not match driver name ${info.name}`;
  throw new ProvisionFailure(message, 'finished');
}

/** Runs a pure step; what it refuses is a failure of this state. */
function sync<T>(step: () => T, state: ProvisionState): T {
  try {
    return step();
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN') throw error;
    throw new ProvisionFailure(messageOf(error), state);
  }
}

function* failing<T>(work: Process<T>, prefix: string, state: ProvisionState): Process<T> {
  try {
    return yield* work;
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN' || error instanceof ProvisionFailure || error instanceof NotOurs) throw error;
    throw new ProvisionFailure(`${prefix}${messageOf(error)}`, state);
  }
}
