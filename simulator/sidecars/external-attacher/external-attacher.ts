import { type Change, type ControllerContext, type ControllerDefinition, defineController, watch } from '@slipway/client';
import { codeOf, messageOf, type Process, spawn } from '@slipway/kernel';
import { isEqual, type PersistentVolume, type Stored, type VolumeAttachment, type VolumeError } from '@slipway/kube';
import { codeNumber, DriverError, isAnswer } from '../driver-error.ts';
import { type DriverConnection, type DriverInfo, learnDriver } from '../driver-info.ts';
import { removeFinalizer } from '../finalizer-patches.ts';
import { attacherFinalizer } from '../names.ts';
import { RetryDelays } from '../retry-delays.ts';
import { type AttachmentMetadata, type AttachTools, publish, unpublish } from './attach.ts';
import { PublishedCheck } from './published-check.ts';

type Attachment = Stored<VolumeAttachment>;

const ATTACHMENT = 'attachment/';
const VOLUME = 'volume/';

/**
 * Attaches and detaches volumes with a driver, as VolumeAttachments ask for. For a driver that attaches nothing (no
 * PUBLISH_UNPUBLISH_VOLUME) each attachment is simply marked as attached. Source: kubernetes-csi/external-attacher.
 */
export function externalAttacher({ identity, controller }: DriverConnection): ControllerDefinition {
  const delays = new RetryDelays();
  /** Attachments that the driver sees otherwise: handled once more, whatever their status says. */
  const forced = new Set<string>();
  let info: DriverInfo | undefined;
  let check: PublishedCheck | undefined;

  return defineController({
    name: 'external-attacher',
    workers: 10,
    watches: [
      watch('volumeattachments', {
        indexers: {
          volume: ({ spec }) => (spec.source.persistentVolumeName === undefined ? [] : [spec.source.persistentVolumeName]),
          attacher: ({ spec }) => [spec.attacher],
        },
        keys: noteAttachment,
      }),
      watch('persistentvolumes', { keys: noteVolume }),
      watch('csinodes', { keys: () => [] }),
    ],
    *start(context) {
      info = yield* learnDriver({ identity, controller }, (message) => context.log(message));
      const lists = info.controller.has('LIST_VOLUMES') && info.controller.has('LIST_VOLUMES_PUBLISHED_NODES');
      if (!lists || !info.controller.has('PUBLISH_UNPUBLISH_VOLUME')) return;
      check = new PublishedCheck({ info, controller, context }, (name) => {
        forced.add(name);
        context.queue.add(ATTACHMENT + name);
      });
      yield* spawn('published check', check.run());
    },
    *reconcile(key, context) {
      if (!info) return undefined;
      try {
        const tools = { info, controller, context };
        if (key.startsWith(ATTACHMENT)) yield* syncAttachment(key.slice(ATTACHMENT.length), tools);
        else yield* releaseVolume(key.slice(VOLUME.length), info, context);
        delays.forget(key);
        return undefined;
      } catch (error) {
        return delays.again(key, error, context);
      }
    },
  });

  function noteAttachment(attachment: Attachment, { event, old }: Change<VolumeAttachment>): readonly string[] {
    const { name } = attachment.metadata;
    check?.noteChange();
    const volume = attachment.spec.source.persistentVolumeName;
    if (event === 'DELETED') return volume === undefined ? [] : [VOLUME + volume];
    return old && onlyErrorsChanged(attachment, old) ? [] : [ATTACHMENT + name];
  }

  /** Its own reports of a failure must not cut its back-off short. */
  function onlyErrorsChanged(attachment: Attachment, old: Attachment): boolean {
    const { attachError, detachError, ...status } = attachment.status ?? { attached: false };
    const { attachError: attachBefore, detachError: detachBefore, ...before } = old.status ?? { attached: false };
    if (!attachError && !detachError && !attachBefore && !detachBefore) return false;
    return isEqual(status, before) && isEqual({ ...attachment.metadata, resourceVersion: '' }, { ...old.metadata, resourceVersion: '' });
  }

  function noteVolume({ metadata }: Stored<PersistentVolume>, { event }: Change<PersistentVolume>): readonly string[] {
    return event !== 'DELETED' && metadata.deletionTimestamp !== undefined ? [VOLUME + metadata.name] : [];
  }

  function* syncAttachment(name: string, tools: AttachTools): Process {
    const { informers } = tools.context;
    const attachment = informers.get('volumeattachments').get(name);
    if (!attachment || attachment.spec.attacher !== tools.info.name) return;
    const force = forced.delete(name);
    if (!tools.info.controller.has('PUBLISH_UNPUBLISH_VOLUME')) {
      if (attachment.metadata.deletionTimestamp === undefined && !attachment.status?.attached)
        yield* markAttached(attachment, {}, tools.context);
    } else if (attachment.metadata.deletionTimestamp === undefined) {
      if (force || !attachment.status?.attached) yield* attach(attachment, tools);
    } else if (force || attachment.metadata.finalizers?.includes(attacherFinalizer(tools.info.name))) {
      yield* detach(attachment, tools);
    }
  }

  function* attach(attachment: Attachment, tools: AttachTools): Process {
    try {
      const { metadata, stored } = yield* publish(attachment, tools);
      yield* markAttached(stored, metadata, tools.context);
    } catch (error) {
      if (isAnswer(error)) yield* saveError(attachment, 'attachError', error, tools.context);
      throw error;
    }
  }

  function* detach(attachment: Attachment, tools: AttachTools): Process {
    try {
      yield* unpublish(attachment, tools);
      yield* letGo(attachment, tools);
    } catch (error) {
      if (isAnswer(error)) yield* saveError(attachment, 'detachError', error, tools.context);
      throw error;
    }
  }

  /** The volume's mark goes when it is being deleted and nothing attaches it any more. */
  function* releaseVolume(name: string, { name: driver }: DriverInfo, { api, informers }: ControllerContext): Process {
    const volume = informers.get('persistentvolumes').get(name);
    const finalizer = attacherFinalizer(driver);
    if (volume?.metadata.deletionTimestamp === undefined || !volume.metadata.finalizers?.includes(finalizer)) return;
    if (informers.get('volumeattachments').byIndex('volume', name).length > 0) return;
    const patch = removeFinalizer(volume.metadata.finalizers, finalizer);
    yield* tolerant(api.persistentvolumes.patch({ name, type: 'json', patch }));
  }
}

