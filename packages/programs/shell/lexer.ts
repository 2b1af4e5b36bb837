import { ShellSyntaxError, type Word } from './syntax.ts';
import { closing, readQuoted, readWord } from './words.ts';

export type Token =
  | { readonly type: 'operator'; readonly text: string }
  /** `literal` is the text of a word without quotes or expansions: only such a word can be a keyword or an assignment's name. */
  | { readonly type: 'word'; readonly word: Word; readonly literal: string | undefined; readonly raw: string }
  | { readonly type: 'redirect'; readonly fd: number | undefined; readonly operator: string; readonly here?: Word };

const OPERATORS = ['&&', '||', ';;', ';', '&', '|', '(', ')', '\n'];
const REDIRECT = /^(\d*)(<<<|<<-?|>>|>&|<&|&>>?|>\||<|>)/;

/** Cuts a script into tokens; here-documents are taken out of the lines that follow. */
export function tokens(script: string): Token[] {
  const found: Token[] = [];
  const pending: { at: number; tabs: boolean; end: string; quoted: boolean }[] = [];
  let at = 0;
  while (at < script.length) {
    const character = script[at] ?? '';
    if (character === ' ' || character === '\t' || character === '\r') {
      at += 1;
      continue;
    }
    if (character === '\\' && script[at + 1] === '\n') {
      at += 2;
      continue;
    }
    if (character === '#') {
      while (at < script.length && script[at] !== '\n') at += 1;
      continue;
    }
    const redirect = REDIRECT.exec(script.slice(at, at + 16));
    if (redirect) {
      const [whole, fd = '', operator = ''] = redirect;
      at += whole.length;
      if (!operator.startsWith('<<') || operator === '<<<') {
        found.push({ type: 'redirect', fd: fd === '' ? undefined : Number(fd), operator });
        continue;
      }
      while (script[at] === ' ') at += 1;
      const read = readWord(script, at, endsWord);
      const end = read.word.map((part) => (part.kind === 'text' ? part.text : '')).join('');
      pending.push({ at: found.length, tabs: operator === '<<-', end, quoted: read.word.some(({ quoted }) => quoted) });
      found.push({ type: 'redirect', fd: fd === '' ? undefined : Number(fd), operator: '<<' });
      at = read.end;
      continue;
    }
    if (character === '(' && script[at + 1] === '(' && commandMayStart(found)) {
      const end = closing(script, at);
      if (script[end - 1] === ')') {
        found.push({ type: 'operator', text: '((' }, wordToken(readQuoted(script.slice(at + 2, end - 1), 0, undefined).parts, ''));
        at = end + 1;
        continue;
      }
    }
    const operator = OPERATORS.find((each) => script.startsWith(each, at));
    if (operator !== undefined) {
      found.push({ type: 'operator', text: operator });
      at += operator.length;
      if (operator === '\n') for (const here of pending.splice(0)) at = readHere(script, at, here, found);
      continue;
    }
    if (script.startsWith('[[', at) && isSpace(script[at + 2] ?? '') && commandMayStart(found)) {
      at = readTest(script, at, found);
      continue;
    }
    const { word, end } = readWord(script, at, endsWord);
    found.push(wordToken(word, script.slice(at, end)));
    at = end;
  }
  if (pending.length > 0) throw new ShellSyntaxError('here-document without end');
  return found;
}

function wordToken(word: Word, raw: string): Token {
  const literal = word.every((part) => part.kind === 'text' && !part.quoted)
    ? word.map((part) => (part.kind === 'text' ? part.text : '')).join('')
    : undefined;
  return { type: 'word', word, literal, raw };
}

const isSpace = (character: string): boolean => ' \t\r\n'.includes(character);

/** Between `[[` and `]]` nothing is an operator, and expansions are not split. */
function readTest(script: string, start: number, found: Token[]): number {
  let at = start;
  for (;;) {
    while (at < script.length && isSpace(script[at] ?? '')) at += 1;
    if (at >= script.length) throw new ShellSyntaxError('missing ]]');
    const { word, end } = readWord(script, at, isSpace);
    const token = wordToken(
      word.map((part) => (part.kind === 'text' ? part : { ...part, quoted: true })),
      script.slice(at, end),
    );
    // `]];` is the end as well.
    if (token.type === 'word' && token.literal?.startsWith(']]')) {
      found.push(wordToken([{ kind: 'text', text: ']]', quoted: false }], ']]'));
      return at + 2;
    }
    found.push(token);
    at = end;
  }
}

const endsWord = (character: string): boolean => ' \t\r\n;&|()<>'.includes(character);

function commandMayStart(found: readonly Token[]): boolean {
  const last = found.at(-1);
  return (
    !last ||
    last.type === 'operator' ||
    (last.type === 'word' && ['if', 'while', 'until', 'do', 'then', 'else', '!', '{'].includes(last.literal ?? ''))
  );
}

/** Reads a here-document's lines and puts them into its token. Returns where they end. */
function readHere(
  script: string,
  start: number,
  here: { at: number; tabs: boolean; end: string; quoted: boolean },
  found: Token[],
): number {
  let at = start;
  let body = '';
  for (;;) {
    if (at >= script.length) throw new ShellSyntaxError(`here-document without ${here.end}`);
    const newline = script.indexOf('\n', at);
    const raw = script.slice(at, newline < 0 ? script.length : newline);
    const line = here.tabs ? raw.replace(/^\t+/, '') : raw;
    at = newline < 0 ? script.length : newline + 1;
    if (line === here.end) break;
    body += `${line}\n`;
  }
  const token = found[here.at];
  const text: Word = here.quoted ? [{ kind: 'text', text: body, quoted: true }] : readQuoted(body, 0, undefined).parts;
  if (token?.type === 'redirect') found[here.at] = { ...token, here: text };
  return at;
}
