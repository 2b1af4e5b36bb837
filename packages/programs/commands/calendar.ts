import type { Micros } from '@slipway/kernel';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Year, month (1 to 12) and day of a count of days since 1970-01-01, in the Gregorian calendar. */
export function civilDate(days: number): { year: number; month: number; day: number } {
  // Counted in eras of 400 years that begin on the first of March, so that a leap day ends its year.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const march = Math.floor((5 * dayOfYear + 2) / 153);
  const month = march < 10 ? march + 3 : march - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * march + 2) / 5) + 1 };
}

/** Writes a time as `date +FORMAT` does, in UTC and the C locale. */
export function formatDate(unixMicros: Micros, format: string): string {
  const unix = Math.floor(unixMicros / 1_000_000);
  const days = Math.floor(unix / 86_400);
  const { year, month, day } = civilDate(days);
  const second = unix - days * 86_400;
  const two = (number: number): string => String(number).padStart(2, '0');
  const time = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  const fields: Readonly<Record<string, string>> = {
    '%': '%',
    a: DAYS[(((days + 4) % 7) + 7) % 7] ?? '',
    b: MONTHS[month - 1] ?? '',
    d: two(day),
    e: String(day).padStart(2),
    F: `${year}-${two(month)}-${two(day)}`,
    H: time.slice(0, 2),
    m: two(month),
    M: time.slice(3, 5),
    N: String((unixMicros % 1_000_000) * 1000).padStart(9, '0'),
    s: String(unix),
    S: time.slice(6),
    T: time,
    Y: String(year),
    y: two(year % 100),
    Z: 'UTC',
  };
  return format.replace(/%([%a-zA-Z])/g, (whole, letter: string) => fields[letter] ?? whole);
}
