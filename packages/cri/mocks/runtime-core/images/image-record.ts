import type { Digest, ImageConfigExecution } from '@slipway/oci';
import type { Image } from '../../../messages/index.ts';

/** One image on the node, with every name that it has. */
export interface ImageRecord {
  /** Digest of its configuration. */
  readonly digest: Digest;
  /** `docker.io/library/nginx:1.25` */
  readonly repoTags: readonly string[];
  /** `docker.io/library/nginx@sha256:…` */
  readonly repoDigests: readonly string[];
  /** Bytes in life. */
  readonly size: number;
  readonly layers: readonly { readonly digest: Digest; readonly size: number }[];
  readonly config: ImageConfigExecution;
  readonly pinned: boolean;
}

/** As CRI shows it. */
export function toImage(record: ImageRecord, id: string): Image {
  const user = (record.config.User ?? '').split(':')[0] ?? '';
  return {
    id,
    repoTags: record.repoTags,
    repoDigests: record.repoDigests,
    size: record.size,
    ...(user === '' ? { uid: { value: 0 } } : /^\d+$/.test(user) ? { uid: { value: Number(user) } } : { username: user }),
    pinned: record.pinned,
  };
}
