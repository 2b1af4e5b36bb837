/** What steps kept with `as`: the name of a node, or several. */
export type Value = string | readonly string[];

/** A name after `$` that no step has kept yet. */
export class UnknownVariable extends Error {
  override readonly name = 'UnknownVariable';
}

const REFERENCE = /\$\$|\$\{?([a-z][A-Za-z0-9_]*)\}?/g;

/** Variables of one run. `$name` and `${name}` stand for the value, `$$` for a dollar. */
export class Variables {
  readonly #values = new Map<string, Value>();

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }

  /** @throws UnknownVariable */
  get(name: string): Value {
    const value = this.#values.get(name);
    if (value === undefined) {
      const known = [...this.#values.keys()];
      throw new UnknownVariable(
        `nothing is called $${name} yet${known.length === 0 ? '' : `; there is ${known.map((each) => `$${each}`).join(', ')}`}`,
      );
    }
    return value;
  }

  /** The text with variables put in; of several values the first. @throws UnknownVariable */
  text(text: string): string {
    return text.replace(REFERENCE, (match, name: string | undefined) => {
      if (name === undefined) return '$';
      const value = this.get(name);
      return typeof value === 'string' ? value : (value[0] ?? match);
    });
  }

  /** All values, where the whole text is one variable; else the text with variables put in. @throws UnknownVariable */
  texts(text: string): readonly string[] {
    const name = /^\$\{?([a-z][A-Za-z0-9_]*)\}?$/.exec(text)?.[1];
    const value = name === undefined ? this.text(text) : this.get(name);
    return typeof value === 'string' ? [value] : value;
  }

  /** A copy of plain data with variables put into every text; the data itself where there are none. @throws UnknownVariable */
  data<T>(data: T): T {
    if (typeof data === 'string') return (data.includes('$') ? this.text(data) : data) as T;
    if (Array.isArray(data)) return data.map((item) => this.data<unknown>(item)) as T;
    if (typeof data !== 'object' || data === null) return data;
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, this.data<unknown>(value)])) as T;
  }
}

/** Names of the variables that plain data refers to. */
export function variablesIn(data: unknown): readonly string[] {
  if (typeof data === 'string') return [...data.matchAll(REFERENCE)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  if (Array.isArray(data)) return data.flatMap(variablesIn);
  return typeof data === 'object' && data !== null ? Object.values(data).flatMap(variablesIn) : [];
}
