import type { Kind } from './kinds.ts';
import { qualifiedResource } from './kinds.ts';
import type { Status, StatusCause, StatusDetails } from './types/index.ts';
import type { FieldError } from './validation/field-error.ts';
import { fieldErrorBody, invalidMessage } from './validation/field-error.ts';

/** Why the API server refused. The words of `metav1.StatusReason`. */
export type ApiErrorReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'UnsupportedMediaType'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServerTimeout'
  | 'ServiceUnavailable'
  | 'Timeout';

/** HTTP status of each reason. Source: apimachinery `api/errors/errors.go`; ServerTimeout is 500 there, Timeout 504. */
export const httpStatus: Readonly<Record<ApiErrorReason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
};

/** Group and plural: enough to name a resource in a message. */
export type ResourceId = Pick<Kind, 'group' | 'plural'>;

/** Registered, because a visitor's plugin may load its own copy of this package. */
const tag: unique symbol = Symbol.for('@slipway/kube/ApiError');

/** A refused API request. Branch on `code` (or `isApiError`), never on the message. */
export class ApiError extends Error {
  readonly [tag] = true;
  readonly code: ApiErrorReason;
  /** HTTP status code. */
  readonly status: number;
  readonly details: StatusDetails;

  constructor(code: ApiErrorReason, message: string, details: StatusDetails = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = httpStatus[code];
    this.details = details;
  }

  /** The error as the body of an answer. */
  toStatus(): Status {
    return {
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: this.message,
      reason: this.code,
      details: this.details,
      code: this.status,
    };
  }
}

/** Whether a thrown value is a refused API request, for one of `reasons` if any are given. */
export function isApiError(error: unknown, ...reasons: readonly ApiErrorReason[]): error is ApiError {
  if (typeof error !== 'object' || error === null || (error as Partial<ApiError>)[tag] !== true) return false;
  return reasons.length === 0 || reasons.includes((error as ApiError).code);
}

function about({ group, plural }: ResourceId, name: string, more: Partial<StatusDetails> = {}): StatusDetails {
  return { name, ...(group === '' ? {} : { group }), kind: plural, ...more };
}

export function notFound(resource: ResourceId, name: string): ApiError {
  return new ApiError('NotFound', `${qualifiedResource(resource)} "${name}" not found`, about(resource, name));
}

export function alreadyExists(resource: ResourceId, name: string): ApiError {
  return new ApiError('AlreadyExists', `${qualifiedResource(resource)} "${name}" already exists`, about(resource, name));
}

/** Why of a write with an old resourceVersion. */
export const staleWrite = 'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(resource: ResourceId, name: string, why: string = staleWrite): ApiError {
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`,
    about(resource, name),
  );
}

/** @param name empty for requests about no single object */
export function forbidden(resource: ResourceId, name: string, why: string, causes: readonly StatusCause[] = []): ApiError {
  const subject = name === '' ? qualifiedResource(resource) : `${qualifiedResource(resource)} "${name}"`;
  return new ApiError('Forbidden', `${subject} is forbidden: ${why}`, about(resource, name, causes.length === 0 ? {} : { causes }));
}

/** @param kind `details.kind` is the kind here, not the plural, as upstream has it */
export function invalid(kind: Pick<Kind, 'group' | 'kind'>, name: string, errors: readonly FieldError[]): ApiError {
  const causes = errors.map((error) => ({ reason: causeReasons[error.kind], message: fieldErrorBody(error), field: error.field }));
  return new ApiError('Invalid', invalidMessage(kind, name, errors), {
    name,
    ...(kind.group === '' ? {} : { group: kind.group }),
    kind: kind.kind,
    causes,
  });
}

const causeReasons: Readonly<Record<FieldError['kind'], string>> = {
  'Not found': 'FieldValueNotFound',
  'Required value': 'FieldValueRequired',
  'Duplicate value': 'FieldValueDuplicate',
  'Invalid value': 'FieldValueInvalid',
  'Unsupported value': 'FieldValueNotSupported',
  Forbidden: 'FieldValueForbidden',
  'Too long': 'FieldValueTooLong',
  'Too many': 'FieldValueTooMany',
  'Internal error': 'InternalError',
};

export function badRequest(why: string): ApiError {
  return new ApiError('BadRequest', why);
}

/** A watch or list from a resourceVersion that is no longer kept. */
export function expired(why: string): ApiError {
  return new ApiError('Expired', why);
}

/** Message of a watch that starts too far back. */
export function tooOldResourceVersion(wanted: string | number, oldest: string | number): ApiError {
  return expired(`too old resource version: ${wanted} (${oldest})`);
}

/** A list at a resourceVersion that is not there yet. */
export function tooLargeResourceVersion(wanted: string | number, current: string | number): ApiError {
  return new ApiError('Timeout', `Too large resource version: ${wanted}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  });
}

/** @param retryAfterSeconds 0 leaves the hint out */
export function tooManyRequests(why: string, retryAfterSeconds = 0, causes: readonly StatusCause[] = []): ApiError {
  return new ApiError('TooManyRequests', why, {
    ...(causes.length === 0 ? {} : { causes }),
    ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
  });
}

export function methodNotAllowed(resource: ResourceId, verb: string): ApiError {
  return new ApiError(
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${qualifiedResource(resource)}"`,
    about(resource, ''),
  );
}

export function internalError(why: string): ApiError {
  return new ApiError('InternalError', `Internal error occurred: ${why}`, { causes: [{ message: why }] });
}

export function serviceUnavailable(why: string): ApiError {
  return new ApiError('ServiceUnavailable', why);
}

/** A request that took longer than it may; the work may have been done. */
export function timeout(why: string, retryAfterSeconds = 0): ApiError {
  return new ApiError('Timeout', `Timeout: ${why}`, retryAfterSeconds === 0 ? {} : { retryAfterSeconds });
}
