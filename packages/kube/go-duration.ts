const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);

/** What fits into 64 bits with a sign. */
const LONGEST = 2n ** 63n - 1n;

/**
 * Nanoseconds of a duration as Go programs read it (`1h30m`, `-1.5s`), or what is wrong in Go's words.
 * Source: Go `time.ParseDuration`.
 */
export function parseGoDuration(text: string): { readonly nanos: bigint } | { readonly problem: string } {
  const invalid = { problem: `time: invalid duration ${JSON.stringify(text)}` };
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return { nanos: 0n };
  if (rest === '') return invalid;
  let nanos = 0n;
  while (rest !== '') {
    const [number = '', whole = '', fraction = ''] = /^(\d*)(?:\.(\d*))?/.exec(rest) ?? [];
    if (whole === '' && fraction === '') return invalid;
    rest = rest.slice(number.length);
    const [unit = ''] = /^[^.\d]*/.exec(rest) ?? [];
    if (unit === '') return { problem: `time: missing unit in duration ${JSON.stringify(text)}` };
    const size = UNITS.get(unit);
    if (size === undefined) return { problem: `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}` };
    rest = rest.slice(unit.length);
    nanos += BigInt(whole === '' ? '0' : whole) * size + (BigInt(fraction === '' ? '0' : fraction) * size) / 10n ** BigInt(fraction.length);
    if (nanos > LONGEST) return invalid;
  }
  return { nanos: negative ? -nanos : nanos };
}
