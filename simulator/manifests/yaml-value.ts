import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap } from 'yaml';
import type { Place, Problem } from './input-error.ts';
import { isTemplateLike, MAX_DEPTH, TOO_DEEP } from './yaml-syntax.ts';

/** What aliases may add to a document, in nodes; a bomb adds billions. */
const MAX_REPEATED = 1_000_000;

interface Anchored {
  readonly value: unknown;
  /** Nodes in it, those of its aliases repeated. */
  readonly size: number;
}

/** Thrown to leave a document whose rest would only repeat the mistake. */
class Enough extends Error {}

/**
 * One pass over a document: its plain value, and everything that is YAML but no Kubernetes object could hold: keys that stand twice or are no
 * text, aliases that go nowhere, in circles or repeat without measure, numbers that are none, nesting without end.
 */
export class PlainValue {
  /** What each alias stands for. */
  readonly targets = new Map<Alias, Node>();
  readonly problems: Problem[] = [];
  readonly #place: (offset: number) => Place;
  readonly #anchors = new Map<string, { readonly node: Node; done: Anchored | undefined }>();
  readonly #path: (string | number)[] = [];
  #repeated = 0;
  #size = 0;

  constructor(place: (offset: number) => Place) {
    this.#place = place;
  }

  /** The value; undefined when there are problems. */
  of(document: Document | Document.Parsed): unknown {
    try {
      const value = this.#node(document.contents);
      return this.problems.length === 0 ? value : undefined;
    } catch (error) {
      if (error instanceof Enough) return undefined;
      throw error;
    }
  }

  #problem(node: unknown, message: string, fix: string): void {
    const offset = (node as { range?: readonly number[] } | null)?.range?.[0] ?? 0;
    const where = this.#path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
    this.problems.push({ place: this.#place(offset), message: where === '' ? message : `${where}: ${message}`, fix });
  }

  #node(node: unknown): unknown {
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#alias(node);
    this.#size += 1;
    const { anchor } = node as { anchor?: string };
    if (anchor === undefined) return this.#content(node as Node);
    const entry: { readonly node: Node; done: Anchored | undefined } = { node: node as Node, done: undefined };
    this.#anchors.set(anchor, entry);
    const before = this.#size + this.#repeated;
    const value = this.#content(node as Node);
    entry.done = { value, size: this.#size + this.#repeated - before + 1 };
    return value;
  }

  #content(node: Node): unknown {
    if (isScalar(node)) return this.#scalar(node);
    if (this.#path.length >= MAX_DEPTH) {
      this.#path.length = 0;
      this.#problem(node, TOO_DEEP.message, TOO_DEEP.fix);
      throw new Enough();
    }
    if (isMap(node)) return this.#map(node);
    if (!isSeq(node)) return null;
    return node.items.map((item, index) => this.#at(index, item));
  }

  #at(step: string | number, node: unknown): unknown {
    this.#path.push(step);
    const value = this.#node(node);
    this.#path.pop();
    return value;
  }

  #map(node: YAMLMap): Record<string, unknown> {
    const fields: Record<string, unknown> = {};
    const merged: Pair[] = [];
    for (const pair of node.items) {
      if (isMergeKey(pair)) {
        merged.push(pair);
        continue;
      }
      const key = this.#key(pair.key);
      if (key === undefined) continue;
      if (Object.hasOwn(fields, key)) this.#problem(pair.key, `the key "${key}" stands twice in one map`, 'remove one of the two');
      fields[key] = this.#at(key, pair.value);
    }
    for (const pair of merged) this.#merge(fields, pair);
    return fields;
  }

  #key(node: unknown): string | undefined {
    if (isAlias(node)) {
      const value = this.#alias(node);
      return typeof value === 'object' ? undefined : String(value);
    }
    if (!isScalar(node) && node !== null) {
      if (isTemplateLike(node)) this.#problem(node, 'this is a template, not YAML', 'render it first, for example with "helm template"');
      else this.#problem(node, 'a key must be a text', 'quote it');
      return undefined;
    }
    const key =
      node === null || node.value === null ? '' : typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
    if (key !== '__proto__') return key;
    this.#problem(node, 'the key "__proto__" is not allowed', 'remove it');
    return undefined;
  }

  /** `<<`: fields of the named maps, those that stand here and earlier ones first. */
  #merge(fields: Record<string, unknown>, { key, value }: Pair): void {
    const sources = isSeq(value) ? value.items.map((item) => this.#node(item)) : [this.#node(value)];
    for (const source of sources) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        this.#problem(key, '"<<" takes a map or an alias of one', 'write for example "<<: *defaults", or quote the key');
        return;
      }
      for (const [name, field] of Object.entries(source)) if (!Object.hasOwn(fields, name)) fields[name] = field;
    }
  }

  #alias(node: Alias): unknown {
    const entry = this.#anchors.get(node.source);
    if (!entry) {
      this.#problem(node, `the alias *${node.source} names no anchor`, `write "&${node.source}" before the value that it is to repeat`);
      return null;
    }
    if (!entry.done) {
      this.#problem(node, `the alias *${node.source} stands inside of what it names, which would never end`, 'write the value out');
      return null;
    }
    this.targets.set(node, entry.node);
    this.#repeated += entry.done.size;
    if (this.#repeated > MAX_REPEATED) {
      this.#path.length = 0;
      this.#problem(
        node,
        'aliases repeat what they name so often that it would not fit into memory',
        'write the values out, or use fewer aliases',
      );
      throw new Enough();
    }
    return entry.done.value;
  }

  #scalar(node: Scalar): unknown {
    const { value, source = '', type } = node;
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    if (typeof value !== 'number') return source;
    // YAML 1.1 and Kubernetes read `defaultMode: 0644` as octal.
    if (type === Scalar.PLAIN && /^[-+]?0[0-7]+$/.test(source)) return Number.parseInt(source, 8);
    if (!Number.isFinite(value))
      this.#problem(node, `${source} is no number that Kubernetes knows`, 'write a finite number, or quote it if it is text');
    else if (Number.isInteger(value) && !Number.isSafeInteger(value) && /^[-+]?\d+$/.test(source))
      this.#problem(node, `the number ${source} is too large`, `write at most ${Number.MAX_SAFE_INTEGER}, or quote it if it is text`);
    return value;
  }
}

/** The parser gives a merge key a symbol for its value, and a quoted "<<" the text. */
function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.source === '<<' && key.type === Scalar.PLAIN;
}
