import { type ASTNode, serialize } from '@marcbachmann/cel-js';

/** Macros whose first argument names each element. */
const MACROS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** A call of a macro over a list: `receiver.all(variable, body)`. */
export interface MacroCall {
  readonly name: string;
  readonly receiver: ASTNode;
  readonly variable: string;
  readonly bodies: readonly ASTNode[];
}

export function macroOf(node: ASTNode): MacroCall | undefined {
  if (node.op !== 'rcall') return undefined;
  const [name, receiver, [first, ...bodies]] = node.args;
  if (!MACROS.has(name) || first?.op !== 'id' || bodies.length === 0) return undefined;
  return { name, receiver, variable: first.args, bodies };
}

/** An identifier that no macro binds, and where it stands. */
export interface FreeName {
  readonly name: string;
  readonly node: ASTNode;
}

export function freeNames(node: ASTNode, bound: ReadonlySet<string> = new Set()): readonly FreeName[] {
  if (node.op === 'id') return bound.has(node.args) ? [] : [{ name: node.args, node }];
  const macro = macroOf(node);
  if (macro) {
    const inside = new Set([...bound, macro.variable]);
    return [...freeNames(macro.receiver, bound), ...macro.bodies.flatMap((body) => freeNames(body, inside))];
  }
  if (node.op === 'rcall' && node.args[0] === 'bind' && node.args[1].op === 'id' && node.args[1].args === 'cel') {
    const [name, value, body] = node.args[2];
    if (name?.op === 'id' && value && body) return [...freeNames(value, bound), ...freeNames(body, new Set([...bound, name.args]))];
  }
  return childrenOf(node).flatMap((child) => freeNames(child, bound));
}

/** Expressions right below one. */
export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case 'map':
      return node.args.flat();
    case '!_':
    case '-_':
      return [node.args];
    default:
      return node.args;
  }
}

/** Whether two expressions are written alike. */
export function sameText(a: ASTNode, b: ASTNode): boolean {
  return serialize(a) === serialize(b);
}

/** What a node counts, for `size(x)` and `x.size()`. */
export function sizedBy(node: ASTNode): ASTNode | undefined {
  if (node.op === 'call' && node.args[0] === 'size') return node.args[1][0];
  return node.op === 'rcall' && node.args[0] === 'size' && node.args[2].length === 0 ? node.args[1] : undefined;
}
