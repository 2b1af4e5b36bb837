import type { ASTNode } from '@marcbachmann/cel-js';
import { childrenOf, macroOf, sameText, sizedBy } from './syntax.ts';

/** An answer that an expression gives whatever is in the cluster, and the part of it that says so. */
export interface Evident {
  readonly value: boolean;
  readonly because: ASTNode;
}

const OPPOSITE: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=', '==': '==', '!=': '!=' };

/** The answer of an expression that does not depend on anything; undefined where it does. */
export function evident(node: ASTNode): Evident | undefined {
  const macro = macroOf(node);
  if (macro) {
    const body = macro.bodies[0] && evident(macro.bodies[0]);
    if (macro.name === 'all' && body?.value === true) return { value: true, because: node };
    if ((macro.name === 'exists' || macro.name === 'exists_one') && body?.value === false) return { value: false, because: node };
    return undefined;
  }
  switch (node.op) {
    case 'value':
      return typeof node.args === 'boolean' ? { value: node.args, because: node } : undefined;
    case '!_': {
      const inner = evident(node.args);
      return inner && { value: !inner.value, because: inner.because };
    }
    case '||':
      return evidentJunction(node, node.args, true);
    case '&&':
      return evidentJunction(node, node.args, false);
    case '?:': {
      const [condition, whenTrue, whenFalse] = node.args;
      const chosen = evident(condition);
      if (chosen) return evident(chosen.value ? whenTrue : whenFalse);
      const [one, other] = [evident(whenTrue), evident(whenFalse)];
      return one && one.value === other?.value ? one : undefined;
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return evidentComparison(node, node.op, node.args);
    default:
      return undefined;
  }
}

/** @param decisive the answer that one side alone is enough for */
function evidentJunction(node: ASTNode, sides: readonly ASTNode[], decisive: boolean): Evident | undefined {
  const parts = flatten(node, node.op);
  const known = parts.map(evident);
  const decided = known.find((each) => each?.value === decisive);
  if (decided) return decided;
  if (known.every((each) => each !== undefined)) return known[0];
  const excludesItself = parts.some((part) => part.op === '!_' && parts.some((other) => sameText(part.args, other)));
  return excludesItself && sides.length > 0 ? { value: decisive, because: node } : undefined;
}

function flatten(node: ASTNode, op: string): readonly ASTNode[] {
  return node.op === op ? childrenOf(node).flatMap((child) => flatten(child, op)) : [node];
}

function evidentComparison(because: ASTNode, op: string, [left, right]: readonly [ASTNode, ASTNode]): Evident | undefined {
  if (left.op === 'value' && right.op === 'value') return evidentNumbers(because, op, left.args, right.args);
  if (sameText(left, right)) return { value: ['==', '<=', '>='].includes(op), because };
  const size = sizedBy(left) ? right : sizedBy(right) ? left : undefined;
  const limit = size && numberOf(size);
  return limit === undefined ? undefined : evidentSize(because, sizedBy(left) ? op : (OPPOSITE[op] ?? op), limit);
}

/** A number that is written out, with its sign. */
function numberOf(node: ASTNode): number | undefined {
  if (node.op === '-_') {
    const positive = numberOf(node.args);
    return positive === undefined ? undefined : -positive;
  }
  return node.op === 'value' && (typeof node.args === 'bigint' || typeof node.args === 'number') ? Number(node.args) : undefined;
}

function evidentNumbers(because: ASTNode, op: string, left: unknown, right: unknown): Evident | undefined {
  if (op === '==' || op === '!=') return { value: (left === right) === (op === '=='), because };
  if (typeof left !== typeof right || (typeof left !== 'bigint' && typeof left !== 'number')) return undefined;
  const [a, b] = [Number(left), Number(right)];
  const value = op === '<' ? a < b : op === '<=' ? a <= b : op === '>' ? a > b : a >= b;
  return { value, because };
}

/** `size() op limit`: a size is a whole number from nought. */
function evidentSize(because: ASTNode, op: string, limit: number): Evident | undefined {
  const always = (op === '>=' && limit <= 0) || (op === '>' && limit < 0) || (op === '!=' && limit < 0);
  const never = (op === '<' && limit <= 0) || (op === '<=' && limit < 0) || (op === '==' && limit < 0);
  return always || never ? { value: always, because } : undefined;
}
