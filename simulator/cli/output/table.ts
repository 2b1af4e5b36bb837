import Table from 'cli-table3';
import { COLUMNS, wrap } from '../../explain/wording.ts';

const NO_LINES = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((name) => [name, '']),
);

const GAP = 3;

/** A table for people: columns three spaces apart; where it would be wider than a terminal surely is, its widest columns are wrapped. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    head: head.map((column) => column.toUpperCase()),
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 1 },
  });
  const widths = fitted([head, ...rows]);
  for (const row of rows) made.push(row.map((cell, column) => wrap(cell, widths[column] ?? COLUMNS).join('\n')));
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Widths at which the columns fit side by side: narrow ones keep theirs, the others share what is left, and words stay whole if they can. */
function fitted(rows: readonly (readonly string[])[]): readonly number[] {
  const columns = (rows[0] ?? []).map((_, column) => rows.map((row) => row[column] ?? ''));
  const room = COLUMNS - GAP * (columns.length - 1);
  const natural = columns.map((cells) => longest(cells));
  const words = columns.map((cells) => longest(cells.flatMap((cell) => cell.split(' '))));
  for (let share = room; share > 0; share -= 1) {
    const widths = natural.map((width, column) => Math.max(Math.min(width, share), words[column] ?? 0));
    if (widths.reduce((sum, width) => sum + width, 0) <= room) return widths;
  }
  return natural.map((width) => Math.min(width, Math.floor(room / columns.length)));
}

const longest = (texts: readonly string[]): number => texts.reduce((most, { length }) => Math.max(most, length), 1);
