import { type BenchCase, ratio, type Unit } from './measurement.ts';

/** One line of the report; its keys are those of `--json`. */
export interface Row {
  readonly name: string;
  readonly work: string;
  readonly unit: Unit;
  readonly measured?: number;
  readonly goal?: number;
  /** How many times better than the goal; below 1 it is missed. */
  readonly ratio?: number;
  readonly peakMiB?: number;
  readonly note?: string;
}

export function rowOf(
  { name, work, unit }: BenchCase,
  measured: number,
  goal: number | undefined,
  peakMiB: number,
  note: string | undefined,
): Row {
  return {
    name,
    work,
    unit,
    measured,
    ...(goal === undefined ? {} : { goal, ratio: ratio(unit, measured, goal) }),
    peakMiB: Math.round(peakMiB),
    ...(note === undefined ? {} : { note }),
  };
}

export function skipped({ name, work, unit, goal }: BenchCase, note: string): Row {
  return { name, work, unit, ...(goal === undefined ? {} : { goal: goal.value }), note };
}

const COLUMNS: readonly (readonly [title: string, width: number, text: (row: Row) => string])[] = [
  ['case', -15, ({ name }) => name],
  ['work', -60, ({ work }) => work],
  ['measured', 16, ({ measured, unit }) => (measured === undefined ? '-' : withUnit(measured, unit))],
  ['goal', 14, ({ goal, unit }) => (goal === undefined ? '-' : withUnit(goal, unit))],
  ['ratio', 7, (row) => (row.ratio === undefined ? '-' : significant(row.ratio))],
  ['peak', 9, ({ peakMiB }) => (peakMiB === undefined ? '-' : `${peakMiB} MiB`)],
  ['', -1, ({ note = '' }) => note],
];

export function heading(): string {
  return COLUMNS.map(([title, width]) => padded(title, width)).join('  ');
}

export function line(row: Row): string {
  return COLUMNS.map(([, width, text]) => padded(text(row), width)).join('  ');
}

function padded(text: string, width: number): string {
  return width < 0 ? text.padEnd(-width) : text.padStart(width);
}

function withUnit(value: number, unit: Unit): string {
  return unit.startsWith('/') ? `${significant(value)}${unit}` : unit === 'x' ? `${significant(value)}x` : `${significant(value)} ${unit}`;
}

/** Three digits that count, and all those of a large whole number. */
function significant(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
