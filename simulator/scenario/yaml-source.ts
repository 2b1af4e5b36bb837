import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  LineCounter,
  parseAllDocuments,
  visit,
  type YAMLError,
} from 'yaml';
import { InputError, type Place, type Problem } from './input-error.ts';

/** A text to load, under the name that messages use. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** One YAML document as a plain value, and where each part of it stands. */
export interface SourceDocument {
  readonly value: unknown;
  /** Where the value at the path begins; a path that leads further than the text does gives the last part that exists. */
  placeOf(path: readonly (string | number)[]): Place;
}

/** An alias may repeat what it names so often, all in all; a bomb repeats it millions of times. */
const MAX_ALIASES = 1_000;
/** Nothing in Kubernetes nests deeper than a fraction of this. */
const MAX_DEPTH = 200;
const UNSAFE_KEYS: ReadonlySet<string> = new Set(['__proto__']);

/**
 * Reads all documents of a text, those without content left out. YAML 1.2, so `no` and `on` are text; merge keys work; JSON is YAML.
 *
 * @throws InputError with a place for each mistake.
 */
export function readYaml({ file, text }: SourceText): SourceDocument[] {
  const binary = binaryAt(text);
  if (binary !== undefined) {
    throw new InputError([
      { place: { file, line: 0, column: 0 }, message: 'is not a text file', fix: `byte ${binary} is no text; give YAML or JSON in UTF-8` },
    ]);
  }
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  let documents: Document[];
  try {
    documents = [
      ...parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false, intAsBigInt: /\d{16}/.test(text) }),
    ] as Document[];
  } catch (error) {
    throw new InputError([{ place: { file, line: 1, column: 1 }, message: tooDeep(error), fix: 'flatten it' }]);
  }
  const found: SourceDocument[] = [];
  const problems: Problem[] = [];
  for (const document of documents) {
    const mistakes = [...document.errors.map((error) => syntaxProblem(error, place)), ...shapeProblems(document, place)];
    if (mistakes.length > 0) {
      // What follows the first syntax error is mostly its echo.
      problems.push(mistakes[0] as Problem);
      continue;
    }
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) continue;
    const value = plainValue(document, place, problems);
    if (value !== undefined) found.push({ value, placeOf: (path) => place(offsetOf(document, path)) });
  }
  if (problems.length > 0) throw new InputError(problems);
  return found;
}

/** Offset of the first character that no text has, or undefined. */
function binaryAt(text: string): number | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  const at = text.search(/[\u0000-\u0008\u000e-\u001f\ufffd]/);
  return at < 0 ? undefined : at;
}

function tooDeep(error: unknown): string {
  return error instanceof RangeError ? 'is nested too deeply' : `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}

/** Own words for the syntax errors that people meet most. */
const SYNTAX: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'indent with spaces'],
  DUPLICATE_KEY: ['this key stands twice in one map', 'remove one of the two'],
  BAD_INDENT: ['the indentation does not fit', 'indent items of one list or map by the same number of spaces'],
  BLOCK_AS_IMPLICIT_KEY: ['a map begins where a value is expected', 'put it on its own line, indented, or quote the text if it is one'],
  MULTILINE_IMPLICIT_KEY: ['a key goes over several lines', 'a colon or an indentation is missing'],
  MISSING_CHAR: ['something is missing here', 'close the quote, bracket or brace, or add the colon'],
  BAD_ALIAS: ['this alias is not valid', 'name an anchor that stands before it'],
  UNRESOLVED_ALIAS: ['this alias names no anchor', 'name an anchor that stands before it'],
  UNEXPECTED_TOKEN: ['this is not expected here', 'check indentation, quotes and brackets before it'],
};

function syntaxProblem(error: YAMLError, place: (offset: number) => Place): Problem {
  const [message, fix] = SYNTAX[error.code] ?? ['is no valid YAML', 'check indentation, quotes and brackets'];
  const detail = error.message.split('\n')[0]?.trim() ?? '';
  return { place: place(error.pos[0]), message: `malformed YAML: ${message} (${detail.replace(/[.:]$/, '')})`, fix };
}

function shapeProblems(document: Document, place: (offset: number) => Place): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Node(_key, node, path) {
      if (path.length > MAX_DEPTH * 2) {
        problems.push({ place: place(node.range?.[0] ?? 0), message: 'is nested too deeply', fix: `nest at most ${MAX_DEPTH} levels` });
        return visit.BREAK;
      }
      return undefined;
    },
    Pair(_key, pair) {
      if (isScalar(pair.key) && UNSAFE_KEYS.has(String(pair.key.value))) {
        problems.push({
          place: place(pair.key.range?.[0] ?? 0),
          message: `the key "${String(pair.key.value)}" is not allowed`,
          fix: 'remove it',
        });
      }
      return undefined;
    },
  });
  return problems;
}

function plainValue(document: Document, place: (offset: number) => Place, problems: Problem[]): unknown {
  try {
    return smallIntegers(document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown);
  } catch (error) {
    let at = 0;
    visit(document, {
      Alias(_key, node) {
        at = node.range?.[0] ?? 0;
        return visit.BREAK;
      },
    });
    const bomb = error instanceof ReferenceError && /alias/i.test(error.message);
    problems.push({
      place: place(at),
      message: bomb ? 'aliases repeat what they name so often that it would not fit into memory' : tooDeep(error),
      fix: bomb ? 'write the values out, or use fewer aliases' : 'flatten it',
    });
    return undefined;
  }
}

/** Integers come as bigint when some are long: those that a number holds exactly become numbers, others the text that they were. */
function smallIntegers(value: unknown): unknown {
  if (typeof value === 'bigint') return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value.toString();
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) value[index] = smallIntegers(item);
  } else if (typeof value === 'object' && value !== null) {
    const fields = value as Record<string, unknown>;
    for (const key of Object.keys(fields)) fields[key] = smallIntegers(fields[key]);
  }
  return value;
}

function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) return offset;
    const pair = isMap(node)
      ? node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(segment))
      : undefined;
    const key: unknown = pair?.key;
    const next: unknown = isMap(node) ? pair?.value : node.get(segment, true);
    if (isMap(node) && pair === undefined) return offset;
    const from = isNode(key) ? key : next;
    if (!isNode(from)) return offset;
    offset = from.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}
