import { COLUMNS, wrap } from '../../explain/wording.ts';

/** However far a line stands to the right, so many columns are left for its text. */
const LEAST = 40;

/**
 * Lines that fit a terminal: the first behind `indent` spaces, what does not fit on it behind `hang`. Lines of the text stay lines, each
 * behind its own spaces too. None for an empty text.
 */
export function hanging(text: string, indent = 0, hang = indent + 2): string[] {
  return text === '' ? [] : text.split('\n').flatMap((line) => hangingLine(line, indent, hang));
}

/** Writes a message for people. */
export function writeLine(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${hanging(text).join('\n')}\n`);
}

function hangingLine(line: string, indent: number, hang: number): string[] {
  // What fits keeps its spaces: something may be drawn with them.
  if (indent + line.length <= COLUMNS) return [(spaces(indent) + line).trimEnd()];
  const own = Math.min(line.length - line.trimStart().length, COLUMNS - LEAST - Math.max(indent, hang));
  const [first = '', ...rest] = wrap(line, COLUMNS - own - Math.max(indent, hang));
  return [spaces(own + indent) + first, ...rest.map((more) => spaces(own + hang) + more)];
}

const spaces = (count: number): string => ' '.repeat(count);
