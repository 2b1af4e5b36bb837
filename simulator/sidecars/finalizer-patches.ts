// Finalizers added and taken away without touching what others write at the same time. Source: external-attacher `pkg/controller/util.go`.

interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'test';
  readonly path: string;
  readonly value?: unknown;
}

const PATH = '/metadata/finalizers';

/** @param held what the object has, as far as is known */
export function addFinalizer(held: readonly string[] | undefined, finalizer: string): readonly JsonPatchOperation[] {
  return held?.length ? [{ op: 'add', path: `${PATH}/-`, value: finalizer }] : [{ op: 'add', path: PATH, value: [finalizer] }];
}

/** Refused by the server when the list has changed meanwhile. */
export function removeFinalizer(held: readonly string[], finalizer: string): readonly JsonPatchOperation[] {
  const path = `${PATH}/${held.indexOf(finalizer)}`;
  return [
    { op: 'test', path, value: finalizer },
    { op: 'remove', path },
  ];
}
