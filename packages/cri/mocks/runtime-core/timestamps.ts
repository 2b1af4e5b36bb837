// Civil time without `Date`: a world's clock is virtual, and what it prints must not depend on the machine that simulates it.

/** `2026-01-01T00:00:00` and the microseconds after it, in UTC. */
function civil(unixMicros: number): { readonly seconds: string; readonly micros: number } {
  const micros = unixMicros % 1_000_000;
  const total = (unixMicros - micros) / 1_000_000;
  const second = total % 86_400;
  const { year, month, day } = dateOf((total - second) / 86_400);
  const clock = `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`;
  return { seconds: `${year}-${two(month)}-${two(day)}T${clock}`, micros };
}

/** Days since 1970 to a Gregorian date, counting in years that begin with March. */
function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Go's time.RFC3339Nano in UTC: zeros at the end of the fraction are left out. */
export function rfc3339NanoTrimmed(unixMicros: number): string {
  const { seconds, micros } = civil(unixMicros);
  return micros === 0 ? `${seconds}Z` : `${seconds}.${String(micros).padStart(6, '0').replace(/0+$/, '')}Z`;
}

/** As conmon writes it: always nine digits, and the offset of the machine's zone, which is UTC here. */
export function rfc3339NanoFull(unixMicros: number): string {
  const { seconds, micros } = civil(unixMicros);
  return `${seconds}.${String(micros).padStart(6, '0')}000+00:00`;
}

/** Nanoseconds since the epoch, as CRI has them. Zero stays zero: it means "not set". */
export const nanos = (unixMicros: number): bigint => BigInt(unixMicros) * 1000n;
