import { suggestion } from '@slipway/kube/schema';
import type { Invariant } from '../invariant.ts';
import { invariants } from '../rows.ts';

/** What is wrong, and what to write instead. */
export interface Mistake {
  readonly message: string;
  readonly fix: string;
}

const FORM = /^[A-Za-z][A-Za-z0-9._-]*$/;
const HOW = "write: export default defineInvariant({ id: 'SHOP-01', holds: '…', each: { … } }), or watch() instead of each";

/** What keeps an id from being one's own; undefined when nothing does. @param taken ids of one's other invariants */
export function mistakeInId(id: string, taken: Iterable<string>): Mistake | undefined {
  if (!FORM.test(id))
    return { message: `"${id}" is no id for an invariant`, fix: 'write letters, digits and dashes, a letter first: SHOP-01' };
  const builtIn = invariants.find((row) => row.id.toUpperCase() === id.toUpperCase());
  if (builtIn)
    return { message: `${builtIn.id} is ${builtIn.name}, which Slipway checks`, fix: 'choose an id of your own, such as SHOP-01' };
  if ([...taken].includes(id)) return { message: `two invariants are called "${id}"`, fix: 'give each an id of its own' };
  return undefined;
}

/**
 * What a module exports, as invariants: one, or a list of them.
 *
 * @returns a mistake for anything that has not their shape
 */
export function invariantsOf(exported: unknown): readonly Invariant[] | Mistake {
  if (exported === undefined) return { message: 'has no default export', fix: HOW };
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  for (const [index, each] of list.entries()) {
    const mistake = mistakeInShape(each);
    if (mistake)
      return list.length === 1 ? mistake : { ...mistake, message: `invariant ${index + 1} of ${list.length} ${mistake.message}` };
  }
  return list as readonly Invariant[];
}

function mistakeInShape(value: unknown): Mistake | undefined {
  if (typeof value !== 'object' || value === null)
    return { message: `exports ${value === null ? 'null' : `a ${typeof value}`}, no invariant`, fix: HOW };
  const { id, holds, watch } = value as { readonly [key: string]: unknown };
  if (typeof id !== 'string') return { message: 'has no id', fix: HOW };
  if (typeof holds !== 'string' || holds === '')
    return { message: `${id} does not say what holds`, fix: "add holds: 'what always holds, for people'" };
  if (typeof watch === 'function') return undefined;
  const near = suggestion('watch', Object.keys(value));
  if ('each' in value) return { message: `${id} is not finished`, fix: 'wrap it: defineInvariant({ … })' };
  return { message: `${id} has no watch`, fix: near === undefined ? HOW : `did you mean watch instead of ${near}?` };
}
