import { CloudError } from '../../errors.ts';

/** Orders by their token, so that the same order again makes nothing new. Forgets a token when what it made is gone; EC2 takes half a day. */
export class Orders {
  readonly #made = new Map<string, { readonly order: string; readonly id: string }>();
  readonly #tokens = new Map<string, string>();

  /** What this order has made already. @throws CloudError IdempotentParameterMismatch: the token came with another order */
  find(token: string, order: object): string | undefined {
    const made = this.#made.get(token);
    if (!made) return undefined;
    if (made.order !== canonical(order))
      throw new CloudError(
        'IdempotentParameterMismatch',
        'The client token you have provided is associated with a resource that has already been created with different parameters',
      );
    return made.id;
  }

  note(token: string, order: object, id: string): void {
    this.#made.set(token, { order: canonical(order), id });
    this.#tokens.set(id, token);
  }

  forget(id: string): void {
    const token = this.#tokens.get(id);
    this.#tokens.delete(id);
    if (token !== undefined) this.#made.delete(token);
  }
}

/** JSON with sorted keys: equal orders are equal texts, whatever order they were written in. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
