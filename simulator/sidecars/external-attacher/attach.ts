import type { ControllerContext } from '@slipway/client';
import type { CsiController } from '@slipway/csi';
import { CallError, type Client, codeOf, messageOf, type Process, seconds } from '@slipway/kernel';
import type { CSIPersistentVolumeSource, PersistentVolume, PersistentVolumeSpec, Stored, VolumeAttachment } from '@slipway/kube';
import { storageAnnotations } from '../../controllers/storage/annotations.ts';
import { volumeCapability } from '../capabilities.ts';
import { callDriver } from '../driver-error.ts';
import type { DriverInfo } from '../driver-info.ts';
import { addFinalizer } from '../finalizer-patches.ts';
import { attacherFinalizer } from '../names.ts';
import { readSecret } from '../secrets.ts';

// ControllerPublishVolume and its undoing. Source: external-attacher `pkg/controller/csi_handler.go`.

type Attachment = Stored<VolumeAttachment>;

/** Of each call. Source: `--timeout`. */
export const CALL_LIMIT = seconds(15);

/** What attaching needs, beside the attachment. */
export interface AttachTools {
  readonly info: DriverInfo;
  readonly controller: Client<CsiController>;
  readonly context: ControllerContext;
}

const refuse = (message: string): CallError => new CallError('FAILED_PRECONDITION', message);

/** What a driver said when it attached a volume. */
export type AttachmentMetadata = Readonly<Record<string, string>>;

/**
 * Attaches the volume. Marks volume and attachment first, so that neither can go before the volume is off the node again, however the call
 * ends. Gives the attachment back as it is stored then.
 *
 * @throws DriverError, ApiError, CallError
 */
export function* publish(
  attachment: Attachment,
  tools: AttachTools,
): Process<{ readonly metadata: AttachmentMetadata; readonly stored: Attachment }> {
  const { info, controller, context } = tools;
  const spec = yield* protectedSpec(attachment, tools);
  const csi = csiOf(spec);
  const capability = volumeCapability({
    block: spec.volumeMode === 'Block',
    fsType: csi.fsType,
    mountFlags: spec.mountOptions,
    modes: spec.accessModes ?? [],
    multiWriter: info.controller.has('SINGLE_NODE_MULTI_WRITER'),
  });
  const secrets = yield* publishSecrets(csi, context);
  const nodeId = nodeIdOf(attachment, info.name, context, false);
  const stored = yield* marked(attachment, nodeId, tools);
  const { publishContext = {} } = yield* callDriver(
    controller.controllerPublishVolume({
      volumeId: csi.volumeHandle,
      nodeId,
      volumeCapability: capability,
      readonly: info.controller.has('PUBLISH_READONLY') && csi.readOnly === true,
      ...(secrets === undefined ? {} : { secrets }),
      ...(csi.volumeAttributes === undefined ? {} : { volumeContext: csi.volumeAttributes }),
    }),
    CALL_LIMIT,
  );
  return { metadata: publishContext, stored };
}

/** Takes the volume off the node. @throws DriverError, ApiError, CallError */
export function* unpublish(attachment: Attachment, { info, controller, context }: AttachTools): Process {
  const csi = csiOf(specOf(attachment, context));
  const secrets = yield* publishSecrets(csi, context);
  const nodeId = nodeIdOf(attachment, info.name, context, true);
  const request = { volumeId: csi.volumeHandle, nodeId, ...(secrets === undefined ? {} : { secrets }) };
  yield* callDriver(controller.controllerUnpublishVolume(request), CALL_LIMIT);
}

/** The volume's handle and the node's id at the driver, as far as they can be told. */
export function publishedAs(
  attachment: Attachment,
  driver: string,
  context: ControllerContext,
): { volumeId: string; nodeId: string } | undefined {
  try {
    return { volumeId: csiOf(specOf(attachment, context)).volumeHandle, nodeId: nodeIdOf(attachment, driver, context, true) };
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN') throw error;
    return undefined;
  }
}

