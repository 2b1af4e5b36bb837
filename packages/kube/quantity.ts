import type { Quantity } from './types/index.ts';

// Exact amounts as Kubernetes reads and prints them. Source: apimachinery `api/resource/quantity.go`, whose quirks are kept on purpose:
// a manifest that upstream keeps as "1.500" must not come back as "1500m" here.

/** How an amount is printed: `2e3`, `2Ki` or `2k`. It comes from the text that was parsed. */
export type QuantityFormat = 'DecimalExponent' | 'BinarySI' | 'DecimalSI';

/** An exact amount. Made by `parseQuantity`, `newQuantity` and arithmetic only. */
export interface QuantityAmount {
  /** The amount in units of 10⁻⁹, the finest that there is. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** Text that is printed as it came, until arithmetic touches the amount. */
  readonly text?: string;
}

/** A text that is no quantity. `message` is upstream's. */
export class QuantityError extends Error {
  readonly code: 'FormatWrong' | 'Suffix';
  constructor(code: 'FormatWrong' | 'Suffix') {
    super(
      code === 'FormatWrong'
        ? "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        : "unable to parse quantity's suffix",
    );
    this.name = 'QuantityError';
    this.code = code;
  }
}

const nanosPerUnit = 1_000_000_000n;
const int64Max = 2n ** 63n - 1n;
const decimalSuffixes: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const binarySuffixes: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const decimalSuffixOf: ReadonlyMap<number, string> = new Map(Object.entries(decimalSuffixes).map(([suffix, power]) => [power, suffix]));
const binarySuffixNames = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

// Sign, leading zeros, digits, fraction, suffix. The digits may all be missing: upstream reads "-" and "." as zero too.
const grammar = /^([+-]?)0*(\d*)(?:\.(\d*))?([eEinumkKMGTP]*(?:[+-]?\d*))$/;
// A bigint is written out in full, so an absurd exponent would take all memory. Upstream has no such bound.
const maxExponent = 500;

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function readSuffix(suffix: string): Suffix {
  const decimal = Object.hasOwn(decimalSuffixes, suffix) ? decimalSuffixes[suffix] : undefined;
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' };
  const binary = Object.hasOwn(binarySuffixes, suffix) ? binarySuffixes[suffix] : undefined;
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' };
  if (!/^[eE][+-]?\d+$/.test(suffix)) throw new QuantityError('Suffix');
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > maxExponent) throw new QuantityError('Suffix');
  return { base: 10, exponent, format: 'DecimalExponent' };
}

/**
 * Reads a quantity exactly; parts below 10⁻⁹ round away from zero, binary amounts are capped at 2⁶³ − 1.
 *
 * @throws QuantityError FormatWrong (not a number with a suffix), Suffix (no such suffix)
 */
export function parseQuantity(text: Quantity): QuantityAmount {
  const match = text === '' ? null : grammar.exec(text);
  if (match === null) throw new QuantityError('FormatWrong');
  const [, sign = '', digits = '', fraction = '', suffixText = ''] = match;
  const whole = digits === '' ? '0' : digits;
  const { base, exponent, format } = readSuffix(suffixText);
  const mantissa = BigInt(whole + fraction);
  // The number is mantissa × 10^scale, and × 2^exponent for binary suffixes.
  const scale = (base === 10 ? exponent : 0) - fraction.length;
  const factor = base === 2 ? 2n ** BigInt(exponent) : 1n;
  const unsigned = scaleUp(mantissa * factor, scale + 9);
  const capped = format === 'BinarySI' && unsigned > int64Max * nanosPerUnit ? int64Max * nanosPerUnit : unsigned;
  const nano = sign === '-' ? -capped : capped;
  if (text === '0' || keepsText(whole, fraction, scale, exponent, format, mantissa * factor)) return { nano, format, text };
  const small = format === 'BinarySI' && capped > 0n && capped < nanosPerUnit;
  return { nano, format: small ? 'DecimalSI' : format };
}

/** What upstream's fast path takes to be canonical already, rightly or not. */
function keepsText(whole: string, fraction: string, scale: number, exponent: number, format: QuantityFormat, product: bigint): boolean {
  const shifted = whole + fraction;
  if (format === 'BinarySI') {
    const precision = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1;
    return fraction === '' && precision >= 0 && product <= int64Max && (BigInt(whole) & 7n) !== 0n;
  }
  if (shifted.length > 18 || scale < -9) return false;
  return scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
}

/** `mantissa × 10^power` as a whole number, rounded away from zero; the mantissa is not negative. */
function scaleUp(mantissa: bigint, power: number): bigint {
  if (power >= 0) return mantissa * 10n ** BigInt(power);
  return divideUp(mantissa, 10n ** BigInt(-power));
}

/** Quotient rounded away from zero; the divisor is positive. */
function divideUp(value: bigint, divisor: bigint): bigint {
  if (value < 0n) return -divideUp(-value, divisor);
  return (value + divisor - 1n) / divisor;
}

/** A whole amount, as `resource.NewQuantity`. */
export function newQuantity(value: number | bigint, format: QuantityFormat): QuantityAmount {
  return { nano: BigInt(value) * nanosPerUnit, format };
}

/** An amount in thousandths, as `resource.NewMilliQuantity`. */
export function newMilliQuantity(millis: number | bigint, format: QuantityFormat): QuantityAmount {
  return { nano: BigInt(millis) * 1_000_000n, format };
}

