/** An expression as the library reads it: variables of the scenario are identifiers of the same length, so that places stay. */
export interface CelSource {
  /** As the user wrote it. */
  readonly original: string;
  readonly text: string;
  /** Names of the variables. */
  readonly variables: readonly string[];
  /** Literals with a variable in the middle of other text. */
  readonly mixed: readonly { readonly literal: string; readonly variable: string }[];
}

const TOKEN =
  /[rRbB]{0,2}("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|\/\/[^\n]*|\$\{([a-z]\w*)\}|\$([a-z]\w*)/g;

/** The identifier that stands for a variable. */
export function identifierOf(variable: string): string {
  return `_${variable}`;
}

/** Puts identifiers where `$name` stands, also as the whole of a text: `$lost`, `${lost}`, `"$lost"`. */
export function celSource(original: string): CelSource {
  const variables = new Set<string>();
  const mixed: { literal: string; variable: string }[] = [];
  const put = (match: string, variable: string): string => {
    variables.add(variable);
    return identifierOf(variable).padEnd(match.length);
  };
  const text = original.replace(TOKEN, (match, literal: string | undefined, braced: string | undefined, bare: string | undefined) => {
    if (literal === undefined) {
      const name = braced ?? bare;
      return name === undefined ? match : put(match, name);
    }
    const whole = /^(["'])\$\{?([a-z]\w*)\}?\1$/.exec(match)?.[2];
    if (whole !== undefined) return put(match, whole);
    const part = /(?<!\$)\$\{?([a-z]\w*)\}?/.exec(literal)?.[1];
    if (part !== undefined) mixed.push({ literal: match, variable: part });
    return match;
  });
  return { original, text, variables: [...variables], mixed };
}
