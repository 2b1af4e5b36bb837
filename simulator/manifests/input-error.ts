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

/** A message shows so many mistakes; what comes after them is mostly more of the same. */
const SHOWN = 10;

/** The input is wrong: nothing has been done with it. The command prints it and exits with 2. */
export class InputError extends Error {
  override readonly name = 'InputError';
  /** File by file, in the order of the text. */
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const sorted = inOrder(problems);
    const rest = sorted.length - SHOWN;
    super([...sorted.slice(0, SHOWN).map(problemText), ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n'));
    this.problems = sorted;
  }
}

function inOrder(problems: readonly Problem[]): Problem[] {
  const files = new Map<string, number>();
  for (const { place } of problems) if (!files.has(place.file)) files.set(place.file, files.size);
  const rank = ({ place }: Problem): number => files.get(place.file) ?? 0;
  return [...problems].sort((a, b) => rank(a) - rank(b) || a.place.line - b.place.line || a.place.column - b.place.column);
}

/** `app.yaml:12:9`; the file alone where no line is known. */
export function placeText({ file, line, column }: Place): string {
  return line > 0 ? `${file}:${line}:${column}` : file;
}

/** `app.yaml:12:9: message` and, indented, the fix. */
export function problemText({ place, message, fix }: Problem): string {
  return `${placeText(place)}: ${message}${fix === undefined ? '' : `\n  ${fix}`}`;
}
