// Kinds that users add, and runtime classes. Source: `apiextensions.k8s.io/v1`, `node.k8s.io/v1`.

import type { Toleration } from './affinity.ts';
import type { KubeObject } from './object.ts';
import type { ConditionStatus, JsonValue, ResourceList, Time } from './scalars.ts';

/** Names of the new kind. */
export interface CustomResourceDefinitionNames {
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind: string;
  readonly listKind?: string;
  readonly categories?: readonly string[];
}

/** Where the scale subresource reads and writes. */
export interface CustomResourceSubresourceScale {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** Subresources of the new kind. */
export interface CustomResourceSubresources {
  readonly status?: JsonValue;
  readonly scale?: CustomResourceSubresourceScale;
}

/** A column of `kubectl get`. */
export interface CustomResourceColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

/** Schema of the new kind. */
export interface CustomResourceValidation {
  readonly openAPIV3Schema?: JsonValue;
}

/** A field usable in field selectors. */
export interface SelectableField {
  readonly jsonPath: string;
}

/** One version of the new kind. */
export interface CustomResourceDefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: CustomResourceValidation;
  readonly subresources?: CustomResourceSubresources;
  readonly additionalPrinterColumns?: readonly CustomResourceColumnDefinition[];
  readonly selectableFields?: readonly SelectableField[];
}

/** The new kind. */
export interface CustomResourceDefinitionSpec {
  readonly group: string;
  readonly names: CustomResourceDefinitionNames;
  readonly scope: 'Cluster' | 'Namespaced';
  readonly versions: readonly CustomResourceDefinitionVersion[];
  readonly conversion?: JsonValue;
  readonly preserveUnknownFields?: boolean;
}

/** A fact about the definition, such as `Established`. */
export interface CustomResourceDefinitionCondition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly lastTransitionTime?: Time;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** Whether the kind is served. */
export interface CustomResourceDefinitionStatus {
  readonly conditions?: readonly CustomResourceDefinitionCondition[];
  readonly acceptedNames?: CustomResourceDefinitionNames;
  readonly storedVersions?: readonly string[];
  readonly observedGeneration?: number;
}

/** Adds a kind to the API. */
export interface CustomResourceDefinition extends KubeObject {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly spec: CustomResourceDefinitionSpec;
  readonly status?: CustomResourceDefinitionStatus;
}

/** What the sandbox itself needs. */
export interface RuntimeClassOverhead {
  readonly podFixed?: ResourceList;
}

/** Where the runtime is. */
export interface RuntimeClassScheduling {
  readonly nodeSelector?: { readonly [key: string]: string };
  readonly tolerations?: readonly Toleration[];
}

/** A named way to run pods. */
export interface RuntimeClass extends KubeObject {
  readonly apiVersion: 'node.k8s.io/v1';
  readonly kind: 'RuntimeClass';
  readonly handler: string;
  readonly overhead?: RuntimeClassOverhead;
  readonly scheduling?: RuntimeClassScheduling;
}
