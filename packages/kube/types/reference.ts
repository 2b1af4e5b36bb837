// References from one object to another. Source: `core/v1`.

/** Names another object, possibly one exact version or part of it. */
export interface ObjectReference {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly fieldPath?: string;
}

/** Names an object in the same namespace. */
export interface LocalObjectReference {
  readonly name: string;
}

/** Names a secret in any namespace. */
export interface SecretReference {
  readonly name?: string;
  readonly namespace?: string;
}

/** Names an object of any kind in the same namespace. */
export interface TypedLocalObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
}

/** Names an object of any kind in any namespace. */
export interface TypedObjectReference {
  readonly apiGroup?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}