function volumeOf({ spec }: Attachment, { informers }: ControllerContext): Stored<PersistentVolume> | undefined {
  const { persistentVolumeName: name, inlineVolumeSpec } = spec.source;
  if (name === undefined) return undefined;
  if (inlineVolumeSpec) throw refuse('both InlineCSIVolumeSource and PersistentVolumeName specified in VA source');
  const volume = informers.get('persistentvolumes').get(name);
  if (!volume) throw refuse(`persistentvolume ${JSON.stringify(name)} not found`);
  return volume;
}

function specOf(attachment: Attachment, context: ControllerContext): PersistentVolumeSpec {
  const spec = volumeOf(attachment, context)?.spec ?? attachment.spec.source.inlineVolumeSpec;
  if (!spec) throw refuse('neither InlineCSIVolumeSource nor PersistentVolumeName specified in VA source');
  return spec;
}

function csiOf({ csi }: PersistentVolumeSpec): CSIPersistentVolumeSource {
  if (!csi) throw refuse('pv spec contained non-csi source that was not migrated');
  return csi;
}

/** The volume's spec, once the volume is marked. One that is being deleted is not attached any more. */
function* protectedSpec(attachment: Attachment, { info, context }: AttachTools): Process<PersistentVolumeSpec> {
  const volume = volumeOf(attachment, context);
  if (!volume) return specOf(attachment, context);
  if (volume.metadata.deletionTimestamp !== undefined)
    throw refuse(`PersistentVolume ${JSON.stringify(volume.metadata.name)} is marked for deletion`);
  const held = volume.metadata.finalizers ?? [];
  const finalizer = attacherFinalizer(info.name);
  if (held.includes(finalizer)) return volume.spec;
  try {
    const patch = addFinalizer(volume.metadata.finalizers, finalizer);
    return (yield* context.api.persistentvolumes.patch({ name: volume.metadata.name, type: 'json', patch })).spec;
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN') throw error;
    throw refuse(`could not add PersistentVolume finalizer: ${messageOf(error)}`);
  }
}

/** The attachment with finalizer and node id, the latter for when the node's CSINode has gone. */
function* marked(attachment: Attachment, nodeId: string, { info, context }: AttachTools): Process<Attachment> {
  const { finalizers = [], annotations = {}, uid } = attachment.metadata;
  const finalizer = attacherFinalizer(info.name);
  if (finalizers.includes(finalizer) && annotations[storageAnnotations.nodeId] === nodeId) return attachment;
  const metadata = {
    uid,
    finalizers: finalizers.includes(finalizer) ? finalizers : [...finalizers, finalizer],
    annotations: { [storageAnnotations.nodeId]: nodeId },
  };
  try {
    return yield* context.api.volumeattachments.patch({ name: attachment.metadata.name, patch: { metadata } });
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN') throw error;
    throw refuse(`could not save VolumeAttachment: ${messageOf(error)}`);
  }
}

function* publishSecrets(
  csi: CSIPersistentVolumeSource,
  { api }: ControllerContext,
): Process<Readonly<Record<string, string>> | undefined> {
  const reference = csi.controllerPublishSecretRef;
  try {
    return yield* readSecret(api, reference);
  } catch (error) {
    if (codeOf(error) === 'UNKNOWN') throw error;
    throw refuse(`failed to load secret "${reference?.namespace}/${reference?.name}": ${messageOf(error)}`);
  }
}

/** @param remembered the id noted on the attachment will do, since the node may be gone */
function nodeIdOf({ spec, metadata }: Attachment, driver: string, { informers }: ControllerContext, remembered: boolean): string {
  const csiNode = informers.get('csinodes').get(spec.nodeName);
  const id =
    csiNode?.spec.drivers.find(({ name }) => name === driver)?.nodeID ??
    (remembered ? metadata.annotations?.[storageAnnotations.nodeId] : undefined);
  if (id !== undefined) return id;
  throw refuse(
    csiNode
      ? `CSINode ${spec.nodeName} does not contain driver ${driver}`
      : `csinode.storage.k8s.io ${JSON.stringify(spec.nodeName)} not found`,
  );
}
