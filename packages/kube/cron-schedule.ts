import { parseGoDuration } from './go-duration.ts';

// Schedules of CronJobs. The API server refuses exactly what robfig/cron v3 cannot read, and says so in its words; no library for
// JavaScript reads the same language (Sunday is never 7, `?` is `*`, `5/15` counts on to 59, `@every 90s`), and all of them get their
// times from the machine's time zone or from Intl, which differs between engines. Source: robfig/cron v3.0.1, `parser.go`, `spec.go`,
// `constantdelay.go`.

/** When something happens, over and over. Times are whole seconds since the Unix epoch; days and hours are those of UTC. */
export interface CronSchedule {
  /** First time later than `after`; undefined when there is none in this year and the five after it: 31 February. */
  next(after: number): number | undefined;
}

/** Reads five fields (minute, hour, day of month, month, day of week), `@hourly` and the like, or `@every 90s`. */
export function parseCronSchedule(text: string): { readonly schedule: CronSchedule } | { readonly problem: string } {
  try {
    return { schedule: text.startsWith('@') ? readDescriptor(text) : readFields(text) };
  } catch (error) {
    if (error instanceof Unreadable) return { problem: error.message };
    throw error;
  }
}

/** What robfig/cron says. */
class Unreadable extends Error {}

/** Values of a field at which the schedule happens. */
interface Field {
  readonly values: ReadonlySet<number>;
  /** Written with a star: leaves the choice of days to the other field of days. */
  readonly star: boolean;
}

interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly words?: readonly string[];
}

const BOUNDS = {
  minute: { low: 0, high: 59 },
  hour: { low: 0, high: 23 },
  day: { low: 1, high: 31 },
  month: { low: 1, high: 12, words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  weekday: { low: 0, high: 6, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
} as const satisfies Record<string, Bounds>;

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
]);

const EVERY = '@every ';

function readDescriptor(text: string): CronSchedule {
  const fields = DESCRIPTORS.get(text);
  if (fields !== undefined) return readFields(fields);
  if (!text.startsWith(EVERY)) throw new Unreadable(`unrecognized descriptor: ${text}`);
  const duration = parseGoDuration(text.slice(EVERY.length));
  if ('problem' in duration) throw new Unreadable(`failed to parse duration ${text}: ${duration.problem}`);
  const delay = Math.max(1, Number(duration.nanos / 1_000_000_000n));
  return { next: (after) => Math.floor(after) + delay };
}

function readFields(text: string): CronSchedule {
  if (text === '') throw new Unreadable('empty spec string');
  const fields = text.split(/\s+/).filter((field) => field !== '');
  const [minute, hour, day, month, weekday] = fields;
  if (minute === undefined || hour === undefined || day === undefined || month === undefined || weekday === undefined || fields.length > 5)
    throw new Unreadable(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  return new FieldSchedule({
    minute: readField(minute, BOUNDS.minute),
    hour: readField(hour, BOUNDS.hour),
    day: readField(day, BOUNDS.day),
    month: readField(month, BOUNDS.month),
    weekday: readField(weekday, BOUNDS.weekday),
  });
}

function readField(text: string, bounds: Bounds): Field {
  const values = new Set<number>();
  let star = false;
  for (const expression of text.split(',')) {
    // As upstream: what is empty between two commas says nothing, so "," is a field without any value.
    if (expression === '') continue;
    const range = readRange(expression, bounds);
    for (let value = range.first; value <= range.last; value += range.step) values.add(value);
    star ||= range.star;
  }
  return { values, star };
}

interface Range {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly star: boolean;
}

/** `*`, `5`, `1-5`, each with or without a step after a slash; a single value with a step goes on to the greatest. */
function readRange(text: string, bounds: Bounds): Range {
  const [span = '', stepText, tooMuch] = text.split('/');
  const ends = span.split('-');
  const [from = '', to] = ends;
  const all = from === '*' || from === '?';
  if (!all && ends.length > 2) throw new Unreadable(`too many hyphens: ${text}`);
  const first = all ? bounds.low : readValue(from, bounds);
  let last = first;
  if (all) last = bounds.high;
  else if (to !== undefined) last = readValue(to, bounds);
  if (tooMuch !== undefined) throw new Unreadable(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : readNumber(stepText);
  if (stepText !== undefined && to === undefined) last = bounds.high;
  if (first < bounds.low) throw new Unreadable(`beginning of range (${first}) below minimum (${bounds.low}): ${text}`);
  if (last > bounds.high) throw new Unreadable(`end of range (${last}) above maximum (${bounds.high}): ${text}`);
  if (first > last) throw new Unreadable(`beginning of range (${first}) beyond end of range (${last}): ${text}`);
  if (step === 0) throw new Unreadable(`step of range should be a positive number: ${text}`);
  return { first, last, step, star: all && step === 1 };
}

function readValue(text: string, { low, words = [] }: Bounds): number {
  const word = words.indexOf(text.toLowerCase());
  return word < 0 ? readNumber(text) : word + low;
}

/** A number as Go's `strconv.Atoi` reads it. */
function readNumber(text: string): number {
  const fault = (why: string): Unreadable =>
    new Unreadable(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: ${why}`);
  if (!/^[+-]?\d+$/.test(text)) throw fault('invalid syntax');
  const number = BigInt(text.replace('+', ''));
  if (BigInt.asIntN(64, number) !== number) throw fault('value out of range');
  if (number < 0n) throw new Unreadable(`negative number (${number}) not allowed: ${text}`);
  return Number(number);
}

const MINUTES_A_DAY = 1440;
const YEARS_AHEAD = 5;
/** 1 January 1970. */
const THURSDAY = 4;

class FieldSchedule implements CronSchedule {
  readonly #month: Field;
  readonly #day: Field;
  readonly #weekday: Field;
  /** Minutes of a day at which it happens, in order: the same on each day. */
  readonly #minutes: readonly number[];

  constructor({ minute, hour, day, month, weekday }: Record<keyof typeof BOUNDS, Field>) {
    this.#month = month;
    this.#day = day;
    this.#weekday = weekday;
    this.#minutes = [...hour.values].flatMap((hours) => [...minute.values].map((minutes) => hours * 60 + minutes)).sort((a, b) => a - b);
  }

  next(after: number): number | undefined {
    const start = Math.floor(after) + 1;
    const earliest = Math.ceil(start / 60);
    const firstDay = Math.floor(earliest / MINUTES_A_DAY);
    const lastYear = dateOf(Math.floor(start / 86_400)).getUTCFullYear() + YEARS_AHEAD;
    for (let day = firstDay; ; day += 1) {
      const date = dateOf(day);
      if (date.getUTCFullYear() > lastYear) return undefined;
      if (!this.#includes(day, date)) continue;
      const from = day === firstDay ? earliest - firstDay * MINUTES_A_DAY : 0;
      const minute = this.#minutes.find((each) => each >= from);
      if (minute !== undefined) return (day * MINUTES_A_DAY + minute) * 60;
    }
  }

  #includes(day: number, date: Date): boolean {
    if (!this.#month.values.has(date.getUTCMonth() + 1)) return false;
    const byDay = this.#day.values.has(date.getUTCDate());
    const byWeekday = this.#weekday.values.has((((day + THURSDAY) % 7) + 7) % 7);
    // Two restrictions of the day widen each other: `0 0 13 * fri` is every 13th and every Friday.
    return this.#day.star || this.#weekday.star ? byDay && byWeekday : byDay || byWeekday;
  }
}

function dateOf(day: number): Date {
  return new Date(day * 86_400_000);
}
