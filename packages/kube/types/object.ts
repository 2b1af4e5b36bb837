// The shape of any object, built in or custom.

import type { JsonValue, Time } from './scalars.ts';
import type { ListMeta, ObjectMeta } from './meta.ts';

/** Says which kind an object is. */
export interface TypeMeta {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What every stored object has. */
export interface KubeObject extends TypeMeta {
  readonly metadata: ObjectMeta;
}

/** An object as the server answers it: the fields that the server sets are there. */
export type Stored<T extends KubeObject> = T & {
  readonly metadata: { readonly uid: string; readonly resourceVersion: string; readonly creationTimestamp: Time };
};

/** An object of a kind without a type of its own here, such as a custom resource. */
export interface GenericObject extends KubeObject {
  readonly [field: string]: unknown;
  readonly spec?: JsonValue;
  readonly status?: JsonValue;
}

/** A list as the server answers it. */
export interface ObjectList<T extends KubeObject = KubeObject> extends TypeMeta {
  readonly metadata: ListMeta;
  readonly items: readonly T[];
}

/** Metadata of a template: of pods, jobs or claims to be made. Usually labels and annotations only. */
export type TemplateMeta = Partial<ObjectMeta>;
