import { type ASTNode, type Context, type Environment, type EvaluationError, type ParseResult, serialize } from '@marcbachmann/cel-js';
import type { KubeObject } from '@slipway/kube';
import { fewOf, titleOf } from '../objects.ts';
import { shown } from '../partial-match.ts';
import { macroOf, sizedBy } from './syntax.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=', 'in']);

/** Says why an expression does not hold: for which element, and what the compared values are. */
export class Explainer {
  readonly #original: string;
  readonly #environment: (values: Iterable<string>) => Environment;
  readonly #programs = new Map<string, ParseResult>();

  /** @param environment the expression's own, with these values declared besides */
  constructor(original: string, environment: (values: Iterable<string>) => Environment) {
    this.#original = original;
    this.#environment = environment;
  }

  /** @param bound elements of the macros around, by their variables */
  explain(node: ASTNode, context: Context, bound: Readonly<Record<string, unknown>> = {}): string {
    const result = this.#value(node, context, bound);
    if (result instanceof Error) {
      // An element may be to blame; then it is named.
      const blamed = macroOf(node) || node.op === '&&' || node.op === '||' ? this.#descend(node, context, bound) : undefined;
      return blamed ?? errorText(result);
    }
    return this.#descend(node, context, bound) ?? `${this.#text(node)} is ${valueText(result)}`;
  }

  #descend(node: ASTNode, context: Context, bound: Readonly<Record<string, unknown>>): string | undefined {
    const macro = macroOf(node);
    if (macro?.name === 'all' && macro.bodies[0]) return this.#element(macro.receiver, macro.variable, macro.bodies[0], context, bound);
    if (macro?.name === 'exists' && macro.bodies[0]) return this.#none(macro.receiver, macro.variable, macro.bodies[0], context, bound);
    if (node.op === '&&') {
      const part = node.args.find((each) => this.#value(each, context, bound) !== true);
      return part && this.explain(part, context, bound);
    }
    if (node.op === '||') return this.#alternatives(node, context, bound);
    if (node.op === '!_') return `${this.#text(node.args)} is true`;
    if (COMPARISONS.has(node.op)) return this.#comparison(node.args as readonly [ASTNode, ASTNode], context, bound);
    return undefined;
  }

  /** Alternatives that only ask whether a field is there are guards: the others are what was meant. */
  #alternatives(node: ASTNode, context: Context, bound: Readonly<Record<string, unknown>>): string {
    const parts = alternativesOf(node);
    const meant = parts.filter(({ op }) => op !== '!_');
    return (meant.length > 0 ? meant : parts).map((each) => this.explain(each, context, bound)).join('; and ');
  }

  /** The first element, by name, for which the body is not true. */
  #element(
    receiver: ASTNode,
    variable: string,
    body: ASTNode,
    context: Context,
    bound: Readonly<Record<string, unknown>>,
  ): string | undefined {
    const elements = this.#elements(receiver, context, bound);
    const bad = elements?.find((element) => this.#value(body, context, { ...bound, [variable]: element }) !== true);
    return bad === undefined ? undefined : `${elementText(bad)}: ${this.explain(body, context, { ...bound, [variable]: bad })}`;
  }

  #none(
    receiver: ASTNode,
    variable: string,
    body: ASTNode,
    context: Context,
    bound: Readonly<Record<string, unknown>>,
  ): string | undefined {
    const elements = this.#elements(receiver, context, bound);
    if (!elements) return undefined;
    if (elements.length === 0) return `${this.#text(receiver)} is empty`;
    const parts = conjunctsOf(body);
    const nearness = (element: unknown): number =>
      parts.filter((part) => this.#value(part, context, { ...bound, [variable]: element }) === true).length;
    // Whatever comes nearest is most likely the one that was meant.
    const nearest = elements
      .map((element) => ({ element, near: nearness(element) }))
      .reduce((best, each) => (each.near > best.near ? each : best)).element;
    const why = `${elementText(nearest)}: ${this.explain(body, context, { ...bound, [variable]: nearest })}`;
    return elements.length === 1 ? why : `none of ${elements.length} in ${this.#text(receiver)}; ${why}`;
  }

  #comparison([left, right]: readonly [ASTNode, ASTNode], context: Context, bound: Readonly<Record<string, unknown>>): string {
    const sides = [left, right]
      .filter((side) => side.op !== 'value')
      .map((side) => {
        const counted = sizedBy(side);
        const elements = counted && this.#elements(counted, context, bound);
        const names = elements && elements.length > 0 ? ` (${fewOf(elements.map(elementText))})` : '';
        return `${this.#text(side)} is ${valueText(this.#value(side, context, bound))}${names}`;
      });
    return sides.join(', ');
  }

  /** By name, so that the message does not depend on the order of the store. */
  #elements(node: ASTNode, context: Context, bound: Readonly<Record<string, unknown>>): readonly unknown[] | undefined {
    const value = this.#value(node, context, bound);
    if (!Array.isArray(value)) return undefined;
    return value
      .map((element: unknown) => ({ element, text: elementText(element) }))
      .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
      .map(({ element }) => element);
  }

  /** The value of a part of the expression, or the error that it ends with. */
  #value(node: ASTNode, context: Context, bound: Readonly<Record<string, unknown>>): unknown {
    const names = Object.keys(bound);
    const text = serialize(node);
    const key = `${names.join(' ')}|${text}`;
    try {
      let program = this.#programs.get(key);
      if (!program) {
        program = this.#environment(names).parse(text);
        this.#programs.set(key, program);
      }
      return program({ ...context, ...bound }) as unknown;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  #text({ start, end }: ASTNode): string {
    return this.#original.slice(start, end).replace(/\s+/g, ' ');
  }
}

function conjunctsOf(node: ASTNode): readonly ASTNode[] {
  return node.op === '&&' ? node.args.flatMap(conjunctsOf) : [node];
}

function alternativesOf(node: ASTNode): readonly ASTNode[] {
  return node.op === '||' ? node.args.flatMap(alternativesOf) : [node];
}

/** One line, with what to do about the commonest mistake. */
export function errorText(error: Error): string {
  const { summary = error.message, code, node } = error as Partial<EvaluationError> & Error;
  const first = summary.split('\n')[0] ?? '';
  const missing = /^No such key: (.*)$/.exec(first)?.[1];
  if (missing?.startsWith('index out of bounds') === true) return missing;
  if (missing !== undefined) return missingText(missing, node);
  return code === undefined ? first : first.replace(/^\w/, (letter) => letter.toLowerCase());
}

/** An optional field that is not set is the commonest reason why an expression ends with an error. */
function missingText(key: string, node: ASTNode | undefined): string {
  if (node?.op !== '.') return `there is no field "${key}"; use has(…) before it is read`;
  const owner = serialize(node.args[0]);
  return `${owner}.${key} is not set; use has(${owner}.${key}) before it is read, or ${owner}.?${key}.orValue(…)`;
}

function elementText(element: unknown): string {
  const { kind, metadata } = (element ?? {}) as Partial<KubeObject>;
  if (typeof kind === 'string' && typeof metadata?.name === 'string') return titleOf(element as KubeObject);
  const { name, type } = (element ?? {}) as { readonly name?: unknown; readonly type?: unknown };
  // Items of lists go by a name or a type: containers, ports, conditions.
  const own = typeof name === 'string' ? name : type;
  return typeof own === 'string' ? own : valueText(element);
}

function valueText(value: unknown): string {
  if (value instanceof Error) return `unknown (${errorText(value)})`;
  return shown(plain(value));
}

/** Whole numbers are bigint in the library; messages want them as they are written. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
