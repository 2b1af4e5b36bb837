import { labelValueProblems, qualifiedNameProblems } from './names.ts';
import type { LabelSelector } from './types/index.ts';

// Source: apimachinery `labels/selector.go`, `apis/meta/v1/helpers.go`.

/** Labels of an object; absent counts as none. */
export type Labels = Readonly<Record<string, string>> | undefined;

/** One requirement on one label. `NotIn` and `DoesNotExist` hold where the label is absent. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

/** A selector text that cannot be read. The API answers BadRequest. */
export class SelectorError extends Error {
  readonly code = 'BadRequest';
  constructor(message: string) {
    super(message);
    this.name = 'SelectorError';
  }
}

/** Whether one requirement holds. */
export function matchesRequirement({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const present = labels !== undefined && Object.hasOwn(labels, key);
  const value = present ? (labels[key] ?? '') : '';
  switch (operator) {
    case 'In':
      return present && values.includes(value);
    case 'NotIn':
      return !present || !values.includes(value);
    case 'Exists':
      return present;
    case 'DoesNotExist':
      return !present;
    case 'Gt':
    case 'Lt':
      return present && comparesAs(operator, value, values[0] ?? '');
  }
}

/** Whether `left` is greater or less than `right`; false unless both are 64-bit integers. */
function comparesAs(operator: 'Gt' | 'Lt', left: string, right: string): boolean {
  const integer = /^[+-]?\d{1,19}$/;
  if (!integer.test(left) || !integer.test(right)) return false;
  const [a, b] = [BigInt(left.replace('+', '')), BigInt(right.replace('+', ''))];
  return operator === 'Gt' ? a > b : a < b;
}

/** Whether all requirements hold. */
export function matchesRequirements(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  for (const requirement of requirements) if (!matchesRequirement(requirement, labels)) return false;
  return true;
}

/** Whether every pair of `wanted` is among the labels. An empty `wanted` matches everything. */
export function matchesLabelMap(wanted: Readonly<Record<string, string>>, labels: Labels): boolean {
  for (const key in wanted) {
    if (labels === undefined || !Object.hasOwn(labels, key) || labels[key] !== wanted[key]) return false;
  }
  return true;
}

/** Whether a LabelSelector selects an object with these labels: an empty one selects everything, an absent one nothing. */
export function matchesLabelSelector(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  if (selector.matchLabels !== undefined && !matchesLabelMap(selector.matchLabels, labels)) return false;
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    if (!matchesRequirement({ key, operator, values: values ?? [] }, labels)) return false;
  }
  return true;
}

/** Whether a selector has no requirement, and so selects everything. */
export function isEmptySelector(selector: LabelSelector): boolean {
  return Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

/** The requirements of a LabelSelector, sorted by key. */
export function requirementsOf(selector: LabelSelector): readonly LabelRequirement[] {
  const fromLabels = Object.entries(selector.matchLabels ?? {}).map(
    ([key, value]): LabelRequirement => ({ key, operator: 'In', values: [value] }),
  );
  const fromExpressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values }): LabelRequirement => ({ key, operator, values: [...(values ?? [])].sort() }),
  );
  return [...fromLabels, ...fromExpressions].sort(byKey);
}

function byKey(a: LabelRequirement, b: LabelRequirement): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** `a=b,c in (d,e),!f`, as kubectl shows it; `<none>` for an empty or absent selector. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  if (selector === undefined || isEmptySelector(selector)) return '<none>';
  const fromLabels = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  const fromExpressions = (selector.matchExpressions ?? []).map(({ key, operator, values }) => ({
    key,
    text: formatRequirement({ key, operator, values: values ?? [] }),
  }));
  return [...fromLabels, ...fromExpressions]
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ text }) => text)
    .join(',');
}

/** One requirement in the text form of a selector. */
export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  const list = `(${[...values].sort().join(',')})`;
  switch (operator) {
    case 'In':
      return `${key} in ${list}`;
    case 'NotIn':
      return `${key} notin ${list}`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'Gt':
      return `${key}>${values[0] ?? ''}`;
    case 'Lt':
      return `${key}<${values[0] ?? ''}`;
  }
}

/** Turns a map into the text `a=b,c=d`, sorted; `<none>` when empty. */
export function formatLabels(labels: Labels): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort().join(',');
}

const token = /\s*(==|!=|=|!|<|>|\(|\)|,|[^\s=!<>(),]+)/y;

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const match = token.exec(text);
    if (match === null) throw new SelectorError(`unable to parse requirement: found '${text}', expected: identifier`);
    tokens.push(match[1] ?? '');
  }
  return tokens;
}

const operators: ReadonlySet<string> = new Set(['=', '==', '!=', '<', '>', 'in', 'notin']);

/**
 * Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`. An empty text has no requirement and matches everything.
 *
 * @throws SelectorError BadRequest, when the text is malformed or a key or value is no label
 */
export function parseLabelSelector(text: string): readonly LabelRequirement[] {
  const tokens = tokensOf(text);
  const requirements: LabelRequirement[] = [];
  let at = 0;
  const expected = (what: string): SelectorError =>
    new SelectorError(`unable to parse requirement: found '${tokens[at] ?? ''}', expected: ${what}`);
  const isWord = (word: string | undefined): word is string => word !== undefined && /^[^=!<>(),]/.test(word);

  function value(): string {
    return isWord(tokens[at]) ? (tokens[at++] ?? '') : '';
  }
  function valueSet(): readonly string[] {
    if (tokens[at] !== '(') throw expected("'('");
    at += 1;
    // Nothing between the brackets, or between two commas, is the empty text.
    const values = [value()];
    while (tokens[at] === ',') {
      at += 1;
      values.push(value());
    }
    if (tokens[at] !== ')') throw expected("',' or ')'");
    at += 1;
    return [...new Set(values)].sort();
  }
  function requirement(): LabelRequirement {
    const negated = tokens[at] === '!';
    if (negated) at += 1;
    const key = tokens[at];
    if (!isWord(key)) throw expected("!, identifier, or 'end of string'");
    at += 1;
    const operator = tokens[at];
    if (negated || operator === undefined || operator === ',') return { key, operator: negated ? 'DoesNotExist' : 'Exists', values: [] };
    if (!operators.has(operator)) throw expected('in, notin, =, ==, !=, gt, lt');
    at += 1;
    if (operator === 'in' || operator === 'notin') return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: valueSet() };
    const single = [value()];
    if (operator === '<' || operator === '>') return { key, operator: operator === '>' ? 'Gt' : 'Lt', values: single };
    return { key, operator: operator === '!=' ? 'NotIn' : 'In', values: single };
  }

  while (at < tokens.length) {
    requirements.push(checked(requirement()));
    if (at === tokens.length) break;
    if (tokens[at] !== ',') throw expected("',' or 'end of string'");
    at += 1;
    if (at === tokens.length) throw expected("identifier after ','");
  }
  return requirements.sort(byKey);
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const [badKey] = qualifiedNameProblems(requirement.key);
  if (badKey !== undefined) throw new SelectorError(`key: Invalid value: ${JSON.stringify(requirement.key)}: ${badKey}`);
  for (const [index, value] of requirement.values.entries()) {
    const [badValue] = labelValueProblems(value);
    if (badValue !== undefined)
      throw new SelectorError(`values[${index}][${requirement.key}]: Invalid value: ${JSON.stringify(value)}: ${badValue}`);
    if ((requirement.operator === 'Gt' || requirement.operator === 'Lt') && !/^[+-]?\d+$/.test(value)) {
      throw new SelectorError(`values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`);
    }
  }
  return requirement;
}
