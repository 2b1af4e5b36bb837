import { type FileSystem, joinPath, normalPath } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import { arithmetic } from './arithmetic.ts';
import { literally, matches, patternSource } from './pattern.ts';
import { type Part, ShellSyntaxError, type Word } from './syntax.ts';

/** What words are expanded with. */
export interface Expander {
  readonly files: FileSystem;
  readonly cwd: string;
  /** Undefined: not set. */
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  readonly positional: readonly string[];
  /** Runs a command substitution and returns its output. */
  capture(script: string): Process<string>;
  /** Opens a connection. @throws HostError when it cannot */
  connect(protocol: 'tcp' | 'udp', host: string, port: number): Process;
}

/** A piece of an expanded word: `split` where unquoted expansions may fall apart, `plain` where nothing is a pattern. */
interface Piece {
  readonly text: string;
  readonly split: boolean;
  readonly plain: boolean;
  /** `"$@"`: begins a word of its own. */
  readonly fresh?: boolean;
}

/** Expands a word to any number of fields: parameters, commands, arithmetic, braces, splitting, file names, quotes. */
export function* expandFields(word: Word, shell: Expander): Process<string[]> {
  const fields: string[] = [];
  for (const each of braces(word)) fields.push(...(yield* fieldsOf(each, shell)));
  return fields;
}

/** Expands a word to one text: for assignments, redirections, `case`. */
export function* expandText(word: Word, shell: Expander): Process<string> {
  let text = '';
  for (const part of word) for (const piece of yield* expandPart(part, shell)) text += (piece.fresh ? ' ' : '') + piece.text;
  return text.startsWith('~') && word[0]?.kind === 'text' && !word[0].quoted ? home(text, shell) : text;
}

/** Expands a word to a pattern, in which quoted text stands for itself. */
export function* expandPattern(word: Word, shell: Expander): Process<string> {
  let pattern = '';
  for (const part of word) for (const piece of yield* expandPart(part, shell)) pattern += piece.plain ? literally(piece.text) : piece.text;
  return pattern;
}

