/** Virtual time: whole microseconds since the world's start. */
export type Micros = number;

export const microseconds = (n: number): Micros => Math.round(n);
export const milliseconds = (n: number): Micros => Math.round(n * 1_000);
export const seconds = (n: number): Micros => Math.round(n * 1_000_000);
export const minutes = (n: number): Micros => Math.round(n * 60_000_000);
export const hours = (n: number): Micros => Math.round(n * 3_600_000_000);

const UNITS: readonly (readonly [suffix: string, micros: Micros])[] = [
  ['us', 1],
  ['ms', 1_000],
  ['s', 1_000_000],
  ['m', 60_000_000],
  ['h', 3_600_000_000],
  ['d', 86_400_000_000],
];

/**
 * Reads a duration as people write it: `250us`, `8ms`, `1.5s`, `20m`, `1h30m`.
 *
 * @throws RangeError naming the text when it is no duration.
 */
export function parseDuration(text: string): Micros {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text.trim()) {
    throw new RangeError(`"${text}" is no duration: write for example 250us, 8ms, 1.5s, 20m or 1h30m`);
  }
  return parts.reduce((sum, [, amount, unit]) => {
    const micros = UNITS.find(([suffix]) => suffix === unit)?.[1] ?? 0;
    return sum + Math.round(Number(amount) * micros);
  }, 0);
}

/** Writes a span of time with the unit a reader would choose: `850us`, `12ms`, `1.204s`, `20m`, `1h30m`. */
export function formatDuration(micros: Micros): string {
  if (micros === 0) return '0s';
  if (micros < 1_000) return `${micros}us`;
  if (micros < 1_000_000) return `${micros / 1_000}ms`;
  const hours = Math.floor(micros / 3_600_000_000);
  const minutes = Math.floor((micros % 3_600_000_000) / 60_000_000);
  const rest = (micros % 60_000_000) / 1_000_000;
  const parts = [hours > 0 && `${hours}h`, minutes > 0 && `${minutes}m`, rest > 0 && `${rest}s`];
  return parts.filter(Boolean).join('');
}
