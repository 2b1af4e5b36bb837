import { type Document, isCollection, isMap, isPair, isScalar, Scalar, type YAMLError } from 'yaml';
import type { Place, Problem } from './input-error.ts';

/** Nothing in Kubernetes nests deeper than a fraction of this. */
export const MAX_DEPTH = 200;
export const TOO_DEEP = { message: 'is nested too deeply', fix: `nest at most ${MAX_DEPTH} levels` } as const;

/** Own words for the syntax errors that people meet most, by the parser's code. */
const WORDS: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'indent with spaces'],
  BAD_INDENT: ['the indentation does not fit', 'indent items of one list or map by the same number of spaces'],
  BLOCK_AS_IMPLICIT_KEY: ['a map begins where a value is expected', 'put it on its own line, indented, or quote the text if it is one'],
  MULTILINE_IMPLICIT_KEY: ['a key goes over several lines', 'a colon or an indentation is missing'],
  MISSING_CHAR: ['something is missing here', 'add the colon after the key, or close what is open'],
  BAD_ALIAS: ['this alias is not valid', 'name an anchor that stands before it'],
  UNEXPECTED_TOKEN: ['this is not expected here', 'check indentation, quotes and brackets before it'],
  BAD_SCALAR_START: ['a plain text cannot begin with this character', 'quote the text'],
};
const OTHER = ['is no valid YAML', 'check indentation, quotes and brackets'] as const;

/** The mistake behind the parser's errors for one document: what follows the first is mostly its echo. */
export function syntaxProblem(
  document: Document | Document.Parsed,
  text: string,
  errors: readonly YAMLError[],
  place: (offset: number) => Place,
): Problem {
  const [first] = errors;
  const offset = first?.pos[0] ?? 0;
  const detail = first?.message.split('\n')[0]?.trim().replace(/[.:]$/, '') ?? '';
  if (/call stack/i.test(detail)) return { place: place(offset), ...TOO_DEEP };
  const template = templateBefore(text, offset);
  if (template !== undefined)
    return {
      place: place(template),
      message: 'malformed YAML: this is a template, not YAML',
      fix: 'render it first, for example with "helm template"',
    };
  const open = /closing|sufficiently indented and end|must end with/i.test(detail)
    ? openingBefore(document.contents, text, offset, /quote/i.test(detail))
    : undefined;
  if (open !== undefined)
    return {
      place: place(open),
      message: `malformed YAML: this ${/^["']/.test(text[open] ?? '') ? 'quote' : 'bracket'} is not closed (${detail})`,
      fix: `add the closing ${CLOSING[text[open] ?? ''] ?? 'one'}`,
    };
  const spread = errors.find(({ code, pos }) => code === 'MULTILINE_IMPLICIT_KEY' && pos[0] === offset);
  const start = first?.code === 'BLOCK_AS_IMPLICIT_KEY' && spread ? lastLineOf(text, offset) : undefined;
  if (start !== undefined)
    return { place: place(start), message: 'malformed YAML: the indentation does not fit', fix: 'indent this line as the lines beside it' };
  const [message, fix] = WORDS[first?.code ?? ''] ?? OTHER;
  return { place: place(offset), message: `malformed YAML: ${message} (${detail})`, fix };
}

const CLOSING: Readonly<Record<string, string>> = { '{': '}', '[': ']', '"': '"', "'": "'" };

/** A template's `{{` in the same document, up to the end of the line. */
function templateBefore(text: string, offset: number): number | undefined {
  const start = text.lastIndexOf('\n---', offset) + 1;
  const end = text.indexOf('\n', offset);
  const found = text.slice(start, end < 0 ? text.length : end).search(/\{\{-?[ ./$\w]/);
  return found < 0 ? undefined : start + found;
}

/** Where the innermost bracket or quote begins that was still open at the offset. */
function openingBefore(root: unknown, text: string, offset: number, isQuote: boolean): number | undefined {
  let found: number | undefined;
  /** Returns where the node ends. */
  const visit = (node: unknown): number => {
    if (isPair(node)) return Math.max(visit(node.key), visit(node.value));
    const range = isScalar(node) || isCollection(node) ? node.range : undefined;
    if (!range || range[0] >= offset) return 0;
    const inner = isCollection(node) ? Math.max(0, ...node.items.slice(-2).map(visit)) : 0;
    const sought = isQuote
      ? isScalar(node) && (node.type === Scalar.QUOTE_DOUBLE || node.type === Scalar.QUOTE_SINGLE)
      : isCollection(node) && node.flow === true;
    // A bracket at the end may be that of what is inside.
    const closed = range[1] - range[0] > 1 && text[range[1] - 1] === CLOSING[text[range[0]] ?? ''] && inner < range[1];
    if (sought && !closed && range[1] >= offset - 1) found ??= range[0];
    return range[1];
  };
  visit(root);
  return found;
}

/** A value that runs on into the next line's key, because that line is indented too far: where that line's text begins. */
function lastLineOf(text: string, offset: number): number | undefined {
  const colon = /:(\s|$)/.exec(text.slice(offset));
  if (!colon) return undefined;
  const before = text.slice(offset, offset + colon.index);
  const newline = before.lastIndexOf('\n');
  return newline < 0 ? undefined : offset + newline + 1 + (before.slice(newline + 1).length - before.slice(newline + 1).trimStart().length);
}

/** Whether the node is a map written with a map as key: `{{ .Values.x }}` reads so. */
export function isTemplateLike(key: unknown): boolean {
  return isMap(key) && key.flow === true;
}