/** Prints an amount: whole mantissa, nothing lost, largest suffix; a kept text as it is. */
export function formatQuantity(amount: QuantityAmount): Quantity {
  const { nano, format, text } = amount;
  if (text !== undefined) return text;
  if (nano === 0n) return '0';
  // Upstream prints small and fractional binary amounts in decimal form, to lose nothing.
  const binary = format === 'BinarySI' && nano % nanosPerUnit === 0n && absolute(nano) >= 1024n * nanosPerUnit;
  return binary ? formatBinary(nano / nanosPerUnit) : formatDecimal(nano, format === 'DecimalExponent');
}

function formatBinary(value: bigint): Quantity {
  let mantissa = value;
  let thousands = 0;
  while (mantissa % 1024n === 0n && thousands < 6) {
    mantissa /= 1024n;
    thousands += 1;
  }
  return `${mantissa}${binarySuffixNames[thousands] ?? ''}`;
}

function formatDecimal(nano: bigint, asExponent: boolean): Quantity {
  let mantissa = nano;
  let exponent = -9;
  while (mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (exponent === 0) return mantissa.toString();
  const suffix = asExponent ? undefined : decimalSuffixOf.get(exponent);
  return `${mantissa}${suffix ?? `e${exponent}`}`;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Exact sum; printed in the left operand's format, or the right's when the left is zero. */
export function addQuantity(left: QuantityAmount, right: QuantityAmount): QuantityAmount {
  return { nano: left.nano + right.nano, format: left.nano === 0n ? right.format : left.format };
}

/** Exact difference, printed as `addQuantity` says. */
export function subQuantity(left: QuantityAmount, right: QuantityAmount): QuantityAmount {
  return { nano: left.nano - right.nano, format: left.nano === 0n ? right.format : left.format };
}

/** −1, 0 or 1 by amount; the format does not count. */
export function compareQuantity(left: QuantityAmount, right: QuantityAmount): -1 | 0 | 1 {
  return left.nano < right.nano ? -1 : left.nano > right.nano ? 1 : 0;
}

/** The amount in whole units, rounded away from zero; 0 beyond 64 bits, as upstream overflows without a word. */
export function wholeValue(amount: QuantityAmount): bigint {
  return int64OrZero(divideUp(amount.nano, nanosPerUnit));
}

/** The amount in thousandths, rounded away from zero; 0 beyond 64 bits. */
export function milliValue(amount: QuantityAmount): bigint {
  return int64OrZero(divideUp(amount.nano, 1_000_000n));
}

function int64OrZero(value: bigint): bigint {
  return value > int64Max || value < -int64Max - 1n ? 0n : value;
}

/** Whether a text can be parsed. */
export function isQuantity(text: string): boolean {
  try {
    parseQuantity(text);
    return true;
  } catch (error) {
    if (error instanceof QuantityError) return false;
    throw error;
  }
}

/** Sum of texts: `addQuantities('1Gi', '500M')`. @throws QuantityError */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  return formatQuantity(addQuantity(parseQuantity(left), parseQuantity(right)));
}

/** Difference of texts. @throws QuantityError */
export function subQuantities(left: Quantity, right: Quantity): Quantity {
  return formatQuantity(subQuantity(parseQuantity(left), parseQuantity(right)));
}

/** Order of texts by amount. @throws QuantityError */
export function compareQuantities(left: Quantity, right: Quantity): -1 | 0 | 1 {
  return left === right ? 0 : compareQuantity(parseQuantity(left), parseQuantity(right));
}

/** The text as upstream would print it after parsing: `0.5` → `500m`. @throws QuantityError */
export function canonicalQuantity(text: Quantity): Quantity {
  return formatQuantity(parseQuantity(text));
}

/**
 * Remembers a pure function's answers. A cluster holds few different texts but schedulers read them millions of times; the table can
 * not be observed from outside, so worlds still do not touch.
 */
function memoised(compute: (text: string) => number): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const value = compute(text);
    if (known.size >= 10_000) known.clear();
    known.set(text, value);
    return value;
  };
}

/** Millicores of a CPU quantity, rounded up. @throws QuantityError */
export const cpuMillis: (text: Quantity) => number = memoised((text) => Number(milliValue(parseQuantity(text))));

/** Whole units of a quantity, rounded up: bytes, pods, devices. Exact up to 2⁵³. @throws QuantityError */
export const quantityValue: (text: Quantity) => number = memoised((text) => Number(wholeValue(parseQuantity(text))));

/** Bytes of a memory or storage quantity: `quantityValue` by the name that reads well there. */
export const bytes: (text: Quantity) => number = quantityValue;

/** The unit that schedulers and kubelets count a resource in: millicores for `cpu`, whole units for all others. @throws QuantityError */
export function resourceAmount(resource: string, text: Quantity): number {
  return resource === 'cpu' ? cpuMillis(text) : quantityValue(text);
}

/** Prints an amount counted in the unit of `resourceAmount`: `('cpu', 1500)` → `1500m`, `('memory', 1073741824)` → `1Gi`. */
export function formatResourceAmount(resource: string, amount: number): Quantity {
  if (resource === 'cpu') return formatQuantity(newMilliQuantity(amount, 'DecimalSI'));
  const binary = resource === 'memory' || resource.startsWith('hugepages-') || resource.endsWith('storage');
  return formatQuantity(newQuantity(amount, binary ? 'BinarySI' : 'DecimalSI'));
}
