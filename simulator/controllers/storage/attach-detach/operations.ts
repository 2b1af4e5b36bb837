import type { ControllerContext } from '@slipway/client';
import { codeOf, type Micros, milliseconds, minutes, type Process, seconds, sleep } from '@slipway/kernel';
import type { VolumeAttachment } from '@slipway/kube';
import { attachmentName, parseUniqueName } from './volume-name.ts';

// What attaching and detaching a CSI volume is. Source: `pkg/volume/csi/csi_attacher.go`, `pkg/volume/util/operationexecutor/operation_generator.go`.

/** A CSI volume operation may take so long. */
const LIMIT: Micros = minutes(2);
const FIRST_POLL: Micros = milliseconds(500);
const LONGEST_POLL: Micros = seconds(7);
const JITTER = 10;

/** An operation that did not come to its end; the message is for people. */
export class AttachDetachError extends Error {
  readonly code = 'ATTACH_DETACH_FAILED';
}

/**
 * Makes the VolumeAttachment and waits until the driver's side-car has attached the volume.
 *
 * @throws AttachDetachError, ApiError
 */
export function* attachVolume(volume: string, node: string, pvName: string, context: ControllerContext): Process {
  const { api, informers } = context;
  const identity = identityOf(volume);
  const name = attachmentName(identity, node);
  if (!informers.get('volumeattachments').get(name)) {
    try {
      yield* api.volumeattachments.create({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'VolumeAttachment',
        metadata: { name },
        spec: { attacher: identity.driver, source: { persistentVolumeName: pvName }, nodeName: node },
      });
    } catch (error) {
      if (codeOf(error) !== 'AlreadyExists') throw error;
    }
  }
  yield* poll(
    name,
    context,
    isAttached,
    `timed out waiting for external-attacher of ${identity.driver} CSI driver to attach volume ${identity.handle}`,
  );
}

/**
 * Deletes the VolumeAttachment and waits until it is gone.
 *
 * @param verify ask the node first whether it still uses the volume
 * @throws AttachDetachError, ApiError
 */
export function* detachVolume(volume: string, node: string, verify: boolean, context: ControllerContext): Process {
  if (verify) yield* verifySafeToDetach(volume, node, context);
  const identity = identityOf(volume);
  const name = attachmentName(identity, node);
  try {
    yield* context.api.volumeattachments.delete({ name });
  } catch (error) {
    if (codeOf(error) === 'NotFound') return;
    throw error;
  }
  yield* poll(
    name,
    context,
    isDetached,
    `timed out waiting for external-attacher of unknown CSI driver to detach volume ${identity.handle}`,
  );
}

function identityOf(volume: string): { readonly driver: string; readonly handle: string } {
  const identity = parseUniqueName(volume);
  if (!identity) throw new AttachDetachError(`no volume plugin matched name: ${volume}`);
  return identity;
}

/** The cache may be behind the kubelet, and pulling a disk from under a file system loses data. */
function* verifySafeToDetach(volume: string, node: string, { api }: ControllerContext): Process {
  try {
    const { status } = yield* api.nodes.get({ name: node });
    if (!status?.volumesInUse?.includes(volume)) return;
  } catch (error) {
    if (codeOf(error) === 'NotFound') return;
    throw error;
  }
  throw new AttachDetachError('volume is still in use by node, according to Node status');
}

function isAttached(attachment: VolumeAttachment | undefined): boolean {
  if (!attachment) return false;
  if (attachment.metadata.deletionTimestamp !== undefined) throw new AttachDetachError('volume attachment is being deleted');
  if (attachment.status?.attached) return true;
  if (attachment.status?.attachError) throw new AttachDetachError(attachment.status.attachError.message ?? '');
  return false;
}

function isDetached(attachment: VolumeAttachment | undefined): boolean {
  if (attachment?.status?.detachError) throw new AttachDetachError(attachment.status.detachError.message ?? '');
  return attachment === undefined;
}

/** Looks 0.5 s after the start, then at intervals that grow by a twentieth, up to 7 s. */
function* poll(
  name: string,
  { informers, owner, now }: ControllerContext,
  ended: (attachment: VolumeAttachment | undefined) => boolean,
  late: string,
): Process {
  const { kernel } = owner;
  const until = now() + LIMIT;
  for (let interval = FIRST_POLL; ; interval = Math.min(Math.round((interval * 105) / 100), LONGEST_POLL)) {
    const jitter = kernel.exploration.jitter ? kernel.random('attach-detach').integer(0, Math.floor(interval / JITTER)) : 0;
    if (now() + interval + jitter > until) {
      yield* sleep(until - now());
      throw new AttachDetachError(late);
    }
    yield* sleep(interval + jitter);
    if (ended(informers.get('volumeattachments').get(name))) return;
  }
}
