// Configuration and identity of pods. Source: `core/v1`.

import type { KubeObject } from './object.ts';
import type { LocalObjectReference, ObjectReference } from './reference.ts';

/** Settings as text, and bytes in base64. */
export interface ConfigMap extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly data?: { readonly [key: string]: string };
  readonly binaryData?: { readonly [key: string]: string };
  readonly immutable?: boolean;
}

/** Like a ConfigMap, with all values in base64. `stringData` is merged into `data` on write. */
export interface Secret extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'Secret';
  readonly data?: { readonly [key: string]: string };
  readonly stringData?: { readonly [key: string]: string };
  readonly type?: string;
  readonly immutable?: boolean;
}

/** Who a pod is towards the API. */
export interface ServiceAccount extends KubeObject {
  readonly apiVersion: 'v1';
  readonly kind: 'ServiceAccount';
  readonly secrets?: readonly ObjectReference[];
  readonly imagePullSecrets?: readonly LocalObjectReference[];
  readonly automountServiceAccountToken?: boolean;
}
