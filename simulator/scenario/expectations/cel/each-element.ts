import { type ASTNode, type Environment, serialize } from '@marcbachmann/cel-js';
import { freeNames, macroOf } from './syntax.ts';

/** An expression that asks the same of each element of one list, and of nothing else. */
export interface EachElement {
  /** Name of the list. */
  readonly list: string;
  /** Whether it is true of an element. Elements that it was true of are remembered: a stored object never changes, it is replaced. */
  holds(element: object): boolean;
}

/**
 * Takes `pods.all(p, …)` apart where the body is about `p` alone, so that after a write only what was written is judged anew. Undefined
 * for any other form.
 */
export function eachElement(root: ASTNode, environment: (values: Iterable<string>) => Environment): EachElement | undefined {
  const macro = macroOf(root);
  const [body] = macro?.bodies ?? [];
  if (macro?.name !== 'all' || macro.receiver.op !== 'id' || !body) return undefined;
  const { variable } = macro;
  if (freeNames(body).some(({ name }) => name !== variable)) return undefined;
  const program = environment([variable]).parse(serialize(body));
  const good = new WeakSet<object>();
  return {
    list: macro.receiver.args,
    holds(element) {
      if (good.has(element)) return true;
      try {
        if (program({ [variable]: element }) !== true) return false;
      } catch {
        return false;
      }
      good.add(element);
      return true;
    },
  };
}
