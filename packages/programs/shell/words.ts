import { type Part, ShellSyntaxError, type Word } from './syntax.ts';

/** Reads one word from `at`, up to what ends it. Returns the word and where it ended. */
export function readWord(text: string, at: number, ends: (character: string, at: number) => boolean): { word: Word; end: number } {
  const parts: Part[] = [];
  let plain = '';
  const flush = (): void => {
    if (plain !== '') parts.push({ kind: 'text', text: plain, quoted: false });
    plain = '';
  };
  let position = at;
  while (position < text.length && !ends(text[position] ?? '', position)) {
    const character = text[position];
    if (character === '\\') {
      flush();
      if (text[position + 1] !== '\n') parts.push({ kind: 'text', text: text[position + 1] ?? '\\', quoted: true });
      position += 2;
    } else if (character === "'") {
      flush();
      const close = text.indexOf("'", position + 1);
      if (close < 0) throw new ShellSyntaxError('unterminated quoted string');
      parts.push({ kind: 'text', text: text.slice(position + 1, close), quoted: true });
      position = close + 1;
    } else if (character === '"') {
      flush();
      const inner = readQuoted(text, position + 1, '"');
      parts.push(...inner.parts);
      position = inner.end + 1;
    } else if (character === '$' || character === '`') {
      const read = readExpansion(text, position, false);
      if (read) {
        flush();
        parts.push(read.part);
        position = read.end;
      } else {
        plain += '$';
        position += 1;
      }
    } else {
      plain += character;
      position += 1;
    }
  }
  flush();
  return { word: parts, end: position };
}

/** Reads the inside of double quotes (or of a here-document, whose end is the text's). */
export function readQuoted(text: string, at: number, close: '"' | undefined): { parts: Part[]; end: number } {
  const parts: Part[] = [];
  let plain = '';
  let position = at;
  const flush = (): void => {
    if (plain !== '') parts.push({ kind: 'text', text: plain, quoted: true });
    plain = '';
  };
  for (;;) {
    if (position >= text.length) {
      if (close) throw new ShellSyntaxError('unterminated quoted string');
      break;
    }
    const character = text[position] ?? '';
    if (character === close) break;
    if (character === '\\' && '$`"\\\n'.includes(text[position + 1] ?? 'x')) {
      if (text[position + 1] !== '\n') plain += text[position + 1];
      position += 2;
    } else {
      const read = character === '$' || character === '`' ? readExpansion(text, position, true) : undefined;
      if (read) {
        flush();
        parts.push(read.part);
        position = read.end;
      } else {
        plain += character;
        position += 1;
      }
    }
  }
  flush();
  // Empty quotes make an empty word.
  if (parts.length === 0) parts.push({ kind: 'text', text: '', quoted: true });
  return { parts, end: position };
}

/** Reads `$…` or a command in backquotes; undefined when the dollar stands for itself. */
function readExpansion(text: string, at: number, quoted: boolean): { part: Part; end: number } | undefined {
  if (text[at] === '`') {
    const close = text.indexOf('`', at + 1);
    if (close < 0) throw new ShellSyntaxError('unterminated `');
    return { part: { kind: 'command', script: text.slice(at + 1, close), quoted }, end: close + 1 };
  }
  if (text.startsWith('$((', at)) {
    const end = closing(text, at + 1);
    if (text[end - 1] === ')') {
      const expression = readQuoted(text.slice(at + 3, end - 1), 0, undefined).parts;
      return { part: { kind: 'arithmetic', expression, quoted }, end: end + 1 };
    }
  }
  if (text[at + 1] === '(') {
    const end = closing(text, at + 1);
    return { part: { kind: 'command', script: text.slice(at + 2, end), quoted }, end: end + 1 };
  }
  if (text[at + 1] === '{') return readBraces(text, at, quoted);
  const name = /^(?:[A-Za-z_][A-Za-z0-9_]*|[0-9?#@*$!-])/.exec(text.slice(at + 1, at + 65))?.[0];
  return name === undefined ? undefined : { part: { kind: 'variable', name, quoted }, end: at + 1 + name.length };
}

function readBraces(text: string, at: number, quoted: boolean): { part: Part; end: number } {
  const end = closing(text, at + 1);
  const inner = text.slice(at + 2, end);
  const length = /^#([A-Za-z_][A-Za-z0-9_]*|[@*0-9])$/.exec(inner);
  if (length?.[1] !== undefined) return { part: { kind: 'variable', name: length[1], operator: 'length', quoted }, end: end + 1 };
  const match = /^([A-Za-z_][A-Za-z0-9_]*|[0-9]+|[?#@*$!-])(:?[-=+?]|%%?|##?|\/\/?|:)?([\s\S]*)$/.exec(inner);
  if (!match || (match[2] === undefined && match[3] !== '')) throw new ShellSyntaxError(`\${${inner}}: bad substitution`);
  const [, name = '', operator, rest = ''] = match;
  if (operator === undefined) return { part: { kind: 'variable', name, quoted }, end: end + 1 };
  const operand = quoted ? readQuoted(rest, 0, undefined).parts : readWord(rest, 0, () => false).word;
  return { part: { kind: 'variable', name, operator, operand, quoted }, end: end + 1 };
}

/** Where the bracket that opens at `open` closes, over quotes and nested ones. */
export function closing(text: string, open: number): number {
  const [opener, closer] = text[open] === '{' ? ['{', '}'] : ['(', ')'];
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const character = text[at];
    if (character === '\\') at += 1;
    else if (character === "'") {
      at = text.indexOf("'", at + 1);
      if (at < 0) break;
    } else if (character === '"') at = readQuoted(text, at + 1, '"').end;
    else if (character === opener) depth += 1;
    else if (character === closer) {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw new ShellSyntaxError(`missing ${closer}`);
}
