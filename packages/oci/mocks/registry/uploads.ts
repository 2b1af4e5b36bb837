import { digestOf } from '../../digest.ts';
import type { ByteRange, UploadProgress, UploadSession } from '../../distribution/contract.ts';
import { OciDistributionError } from '../../distribution/errors.ts';
import { lengthOf } from '../../distribution/rules.ts';
import type { Digest } from '../../image/contract.ts';
import type { Content } from './build.ts';
import type { Repository } from './repository.ts';

interface Upload {
  readonly repository: Repository;
  readonly chunks: Uint8Array[];
  readonly name: string;
  received: number;
}

/** Uploads in progress. Distribution-spec 1.1.1, "Pushing Blobs". */
export class Uploads {
  readonly #open = new Map<string, Upload>();
  #count = 0;

  start(repository: Repository, name: string): UploadSession {
    this.#count += 1;
    const location = `/v2/${name}/blobs/uploads/upload-${this.#count}`;
    this.#open.set(location, { repository, name, chunks: [], received: 0 });
    return { location };
  }

  /** @throws OciDistributionError BLOB_UPLOAD_UNKNOWN */
  repositoryOf(location: string): { readonly repository: Repository; readonly name: string } {
    return this.#get(location);
  }

  status(location: string): UploadProgress {
    const { received } = this.#get(location);
    return received === 0 ? { location } : { location, range: { first: 0, last: received - 1 } };
  }

  /** @throws OciDistributionError BLOB_UPLOAD_UNKNOWN, BLOB_UPLOAD_INVALID (not the next bytes), SIZE_INVALID */
  append(location: string, content: Uint8Array, range: ByteRange | undefined): UploadProgress {
    const upload = this.#get(location);
    if (range !== undefined && lengthOf(range) !== content.length) throw new OciDistributionError('SIZE_INVALID');
    if (range !== undefined && range.first !== upload.received) {
      throw new OciDistributionError(
        'BLOB_UPLOAD_INVALID',
        `blob upload invalid: ${upload.received} bytes received, chunk starts at ${range.first}`,
      );
    }
    if (content.length > 0) upload.chunks.push(content);
    upload.received += content.length;
    return this.status(location);
  }

  /** Makes one blob of what was sent. An upload of other bytes than promised is gone, as in distribution/distribution (blobwriter.go, Commit). */
  complete(location: string, digest: Digest): Content {
    const upload = this.#get(location);
    this.#open.delete(location);
    return blobOf(joined(upload), digest);
  }

  cancel(location: string): void {
    this.#get(location);
    this.#open.delete(location);
  }

  #get(location: string): Upload {
    const upload = this.#open.get(location);
    if (!upload) throw new OciDistributionError('BLOB_UPLOAD_UNKNOWN');
    return upload;
  }
}

/** Content under the digest that its sender promised. @throws OciDistributionError DIGEST_INVALID */
export function blobOf(content: Uint8Array, digest: Digest): Content {
  if (digestOf(content) !== digest) throw new OciDistributionError('DIGEST_INVALID');
  return { digest, mediaType: OCTETS, content };
}

/** Blobs have no type of their own: a registry serves them as bytes. */
const OCTETS = 'application/octet-stream';

function joined({ chunks, received }: Upload): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only) return only;
  const content = new Uint8Array(received);
  let at = 0;
  for (const chunk of chunks) {
    content.set(chunk, at);
    at += chunk.length;
  }
  return content;
}
