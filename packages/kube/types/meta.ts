// What every object shares: names, owners, selectors, conditions and the error body. Source: apimachinery `apis/meta/v1`.

import type { ConditionStatus, JsonValue, Time } from './scalars.ts';

/** Points from a dependant to the object that owns it. The owner is in the same namespace or cluster-scoped. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** At most one owner is the managing controller. */
  readonly controller?: boolean;
  /** Foreground deletion of the owner waits for this dependant. */
  readonly blockOwnerDeletion?: boolean;
}

/** Which manager wrote which fields. */
export interface ManagedFieldsEntry {
  readonly manager?: string;
  readonly operation?: 'Apply' | 'Update';
  readonly apiVersion?: string;
  readonly time?: Time;
  readonly fieldsType?: string;
  readonly fieldsV1?: JsonValue;
  readonly subresource?: string;
}

/** Name, identity and bookkeeping of an object. `name` is empty only while a create with `generateName` is on its way. */
export interface ObjectMeta {
  readonly name: string;
  /** The server appends five random characters. */
  readonly generateName?: string;
  /** Absent on cluster-scoped objects. */
  readonly namespace?: string;
  /** Set by the server; see `Stored`. */
  readonly uid?: string;
  /** Opaque, compare for equality only. */
  readonly resourceVersion?: string;
  /** Counts changes of the desired state; only some kinds keep it. */
  readonly generation?: number;
  readonly creationTimestamp?: Time;
  /** Set once deletion has begun; never unset. */
  readonly deletionTimestamp?: Time;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly ownerReferences?: readonly OwnerReference[];
  /** The object stays until this list is empty. */
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFieldsEntry[];
  /** Accepted and dropped; no server writes it any more. */
  readonly selfLink?: string;
}

/** Bookkeeping of a list. */
export interface ListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly selfLink?: string;
}

/** One requirement on one label. */
export interface LabelSelectorRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** All requirements must hold. An empty selector selects everything, an absent one nothing. */
export interface LabelSelector {
  readonly matchLabels?: { readonly [key: string]: string };
  readonly matchExpressions?: readonly LabelSelectorRequirement[];
}

/** The condition type newer APIs share. */
export interface Condition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: Time;
  readonly reason: string;
  readonly message: string;
}

/** One cause of a refused request, for example one invalid field. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** What the error is about. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  /** The resource's plural for most errors, the kind for `Invalid`. */
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** Body of an error answer, and of some deletes. */
export interface Status {
  readonly apiVersion: 'v1';
  readonly kind: 'Status';
  readonly metadata: ListMeta;
  readonly status?: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

/** A delete goes ahead only while these match. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

/** Body of a delete request. */
export interface DeleteOptions {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: Preconditions;
  readonly orphanDependents?: boolean;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  readonly dryRun?: readonly string[];
}
