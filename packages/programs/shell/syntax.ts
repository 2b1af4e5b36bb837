/** A piece of a word. `quoted` pieces are neither split nor taken for patterns. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  /** `$X`, `${X:-word}`, `${#X}`, `${X%pattern}`; positional and special parameters by their sign. */
  | { readonly kind: 'variable'; readonly name: string; readonly operator?: string; readonly operand?: Word; readonly quoted: boolean }
  | { readonly kind: 'command'; readonly script: string; readonly quoted: boolean }
  | { readonly kind: 'arithmetic'; readonly expression: Word; readonly quoted: boolean };

export type Word = readonly Part[];

/** `2>&1` has fd 2, operator `>&` and target `1`; a here-document's target is its text. */
export interface Redirect {
  readonly fd: number;
  readonly operator: '<' | '>' | '>>' | '>&' | '&>' | '<<';
  readonly target: Word;
}

export interface Simple {
  readonly kind: 'simple';
  readonly assignments: readonly { readonly name: string; readonly value: Word }[];
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
}

export interface ListItem {
  readonly command: Command;
  readonly background: boolean;
}

export type List = readonly ListItem[];

export type Command =
  | Simple
  | { readonly kind: 'pipeline'; readonly stages: readonly Command[]; readonly negated: boolean }
  | {
      readonly kind: 'chain';
      readonly first: Command;
      readonly rest: readonly { readonly operator: '&&' | '||'; readonly command: Command }[];
    }
  | {
      readonly kind: 'if';
      readonly branches: readonly { readonly condition: List; readonly body: List }[];
      readonly otherwise: List | undefined;
    }
  | { readonly kind: 'loop'; readonly until: boolean; readonly condition: List; readonly body: List }
  | { readonly kind: 'for'; readonly name: string; readonly words: readonly Word[] | undefined; readonly body: List }
  | {
      readonly kind: 'case';
      readonly word: Word;
      readonly branches: readonly { readonly patterns: readonly Word[]; readonly body: List }[];
    }
  | { readonly kind: 'group'; readonly body: List; readonly subshell: boolean }
  | { readonly kind: 'arithmetic'; readonly expression: Word }
  | { readonly kind: 'function'; readonly name: string; readonly body: Command }
  | { readonly kind: 'redirected'; readonly command: Command; readonly redirects: readonly Redirect[] };

/** The script is no shell script, uses what this shell does not know (`unsupported`), or stops itself with `${X:?…}`. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError';
  readonly unsupported: boolean;

  constructor(message: string, unsupported = true) {
    super(message);
    this.unsupported = unsupported;
  }
}
