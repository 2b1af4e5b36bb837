import type { MicroTime, Time } from './types/index.ts';

const microsPerSecond = 1_000_000;

/** `2024-01-01T00:00:00Z` of whole microseconds since the Unix epoch; parts of a second are cut, as `metav1.Time` does. */
export function formatTime(epochMicros: number): Time {
  return `${dateAndClock(Math.floor(epochMicros / microsPerSecond))}Z`;
}

/** `2024-01-01T00:00:00.000000Z` of whole microseconds since the Unix epoch. */
export function formatMicroTime(epochMicros: number): MicroTime {
  const seconds = Math.floor(epochMicros / microsPerSecond);
  const rest = String(epochMicros - seconds * microsPerSecond).padStart(6, '0');
  return `${dateAndClock(seconds)}.${rest}Z`;
}

/**
 * `2024-01-01T00:00:00` of seconds since the Unix epoch. By hand, since every write of every object says when it was: a third of what
 * `Date` takes. Days to dates as in Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
 */
function dateAndClock(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const dayOfMonth = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const yearNow = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const clock = `${twoDigits(Math.floor(rest / 3600))}:${twoDigits(Math.floor(rest / 60) % 60)}:${twoDigits(rest % 60)}`;
  return `${String(yearNow).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(dayOfMonth)}T${clock}`;
}

const twoDigits = (number: number): string => (number < 10 ? `0${number}` : `${number}`);

const rfc3339 = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

/** Microseconds since the Unix epoch of an RFC 3339 time, finer digits cut; `undefined` when it is none. */
export function parseTime(text: string): number | undefined {
  return plainTime(text) ?? anyTime(text);
}

/** A time as this file writes them, in whole seconds: without `Date`, since every status and lease is read for its times. */
function plainTime(text: string): number | undefined {
  if (text.length !== 20 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T') return undefined;
  if (text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z') return undefined;
  const [year, month, date] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  const [hours, minutes, seconds] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  const isDay = year >= 0 && month >= 1 && month <= 12 && date >= 1 && date <= daysInMonth(year, month);
  const isClock = hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  if (!isDay || !isClock) return undefined;
  // Dates to days as in "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - 719_468;
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * microsPerSecond;
}

/** The number that these digits are; below zero when one of them is none. */
function digits(text: string, from: number, end: number): number {
  let number = 0;
  for (let at = from; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

function anyTime(text: string): number | undefined {
  const match = rfc3339.exec(text);
  if (match === null) return undefined;
  const [, day = '', clock = '', fraction = '', zone = ''] = match;
  // `new Date` turns 30 February into 1 March; upstream refuses it.
  if (Number(day.slice(8)) > daysInMonth(Number(day.slice(0, 4)), Number(day.slice(5, 7)))) return undefined;
  const millis = new Date(`${day}T${clock}${zone.toUpperCase()}`).getTime();
  return Number.isNaN(millis) ? undefined : millis * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** The AGE column: at most two units, coarser with size. Source: apimachinery `util/duration` HumanDuration. */
export function humanDuration(micros: number): string {
  const seconds = Math.trunc(micros / microsPerSecond);
  // Clocks of client and server differ a little in life, so up to a second in the future counts as now.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 2 * minute) return `${seconds}s`;
  const minutes = Math.floor(seconds / minute);
  if (minutes < 10) return twoUnits(minutes, 'm', seconds % minute, 's');
  if (minutes < 3 * 60) return `${minutes}m`;
  const hours = Math.floor(seconds / hour);
  if (hours < 8) return twoUnits(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 8 * 24) return twoUnits(days, 'd', hours % 24, 'h');
  if (seconds < 2 * year) return `${days}d`;
  const years = Math.floor(days / 365);
  return years < 8 ? twoUnits(years, 'y', days % 365, 'd') : `${years}y`;
}

function twoUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/** Age of a time stamp at `now` (microseconds); `<unknown>` when there is none. */
export function ageOf(time: string | undefined, now: number): string {
  const since = time === undefined ? undefined : parseTime(time);
  return since === undefined ? '<unknown>' : humanDuration(now - since);
}
