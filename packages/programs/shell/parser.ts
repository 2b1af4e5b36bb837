import { type Token, tokens } from './lexer.ts';
import { type Command, type List, type ListItem, type Redirect, ShellSyntaxError, type Simple, type Word } from './syntax.ts';

/** Words that end the list before them. */
const CLOSERS = ['then', 'else', 'elif', 'fi', 'do', 'done', 'esac', '}'];

/**
 * Reads a POSIX shell script (IEEE Std 1003.1, "Shell Command Language"), with bash's `((…))`, `[[ … ]]` and `function`.
 *
 * @throws ShellSyntaxError
 */
export function parseScript(script: string): List {
  const parser = new Parser(tokens(script));
  const list = parser.list();
  parser.expectEnd();
  return list;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(all: readonly Token[]) {
    this.#tokens = all;
  }

  expectEnd(): void {
    if (this.#at < this.#tokens.length) throw this.#unexpected();
  }

  list(): List {
    const items: ListItem[] = [];
    for (;;) {
      while (this.#operator('\n') || this.#operator(';')) this.#at += 1;
      if (this.#at >= this.#tokens.length || this.#operator(')') || this.#operator(';;') || CLOSERS.includes(this.#keyword() ?? ''))
        return items;
      const command = this.#chain();
      const background = this.#operator('&');
      if (background) this.#at += 1;
      else if (
        !this.#operator(';') &&
        !this.#operator('\n') &&
        this.#at < this.#tokens.length &&
        !this.#operator(')') &&
        !this.#operator(';;')
      )
        throw this.#unexpected();
      items.push({ command, background });
    }
  }

  #chain(): Command {
    const first = this.#pipeline();
    const rest: { operator: '&&' | '||'; command: Command }[] = [];
    while (this.#operator('&&') || this.#operator('||')) {
      const operator = this.#operator('&&') ? '&&' : '||';
      this.#at += 1;
      this.#newlines();
      rest.push({ operator, command: this.#pipeline() });
    }
    return rest.length === 0 ? first : { kind: 'chain', first, rest };
  }

  #pipeline(): Command {
    let negated = false;
    while (this.#keyword() === '!') {
      this.#at += 1;
      negated = !negated;
    }
    const stages = [this.#command()];
    while (this.#operator('|')) {
      this.#at += 1;
      this.#newlines();
      stages.push(this.#command());
    }
    return stages.length === 1 && !negated && stages[0] ? stages[0] : { kind: 'pipeline', stages, negated };
  }

  #command(): Command {
    const compound = this.#compound();
    if (!compound) return this.#simple();
    const redirects: Redirect[] = [];
    while (this.#tokens[this.#at]?.type === 'redirect') redirects.push(this.#redirect());
    return redirects.length === 0 ? compound : { kind: 'redirected', command: compound, redirects };
  }

  #compound(): Command | undefined {
    if (this.#take('((')) return { kind: 'arithmetic', expression: this.#word() };
    if (this.#take('(')) {
      const body = this.list();
      this.#expect(')');
      return { kind: 'group', body, subshell: true };
    }
    const keyword = this.#keyword();
    if (keyword === '{') {
      this.#at += 1;
      const body = this.list();
      this.#close('}');
      return { kind: 'group', body, subshell: false };
    }
    if (keyword === 'if') return this.#if();
    if (keyword === 'while' || keyword === 'until') {
      this.#at += 1;
      const condition = this.list();
      return { kind: 'loop', until: keyword === 'until', condition, body: this.#doGroup() };
    }
    if (keyword === 'for') return this.#for();
    if (keyword === 'case') return this.#case();
    return this.#function();
  }

  #if(): Command {
    const branches: { condition: List; body: List }[] = [];
    do {
      this.#at += 1;
      const condition = this.list();
      this.#close('then');
      branches.push({ condition, body: this.list() });
    } while (this.#keyword() === 'elif');
    let otherwise: List | undefined;
    if (this.#keyword() === 'else') {
      this.#at += 1;
      otherwise = this.list();
    }
    this.#close('fi');
    return { kind: 'if', branches, otherwise };
  }

  #for(): Command {
    this.#at += 1;
    const name = this.#name();
    this.#newlines();
    let words: Word[] | undefined;
    if (this.#keyword() === 'in') {
      this.#at += 1;
      words = [];
      while (this.#tokens[this.#at]?.type === 'word') words.push(this.#word());
    }
    if (this.#operator(';')) this.#at += 1;
    this.#newlines();
    return { kind: 'for', name, words, body: this.#doGroup() };
  }

  #case(): Command {
    this.#at += 1;
    const word = this.#word();
    this.#newlines();
    this.#close('in');
    const branches: { patterns: Word[]; body: List }[] = [];
    for (;;) {
      this.#newlines();
      if (this.#keyword() === 'esac') break;
      this.#take('(');
      const patterns = [this.#word()];
      while (this.#take('|')) patterns.push(this.#word());
      this.#expect(')');
      const body = this.list();
      branches.push({ patterns, body });
      if (!this.#take(';;')) break;
    }
    this.#newlines();
    this.#close('esac');
    return { kind: 'case', word, branches };
  }

  #function(): Command | undefined {
    const [name, open, close] = [this.#tokens[this.#at], this.#tokens[this.#at + 1], this.#tokens[this.#at + 2]];
    const bash = this.#keyword() === 'function';
    const posix =
      name?.type === 'word' &&
      name.literal !== undefined &&
      open?.type === 'operator' &&
      open.text === '(' &&
      close?.type === 'operator' &&
      close.text === ')';
    if (!bash && !posix) return undefined;
    if (bash) this.#at += 1;
    const title = this.#name();
    if (this.#take('(')) this.#expect(')');
    this.#newlines();
    return { kind: 'function', name: title, body: this.#command() };
  }

  #doGroup(): List {
    this.#newlines();
    if (this.#operator(';')) this.#at += 1;
    this.#newlines();
    this.#close('do');
    const body = this.list();
    this.#close('done');
    return body;
  }

  #simple(): Simple {
    const assignments: { name: string; value: Word }[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token?.type === 'redirect') {
        redirects.push(this.#redirect());
        continue;
      }
      if (token?.type !== 'word') break;
      const assignment = words.length === 0 ? assignmentOf(token.word) : undefined;
      if (assignment) assignments.push(assignment);
      else words.push(token.word);
      this.#at += 1;
    }
    if (assignments.length + words.length + redirects.length === 0) throw this.#unexpected();
    return { kind: 'simple', assignments, words, redirects };
  }

  #redirect(): Redirect {
    const token = this.#tokens[this.#at];
    if (token?.type !== 'redirect') throw this.#unexpected();
    this.#at += 1;
    const { operator } = token;
    const fd = token.fd ?? (operator.startsWith('<') ? 0 : 1);
    if (token.here) return { fd, operator: '<<', target: token.here };
    const target = this.#word();
    if (operator === '<<<') return { fd, operator: '<<', target: [...target, { kind: 'text', text: '\n', quoted: true }] };
    if (operator === '>|') return { fd, operator: '>', target };
    if (operator === '<&') return { fd, operator: '>&', target };
    if (operator === '&>' || operator === '&>>') return { fd, operator: '&>', target };
    return { fd, operator: operator as Redirect['operator'], target };
  }

  #name(): string {
    const token = this.#tokens[this.#at];
    if (token?.type !== 'word' || token.literal === undefined) throw this.#unexpected();
    this.#at += 1;
    return token.literal;
  }

  #word(): Word {
    const token = this.#tokens[this.#at];
    if (token?.type !== 'word') throw this.#unexpected();
    this.#at += 1;
    return token.word;
  }

  #keyword(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.type === 'word' ? token.literal : undefined;
  }

  #operator(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.type === 'operator' && token.text === text;
  }

  #take(text: string): boolean {
    const there = this.#operator(text);
    if (there) this.#at += 1;
    return there;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected();
  }

  #close(keyword: string): void {
    if (this.#keyword() !== keyword) throw this.#unexpected();
    this.#at += 1;
  }

  #newlines(): void {
    while (this.#operator('\n')) this.#at += 1;
  }

  #unexpected(): ShellSyntaxError {
    const token = this.#tokens[this.#at];
    const text = !token
      ? 'end of file'
      : token.type === 'word'
        ? `"${token.raw}"`
        : token.type === 'operator'
          ? `"${token.text === '\n' ? 'newline' : token.text}"`
          : `"${token.operator}"`;
    return new ShellSyntaxError(`syntax error: unexpected ${text}`);
  }
}

/** `NAME=value` at the head of a command. */
function assignmentOf(word: Word): { name: string; value: Word } | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== 'text' || first.quoted) return undefined;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=([\s\S]*)$/.exec(first.text);
  if (match?.[1] === undefined) return undefined;
  return { name: match[1], value: match[2] ? [{ ...first, text: match[2] }, ...rest] : rest };
}
