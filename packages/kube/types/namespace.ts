// Namespaces, and what bounds them. Source: `core/v1`.

import type { KubeObject } from './object.ts';
import type { ConditionStatus, ResourceList, Time } from './scalars.ts';

/** Why a namespace is still terminating. */
export interface NamespaceCondition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly lastTransitionTime?: Time;
  readonly reason?: string;
  readonly message?: string;
}

/** Finalizers of the namespace's content. */
export interface NamespaceSpec {
  readonly finalizers?: readonly string[];
}

/** Whether the namespace is on its way out. */
export interface NamespaceStatus {
  readonly phase?: 'Active' | 'Terminating';
  readonly conditions?: readonly NamespaceCondition[];
}

/** A scope for names. */
export interface Namespace extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Namespace';
  readonly spec?: NamespaceSpec;
  readonly status?: NamespaceStatus;
}

/** Which objects a quota counts. */
export interface ScopedResourceSelectorRequirement {
  readonly scopeName: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** Which objects a quota counts. */
export interface ScopeSelector {
  readonly matchExpressions?: readonly ScopedResourceSelectorRequirement[];
}

/** The bounds. */
export interface ResourceQuotaSpec {
  readonly hard?: ResourceList;
  readonly scopes?: readonly string[];
  readonly scopeSelector?: ScopeSelector;
}

/** The use. */
export interface ResourceQuotaStatus {
  readonly hard?: ResourceList;
  readonly used?: ResourceList;
}

/** Bounds what a namespace may hold in sum. */
export interface ResourceQuota extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'ResourceQuota';
  readonly spec?: ResourceQuotaSpec;
  readonly status?: ResourceQuotaStatus;
}

/** Bounds and defaults for one type of object. */
export interface LimitRangeItem {
  readonly type: string;
  readonly max?: ResourceList;
  readonly min?: ResourceList;
  readonly default?: ResourceList;
  readonly defaultRequest?: ResourceList;
  readonly maxLimitRequestRatio?: ResourceList;
}

/** The bounds. */
export interface LimitRangeSpec {
  readonly limits: readonly LimitRangeItem[];
}

/** Bounds what each object of a namespace may ask for. */
export interface LimitRange extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'LimitRange';
  readonly spec?: LimitRangeSpec;
}
