import { type Invariant, invariants } from '../invariants/index.ts';

const idsOf = (...kinds: readonly Invariant['kind'][]): ReadonlySet<string> =>
  new Set(invariants.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id));

/** Rows that say what has to come true: they break for many a reason. */
export const LASTING: ReadonlySet<string> = idsOf('L');
/** Rows that are judged when the calm is over: what breaks them has no event of its own. */
export const AT_THE_END: ReadonlySet<string> = idsOf('L', 'Q');
