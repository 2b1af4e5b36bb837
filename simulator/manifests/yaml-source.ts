import { Composer, type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, Parser } from 'yaml';
import type { Place, Problem } from './input-error.ts';
import { syntaxProblem } from './yaml-syntax.ts';
import { PlainValue } from './yaml-value.ts';

/** A text to load, under the name that messages use. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** What of a field a message points at: its name, or what stands there. */
export type PlacePart = 'key' | 'value';

/** One YAML document as a plain value, and where each part of it stands. */
export interface SourceDocument {
  readonly value: unknown;
  /**
   * Where the field at the path stands; a path that leads further than the text does gives the last part that exists. `value` means the
   * value itself where that is a text or number on one line; lists and maps are found by their key in any case.
   */
  placeOf(path: readonly (string | number)[], part?: PlacePart): Place;
}

/** Lines and commas in one text; a parsed text takes a thousand bytes for each. */
const MAX_PARTS = 3_000_000;

/**
 * Reads the documents of a text one by one, those without content left out. YAML 1.2, so `no` and `on` are text, but for octal numbers
 * (`0644`), which are read as Kubernetes reads them; merge keys work; JSON is YAML.
 *
 * @param problems is given each mistake, with its place; a document that has one is left out.
 */
export function* readYaml({ file, text: raw }: SourceText, problems: Problem[]): Generator<SourceDocument, void> {
  // A lone carriage return breaks lines too, says YAML, but not its parser.
  const text = raw.replace(/\r(?!\n)/g, '\n');
  const refused = refusal(file, text);
  if (refused) {
    problems.push(refused);
    return;
  }
  if (text.trim() === '') return;
  const lines = new LineCounter();
  lines.addNewLine(0);
  // All lines at once: the parser counts only as far as it has read.
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // Keys are checked for uniqueness in a pass of our own: the parser's takes quadratic time.
  const composer = new Composer({ merge: true, prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  for (const document of composer.compose(new Parser().parse(text))) {
    if (document.errors.length > 0) {
      problems.push(syntaxProblem(document, text, document.errors, place));
      continue;
    }
    if (document.contents === null || (isScalar(document.contents) && document.contents.value === null)) continue;
    const plain = new PlainValue(place);
    const value = plain.of(document);
    problems.push(...plain.problems);
    if (value !== undefined) yield { value, placeOf: (path, part) => place(offsetOf(document, plain, path, part ?? 'value')) };
  }
}

function refusal(file: string, text: string): Problem | undefined {
  const binary = text.search(/[\u0000-\u0008\u000e-\u001f]/);
  if (binary >= 0) {
    const before = text.slice(0, binary);
    const code = text.charCodeAt(binary).toString(16).padStart(2, '0');
    return {
      place: { file, line: before.split('\n').length, column: binary - before.lastIndexOf('\n') },
      message: `is not a text file: the byte 0x${code} stands in no text`,
      fix: 'give YAML or JSON in UTF-8',
    };
  }
  let parts = 0;
  for (let at = 0; at < text.length && parts <= MAX_PARTS; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 44) parts += 1;
  }
  if (parts <= MAX_PARTS || text.trim() === '') return undefined;
  return {
    place: { file, line: 1, column: 1 },
    message: `is too large: more than ${MAX_PARTS} lines and commas`,
    fix: 'split it into several files',
  };
}

function offsetOf(document: Document | Document.Parsed, plain: PlainValue, path: readonly (string | number)[], part: PlacePart): number {
  let node: unknown = document.contents;
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
  for (const [index, segment] of path.entries()) {
    if (isAlias(node)) node = plain.targets.get(node);
    if (!isMap(node) && !isSeq(node)) return offset;
    const pair = isMap(node)
      ? node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value ?? '') === String(segment))
      : undefined;
    if (isMap(node) && pair === undefined) return offset;
    const key: unknown = pair?.key;
    const next: unknown = isMap(node) ? pair?.value : node.items[Number(segment)];
    const atValue = index === path.length - 1 && part === 'value' && isScalar(next) && next.source !== '' && next.range !== undefined;
    const from = isNode(key) && !atValue ? key : next;
    if (!isNode(from)) return offset;
    offset = from.range?.[0] ?? offset;
    node = next;
  }
  return offset;
}
