import { type Document, isMap, isScalar, isSeq, parseAllDocuments, stringify, type YAMLSeq } from 'yaml';
import type { StepDocument } from '../scenario/schema.ts';
import { type Setting, withSettings } from '../scenario/settings.ts';

/** A step to add, and why it is there. */
export interface WrittenFault {
  readonly step: StepDocument;
  /** Becomes a comment behind it. */
  readonly comment: string;
}

export interface ScenarioTextOptions {
  /** Go before the steps that the text has. */
  readonly faults: readonly WrittenFault[];
  /** What was said on the command line, so that the file says it itself: `--set`, and `--seed` as `seed`. */
  readonly settings: readonly Setting[];
}

/**
 * The text of a scenario with faults in it. What the text says besides stays as it is, to the letter where its steps are a list of lines.
 *
 * @param text holds one scenario.
 */
export function scenarioText(text: string, { faults, settings }: ScenarioTextOptions): string {
  const said = settings.length === 0 ? text : withSaid(text, settings);
  return faults.length === 0 ? said : withFaults(said, faults);
}

function withFaults(text: string, faults: readonly WrittenFault[]): string {
  const document = documentOf(text);
  const steps = document.getIn(['spec', 'steps']);
  const place = isSeq(steps) && !steps.flow ? blockPlace(text, document, steps) : undefined;
  if (place === undefined) {
    const list = isSeq(steps) ? steps : undefined;
    const added = faults.map(({ step, comment }) => {
      const node = document.createNode(step, { flow: true });
      node.comment = ` ${comment}`;
      return node;
    });
    if (list) {
      // Comments stand on lines of their own, which a list between brackets has not.
      list.flow = false;
      list.items.unshift(...added);
    } else document.setIn(['spec', 'steps'], document.createNode(added));
    return textOf(document);
  }
  const indent = ' '.repeat(place.column);
  const lines = faults.map(({ step, comment }) => `${indent}- ${stepLine(step)} # ${comment}\n`);
  return `${text.slice(0, place.offset)}${lines.join('')}${text.slice(place.offset)}`;
}

/** Where a line can go in before the first item, and the column of its dash: right below the key, above any comment of the first item. */
function blockPlace(
  text: string,
  document: Document.Parsed,
  steps: YAMLSeq,
): { readonly offset: number; readonly column: number } | undefined {
  const spec = document.get('spec');
  const key = isMap(spec) ? spec.items.find(({ key: name }) => isScalar(name) && name.value === 'steps')?.key : undefined;
  const first = steps.range?.[0];
  if (!isScalar(key) || !key.range || first === undefined) return undefined;
  const end = text.indexOf('\n', key.range[1]);
  const lineStart = text.lastIndexOf('\n', first) + 1;
  // A list with an anchor or a tag behind its key, or with its dash on the line of the key: left to the library.
  if (end < 0 || end >= first || text[first] !== '-' || !/^\s*(#.*)?$/.test(text.slice(key.range[1] + 1, end))) return undefined;
  return { offset: end + 1, column: first - lineStart };
}

/** A step as one line of a scenario, whatever its length. */
export function stepLine(step: StepDocument): string {
  return stringify(step, { collectionStyle: 'flow', lineWidth: 0 }).trim();
}

/** The text with what was said on the command line put in, so that it needs no saying again. */
function withSaid(text: string, settings: readonly Setting[]): string {
  const document = documentOf(text);
  const nowhere = { file: '', line: 0, column: 0 };
  const { value } = withSettings({ value: document.toJS(), placeOf: () => nowhere }, settings);
  for (const { path } of settings) put(document, ['spec', ...path], value);
  return textOf(document);
}

/** Puts the part of the value at the path into the document, from where the document has nothing or something of another shape. */
function put(document: Document, path: readonly string[], value: unknown): void {
  const steps: (string | number)[] = [];
  let part = value;
  for (const key of path) {
    const node = steps.length === 0 ? document.contents : document.getIn(steps);
    const isInside = isMap(node) || (isSeq(node) && Number(key) < node.items.length);
    if (!isInside) break;
    steps.push(isSeq(node) ? Number(key) : key);
    part = (part as Readonly<Record<string, unknown>>)[key];
  }
  document.setIn(steps, document.createNode(part));
}

function documentOf(text: string): Document.Parsed {
  const document = [...parseAllDocuments(text, { merge: true })].find(
    ({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null),
  );
  if (!document) throw new Error('the text holds no scenario');
  return document as Document.Parsed;
}

function textOf(document: Document): string {
  return document.toString({ lineWidth: 0 });
}