function* fieldsOf(word: Word, shell: Expander): Process<string[]> {
  const fields: { text: string; pattern: string; magic: boolean }[] = [];
  let open = false;
  const add = (text: string, plain: boolean): void => {
    if (!open) fields.push({ text: '', pattern: '', magic: false });
    open = true;
    const field = fields.at(-1);
    if (!field) return;
    field.text += text;
    field.pattern += plain ? literally(text) : text;
    field.magic ||= !plain && /[*?[]/.test(text);
  };
  for (const part of word) {
    for (const piece of yield* expandPart(part, shell)) {
      if (piece.fresh) open = false;
      if (!piece.split) add(piece.text, piece.plain);
      else {
        const words = piece.text.split(/[ \t\n]+/);
        words.forEach((text, at) => {
          if (at > 0) open = false;
          if (text !== '') add(text, false);
        });
      }
    }
  }
  return fields.flatMap(({ text, pattern, magic }) => {
    const found = magic ? fileNames(pattern, shell) : [];
    return found.length > 0 ? found : [word[0]?.kind === 'text' && !word[0].quoted && text.startsWith('~') ? home(text, shell) : text];
  });
}

const home = (text: string, shell: Expander): string => (/^~(\/|$)/.test(text) ? (shell.get('HOME') ?? '/root') + text.slice(1) : text);

function* expandPart(part: Part, shell: Expander): Process<Piece[]> {
  const split = part.kind !== 'text' && !part.quoted;
  const piece = (text: string): Piece[] => [{ text, split, plain: part.quoted }];
  if (part.kind === 'text') return piece(part.text);
  if (part.kind === 'command') return piece((yield* shell.capture(part.script)).replace(/\n+$/, ''));
  if (part.kind === 'arithmetic') {
    const expression = yield* expandText(part.expression, shell);
    return piece(String(arithmetic(expression, { get: (name) => shell.get(name) ?? '', set: (name, value) => shell.set(name, value) })));
  }
  if ((part.name === '@' || part.name === '*') && part.operator === undefined) {
    if (part.name === '*' && part.quoted) return piece(shell.positional.join(' '));
    return shell.positional.map((text, at) => ({ text, split, plain: part.quoted, ...(at > 0 ? { fresh: true } : {}) }));
  }
  return piece(yield* parameter(part, shell));
}

function* parameter({ name, operator, operand = [] }: Extract<Part, { kind: 'variable' }>, shell: Expander): Process<string> {
  const value = name === '@' || name === '*' ? shell.positional.join(' ') : shell.get(name);
  if (operator === undefined) return value ?? '';
  if (operator === 'length') return String((value ?? '').length);
  const set = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
  switch (operator.replace(/^:(?=.)/, '')) {
    case '-':
      return set ? (value ?? '') : yield* expandText(operand, shell);
    case '=': {
      if (set) return value ?? '';
      const fallback = yield* expandText(operand, shell);
      shell.set(name, fallback);
      return fallback;
    }
    case '+':
      return set ? yield* expandText(operand, shell) : '';
    case '?':
      if (set) return value ?? '';
      throw new ShellSyntaxError(`${name}: ${(yield* expandText(operand, shell)) || 'parameter not set'}`, false);
    case '%':
    case '%%':
    case '#':
    case '##':
      return trim(value ?? '', operator, yield* expandPattern(operand, shell));
    case ':': {
      const [from = 0, count] = (yield* expandText(operand, shell)).split(':').map(Number);
      return (value ?? '').slice(from, count === undefined ? undefined : count < 0 ? count : from + count);
    }
    default: {
      // ${X/from/to} and ${X//from/to}, as bash has them.
      const [from = '', to = ''] = (yield* expandText(operand, shell)).split('/');
      return (value ?? '').replace(new RegExp(patternSource(from), operator === '//' ? 'g' : ''), () => to);
    }
  }
}

/** `%` and `#` take off the shortest match, doubled the longest. */
function trim(value: string, operator: string, pattern: string): string {
  const lengths = Array.from({ length: value.length + 1 }, (_, at) => at);
  if (operator.length === 2) lengths.reverse();
  const end = operator.startsWith('%');
  const found = lengths.find((length) => matches(pattern, end ? value.slice(value.length - length) : value.slice(0, length)));
  return found === undefined ? value : end ? value.slice(0, value.length - found) : value.slice(found);
}

/** Files whose path fits; as the shell prints them, sorted. */
function fileNames(pattern: string, { files, cwd }: Expander): string[] {
  const absolute = pattern.startsWith('/');
  let found: string[] = [absolute ? '/' : ''];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    const expression = new RegExp(`^(?:${patternSource(part, false)})$`);
    found = found.flatMap((folder) => {
      const at = normalPath(folder || '.', cwd);
      if (!files.exists(at) || files.status(at).kind !== 'directory') return [];
      const names = /[*?[]/.test(part)
        ? files.list(at).filter((name) => (part.startsWith('.') || !name.startsWith('.')) && expression.test(name))
        : [part.replace(/\\(.)/g, '$1')];
      return names
        .map((name) => (folder === '' ? name : joinPath(folder, `/${name}`)))
        .filter((path) => files.exists(normalPath(path, cwd)));
    });
  }
  return found;
}

/** `{1..5}` and `{a,b}` in unquoted text, as bash has them. */
function braces(word: Word): Word[] {
  for (const [at, part] of word.entries()) {
    if (part.kind !== 'text' || part.quoted) continue;
    const match = /^(.*?)\{(?:(-?\d+)\.\.(-?\d+)|([^{},\s]*(?:,[^{},\s]*)+))\}(.*)$/.exec(part.text);
    if (!match) continue;
    const [, before = '', from, to, list, after = ''] = match;
    const step = Number(from) <= Number(to) ? 1 : -1;
    const middle =
      list?.split(',') ??
      Array.from({ length: Math.abs(Number(to) - Number(from)) + 1 }, (_, index) => String(Number(from) + step * index));
    return middle.flatMap((text) => braces([...word.slice(0, at), { ...part, text: before + text + after }, ...word.slice(at + 1)]));
  }
  return [word];
}
