import type { ApiClient } from '@slipway/client';
import { decodeBase64, decodeUtf8 } from '@slipway/host';
import { messageOf, type Process } from '@slipway/kernel';
import type { CSIDriver, CSIDriverSpec, SecretReference } from '@slipway/kube';
import { isExpectedFailure } from '../../failure.ts';
import { unlessMissing } from '../../runtime/pod-objects.ts';
import type { PublishContext } from '../kinds/volume-kind.ts';
import { VolumeError } from '../volume-error.ts';
import { attachmentName } from './names.ts';

/** What the API has about CSI volumes. Upstream watches drivers; here they are asked for when needed, which most nodes never do. */
export class ClusterObjects {
  readonly #api: ApiClient;
  readonly #node: string;

  constructor(api: ApiClient, node: string) {
    this.#api = api;
    this.#node = node;
  }

  /** How the cluster treats the driver; undefined when nobody has said. */
  *driver(name: string): Process<CSIDriverSpec | undefined> {
    const driver: CSIDriver | undefined = yield* unlessMissing(this.#api.csidrivers.get({ name }));
    return driver?.spec;
  }

  /**
   * What the driver told when it attached the volume.
   *
   * @throws VolumeError while it is not attached. Source: `pkg/volume/csi/csi_attacher.go` WaitForAttach, verifyAttachmentStatus
   */
  *publishContext(driver: string, handle: string): Process<PublishContext> {
    const name = attachmentName(handle, driver, this.#node);
    let attachment;
    try {
      attachment = yield* this.#api.volumeattachments.get({ name });
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      throw new VolumeError(`volume ${handle} has GET error for volume attachment ${name}: ${messageOf(error)}`);
    }
    if (attachment.metadata.deletionTimestamp !== undefined) throw new VolumeError('volume attachment is being deleted');
    const { attached = false, attachError, attachmentMetadata = {} } = attachment.status ?? {};
    if (attached) return attachmentMetadata;
    throw new VolumeError(attachError?.message ?? `volume ${handle} is not attached for volume attachment ${name}`);
  }

  /** A secret's texts, for a driver. @throws VolumeError, transient */
  *secrets(reference: SecretReference | undefined, words: string): Process<Readonly<Record<string, string>> | undefined> {
    if (!reference) return undefined;
    const { name = '', namespace = '' } = reference;
    try {
      const { data = {} } = yield* this.#api.secrets.get({ namespace, name });
      return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, decodeUtf8(decodeBase64(value))]));
    } catch (error) {
      if (!isExpectedFailure(error)) throw error;
      throw new VolumeError(`${words} ${namespace}/${name} failed: ${messageOf(error)}`, 'transient');
    }
  }
}
