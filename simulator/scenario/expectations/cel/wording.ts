import type { ParseError } from '@marcbachmann/cel-js';
import type { CelSource } from './source.ts';

// What is wrong with an expression, in words.

/** The library's words, and where in the expression. */
export function located(error: Error, { original }: CelSource): string {
  const { summary = error.message, range } = error as Error & Partial<Pick<ParseError, 'summary' | 'range'>>;
  const [said = ''] = summary.split('\n');
  const text = said.replace(/^\w/, (letter) => letter.toLowerCase()).replaceAll(/\b_([a-z]\w*)/g, '$$$1');
  if (!range) return text;
  if (range.start >= original.length) return `${text}, at its end`;
  const near = original.slice(range.start, Math.max(range.end, range.start + 1)).replace(/\s+/g, ' ');
  return `${text}, at "${near.length > 60 ? `${near.slice(0, 59)}…` : near}" (character ${range.start + 1})`;
}

/** For expressions that do not parse. */
export function syntaxFix(text: string): string {
  const code = text.replace(/"[^"]*"|'[^']*'/g, '""');
  if (/(?<![=!<>])=(?!=)/.test(code)) return 'write == to compare';
  if (/\b(and|or|not)\b/i.test(code)) return 'write && for and, || for or, ! for not';
  return 'write for example pods.all(p, p.status.phase == "Running")';
}

/** For expressions whose parts do not fit together, by the library's code. */
export function typeFix(code: string | undefined): string | undefined {
  if (code === 'no_matching_overload')
    return 'there is all, exists, exists_one, filter, map, size, has, contains, startsWith, endsWith, matches, quantity';
  return code === 'no_such_overload' ? 'compare like with like: numbers with numbers, texts with texts in quotes' : undefined;
}

const TYPES: Readonly<Record<string, string>> = {
  dyn: 'a value',
  int: 'a number',
  uint: 'a number',
  double: 'a number',
  string: 'a text',
  null_type: 'nothing',
};

export function typeText(type = 'dyn'): string {
  return TYPES[type] ?? `a ${type}`;
}
