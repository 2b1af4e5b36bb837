import type { LinkCode } from '@slipway/kernel';
import { CallError } from '@slipway/kernel';

/**
 * What a registry says when it refuses, with the HTTP status it comes with. Distribution-spec 1.1.1, "Error Codes"; where the spec leaves
 * the status open, what distribution/distribution sends (registry/api/errcode/register.go, registry/api/v2/errors.go).
 */
export const distributionErrors = {
  BLOB_UNKNOWN: { id: 'code-1', status: 404, message: 'blob unknown to registry' },
  BLOB_UPLOAD_INVALID: { id: 'code-2', status: 416, message: 'blob upload invalid' },
  BLOB_UPLOAD_UNKNOWN: { id: 'code-3', status: 404, message: 'blob upload unknown to registry' },
  DIGEST_INVALID: { id: 'code-4', status: 400, message: 'provided digest did not match uploaded content' },
  MANIFEST_BLOB_UNKNOWN: { id: 'code-5', status: 404, message: 'blob unknown to registry' },
  MANIFEST_INVALID: { id: 'code-6', status: 400, message: 'manifest invalid' },
  MANIFEST_UNKNOWN: { id: 'code-7', status: 404, message: 'manifest unknown' },
  NAME_INVALID: { id: 'code-8', status: 400, message: 'invalid repository name' },
  NAME_UNKNOWN: { id: 'code-9', status: 404, message: 'repository name not known to registry' },
  SIZE_INVALID: { id: 'code-10', status: 400, message: 'provided length did not match content length' },
  UNAUTHORIZED: { id: 'code-11', status: 401, message: 'authentication required' },
  DENIED: { id: 'code-12', status: 403, message: 'requested access to the resource is denied' },
  UNSUPPORTED: { id: 'code-13', status: 405, message: 'The operation is unsupported.' },
  TOOMANYREQUESTS: { id: 'code-14', status: 429, message: 'too many requests' },
} as const satisfies Readonly<Record<string, { readonly id: string; readonly status: number; readonly message: string }>>;

export type OciDistributionCode = keyof typeof distributionErrors;

/** A refused request to a registry. `message` is the registry's own unless the thrower knows better. */
export class OciDistributionError extends CallError {
  override readonly name: string = 'OciDistributionError';
  /** HTTP status. */
  readonly status: number;

  constructor(
    code: OciDistributionCode,
    message: string = distributionErrors[code].message,
    status: number = distributionErrors[code].status,
  ) {
    super(code, message);
    this.status = status;
  }

  /** The body that a registry answers with. Spec: "Error Codes". */
  get body(): { readonly errors: readonly { readonly code: string; readonly message: string }[] } {
    return { errors: [{ code: this.code, message: this.message }] };
  }
}

/** What a caller sees when no registry answered: HTTP has no code for it, so gRPC's word stays. */
export const distributionLinkError = (code: LinkCode, message: string): CallError => new CallError(code, message);
