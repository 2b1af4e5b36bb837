/** A point in an input: counted from 1, as editors do. */
export interface Place {
  /** As the user named it; `-` for standard input. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One mistake in an input. */
export interface Problem {
  readonly place: Place;
  /** What is wrong, with object and field path where there is one. */
  readonly message: string;
  /** What to write instead. */
  readonly fix?: string;
}

/** The input is wrong: nothing has been done with it. The command prints it and exits with 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join('\n'));
    this.problems = problems;
  }
}

/** `app.yaml:12:9: message` and, indented, the fix. */
export function problemText({ place, message, fix }: Problem): string {
  const where = place.line > 0 ? `${place.file}:${place.line}:${place.column}` : place.file;
  return `${where}: ${message}${fix === undefined ? '' : `\n  ${fix}`}`;
}
