import type { ASTNode } from '@marcbachmann/cel-js';
import { type Kind, kindOf } from '@slipway/kube';
import { decode } from '@slipway/kube/schema';
import { childrenOf, macroOf } from './syntax.ts';

/** A place within objects of a kind: `spec`, `containers`, and 0 for any item of a list. */
interface Path {
  readonly kind: Kind;
  readonly steps: readonly (string | number)[];
}

/** A field that a kind does not have, or a value that a field never has. */
export interface FieldMistake {
  readonly message: string;
  readonly fix: string;
}

/**
 * Finds fields in an expression that no object of the kind has, and texts that a field is compared with and never holds. An unknown field
 * is easily overlooked: `has(p.status.phse)` is simply false. Only what follows from a list of built-in objects is looked at.
 *
 * @param lists kinds by the names of the lists
 */
export function fieldMistakes(root: ASTNode, lists: ReadonlyMap<string, Kind>): readonly FieldMistake[] {
  const found = new Map<string, FieldMistake>();
  const note = (path: Path, value: unknown): void => {
    for (const mistake of mistakesAt(path, value)) found.set(mistake.message, mistake);
  };
  walk(root, new Map(), lists, note);
  return [...found.values()];
}

type Note = (path: Path, value: unknown) => void;
type Bound = ReadonlyMap<string, Path | undefined>;

function walk(node: ASTNode, bound: Bound, lists: ReadonlyMap<string, Kind>, note: Note): void {
  const macro = macroOf(node);
  if (macro) {
    walk(macro.receiver, bound, lists, note);
    const element = elementOf(macro.receiver, bound, lists);
    const inside = new Map([...bound, [macro.variable, element] as const]);
    for (const body of macro.bodies) walk(body, inside, lists, note);
    return;
  }
  if (node.op === '.' || node.op === '.?') {
    const path = pathOf(node, bound, lists);
    if (path) note(path, null);
  }
  if (node.op === '==' || node.op === '!=') {
    const [left, right] = node.args;
    if (right.op === 'value') noteValue(left, right.args, bound, lists, note);
    if (left.op === 'value') noteValue(right, left.args, bound, lists, note);
  }
  for (const child of childrenOf(node)) walk(child, bound, lists, note);
}

function noteValue(node: ASTNode, value: unknown, bound: Bound, lists: ReadonlyMap<string, Kind>, note: Note): void {
  const path = typeof value === 'string' ? pathOf(node, bound, lists) : undefined;
  if (path) note(path, value);
}

/** Where the elements of a list come from: the list itself, or one that was filtered. */
function elementOf(list: ASTNode, bound: Bound, lists: ReadonlyMap<string, Kind>): Path | undefined {
  const macro = macroOf(list);
  if (macro) return macro.name === 'filter' ? elementOf(macro.receiver, bound, lists) : undefined;
  if (list.op === 'id' && !bound.has(list.args)) {
    const kind = lists.get(list.args);
    return kind && kindOf(kind.apiVersion, kind.kind) ? { kind, steps: [] } : undefined;
  }
  const path = pathOf(list, bound, lists);
  return path && { ...path, steps: [...path.steps, 0] };
}

/** The place that a chain of fields leads to; undefined where something else is in between. */
function pathOf(node: ASTNode, bound: Bound, lists: ReadonlyMap<string, Kind>): Path | undefined {
  if (node.op === 'id') return bound.get(node.args);
  if (node.op === '.' || node.op === '.?') {
    const path = pathOf(node.args[0], bound, lists);
    return path && { ...path, steps: [...path.steps, node.args[1]] };
  }
  // Any other index is the key of a map, or not known.
  if (node.op === '[]' && node.args[1].op === 'value' && typeof node.args[1].args === 'bigint')
    return elementOf(node.args[0], bound, lists);
  return undefined;
}

/** Asks the schema of the kind about an object with nothing but this field. */
function mistakesAt({ kind, steps }: Path, value: unknown): readonly FieldMistake[] {
  const object = steps.reduceRight<unknown>((inner, step) => (typeof step === 'number' ? [inner] : { [step]: inner }), value);
  const decoded = decode({ ...(object as object), apiVersion: kind.apiVersion, kind: kind.kind });
  if (!('issues' in decoded)) return [];
  return decoded.issues.flatMap(({ path, message, suggestion }) => {
    // A map is asked for the item of a list, or the other way round: the run will tell.
    if (path.length < steps.length && !message.startsWith('unknown field')) return [];
    if (!path.every((step, index) => step === steps[index]) || !/^(unknown field|unsupported value)/.test(message)) return [];
    const isUnknown = message.startsWith('unknown field');
    const where = path.slice(0, isUnknown ? -1 : undefined).filter((step) => typeof step === 'string');
    const known = isUnknown ? 'the fields are those that kubectl explain lists' : 'write one of these';
    const fix = suggestion === undefined ? known : `did you mean "${suggestion}"?`;
    return [{ message: `${[kind.kind, where.join('.')].filter((part) => part !== '').join(' ')}: ${message}`, fix }];
  });
}
