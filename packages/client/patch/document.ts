/** A JSON object as the patches see it. */
export type Document = { readonly [field: string]: unknown };

export function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets (or, with `undefined`, removes) some fields; returns the document itself when that changes nothing. */
export function withFields(document: Document, changes: ReadonlyMap<string, unknown>): Document {
  let result: Record<string, unknown> | undefined;
  for (const [field, value] of changes) {
    if (document[field] === value && (value !== undefined || !(field in document))) continue;
    result ??= { ...document };
    if (value === undefined) delete result[field];
    else result[field] = value;
  }
  return result ?? document;
}
