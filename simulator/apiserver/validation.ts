import {
  type FieldError,
  invalid,
  type Kind,
  type KubeObject,
  type Stored,
  validateCreate,
  validateStatusUpdate,
  validateUpdate,
} from '@slipway/kube';

/** Checks writes; a pod's spec that has been found valid is known by reference, so that the pods of one template pay once. */
export class Validation {
  readonly #validSpecs = new WeakSet<object>();

  /**
   * @param bySchema what a custom kind's schema finds wrong
   * @throws ApiError Invalid with every wrong field.
   */
  create(object: KubeObject, kind: Kind, bySchema: readonly FieldError[] = []): void {
    const spec = kind.plural === 'pods' ? specOf(object) : undefined;
    if (spec !== undefined && this.#validSpecs.has(spec)) {
      refuse(metadataErrors(object, kind), object, kind);
      return;
    }
    refuse([...validateCreate(object, kind), ...bySchema], object, kind);
    if (spec !== undefined) this.#validSpecs.add(spec);
  }

  /**
   * @param bySchema what a custom kind's schema finds wrong
   * @throws ApiError Invalid.
   */
  update(object: KubeObject, old: Stored<KubeObject>, kind: Kind, part: 'main' | 'status', bySchema: readonly FieldError[] = []): void {
    if (part === 'main') refuse([...validateUpdate(object, old, kind), ...bySchema], object, kind);
    // Of a status only the metadata matters; when that is the stored one, nothing does.
    else if (object.metadata !== old.metadata)
      refuse([...validateStatusUpdate(object, old), ...metadataErrors(object, kind), ...bySchema], object, kind);
    else refuse(bySchema, object, kind);
  }
}

/** An object of no known kind has only its metadata checked. */
function metadataErrors({ metadata }: KubeObject, kind: Kind): readonly FieldError[] {
  return validateCreate({ apiVersion: '', kind: '', metadata }, kind);
}

function refuse(errors: readonly FieldError[], object: KubeObject, kind: Kind): void {
  if (errors.length > 0) throw invalid(kind, object.metadata.name, errors);
}

export function specOf(object: KubeObject): object | undefined {
  return (object as { readonly spec?: object }).spec;
}