function* markAttached({ metadata: { name }, status }: Attachment, metadata: AttachmentMetadata, { api }: ControllerContext): Process {
  // A merge patch keeps what it does not name: keys of an earlier attachment have to be taken out.
  const stale = Object.keys(status?.attachmentMetadata ?? {}).filter((key) => metadata[key] === undefined);
  const attachmentMetadata = { ...metadata, ...Object.fromEntries(stale.map((key) => [key, null])) };
  const patch = {
    status: { attached: true, attachError: null, ...(Object.keys(attachmentMetadata).length > 0 ? { attachmentMetadata } : {}) },
  };
  yield* api.volumeattachments.patch({ name, subresource: 'status', patch });
}

/** The volume is off the node: the attachment may go. */
function* letGo({ metadata }: Attachment, { info, context }: AttachTools): Process {
  const { name, uid, finalizers = [] } = metadata;
  const rest = finalizers.filter((each) => each !== attacherFinalizer(info.name));
  const { volumeattachments } = context.api;
  if (rest.length < finalizers.length) yield* tolerant(volumeattachments.patch({ name, patch: { metadata: { uid, finalizers: rest } } }));
  if (rest.length === 0) return;
  // Somebody else holds it.
  const status = { attached: false, detachError: null, attachmentMetadata: null };
  yield* tolerant(volumeattachments.patch({ name, subresource: 'status', patch: { metadata: { uid }, status } }));
}

/** Reports a failure; should that fail too, the failure itself is what counts. */
function* saveError(
  attachment: Attachment,
  field: 'attachError' | 'detachError',
  error: unknown,
  { api, timestamp, log }: ControllerContext,
): Process {
  const report: VolumeError = {
    message: messageOf(error),
    time: timestamp(),
    ...(field === 'attachError' && error instanceof DriverError ? { errorCode: codeNumber(error.code) } : {}),
  };
  try {
    yield* api.volumeattachments.patch({ name: attachment.metadata.name, subresource: 'status', patch: { status: { [field]: report } } });
  } catch (failure) {
    if (!isAnswer(failure)) throw failure;
    log(`failed to save ${field}: ${messageOf(failure)}`, attachment.metadata.name);
  }
}

/** What is gone needs no change. */
function* tolerant(call: Process<unknown>): Process {
  try {
    yield* call;
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}
