import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantities,
  addQuantity,
  canonicalQuantity,
  compareQuantities,
  compareQuantity,
  cpuMillis,
  formatQuantity,
  formatResourceAmount,
  isQuantity,
  milliValue,
  newQuantity,
  parseQuantity,
  quantityValue,
  resourceAmount,
  subQuantities,
  subQuantity,
  wholeValue,
} from './quantity.ts';

// Made by running the upstream code (Kubernetes 1.36).
const printed: readonly (readonly [string, string])[] = [
  ['1.5', '1500m'],
  ['0.5', '500m'],
  ['.5', '500m'],
  ['2000m', '2'],
  ['1001m', '1001m'],
  ['0.1m', '100u'],
  ['0.5n', '1n'],
  ['1000k', '1M'],
  ['1e3', '1e3'],
  ['12.5e6', '12500e3'],
  ['-1.5Gi', '-1536Mi'],
  ['1024Mi', '1Gi'],
  ['1025Mi', '1025Mi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1.5Ki', '1536'],
  ['0.1Ki', '102400m'],
  ['8Ei', '9223372036854775807'],
  ['9Ei', '9223372036854775807'],
  ['1e2', '100'],
  ['1024', '1024'],
  ['0m', '0'],
  ['0.0', '0'],
  ['-0', '0'],
  ['+1', '+1'],
  ['1.500', '1.500'],
  ['5.', '5.'],
  ['1E3', '1E3'],
  ['1.000', '1'],
];

describe('quantity', () => {
  it.each(printed)('print: %s comes back as %s', (text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected);
  });

  it.each(['1K', '1mi', '1ee3', '1e', '--1'])('parse: %s has no known suffix', (text) => {
    expect(() => parseQuantity(text)).toThrow("unable to parse quantity's suffix");
  });

  it.each(['', '1MB', '0x10', '1 Gi', ' 1', 'a', '1.2.3', 'toString'])('parse: %j is no number', (text) => {
    expect(() => parseQuantity(text)).toThrow('quantities must match the regular expression');
  });

  it('parse: case of a suffix matters', () => {
    expect([wholeValue(parseQuantity('1000m')), wholeValue(parseQuantity('1M')), wholeValue(parseQuantity('1E'))]).toEqual([
      1n,
      10n ** 6n,
      10n ** 18n,
    ]);
  });

  it.each([
    ['1Gi', '500M', '1573741824'],
    ['500M', '1Gi', '1573741824'],
    ['1Gi', '1m', '1073741824001m'],
    ['0', '1Gi', '1Gi'],
    ['1.500', '0', '1500m'],
    ['9Ei', '1', '8Ei'],
  ])('add: %s + %s = %s', (left, right, expected) => {
    expect(addQuantities(left, right)).toBe(expected);
  });

  it('sub: an empty left takes the format of the right', () => {
    expect(subQuantities('0', '2Gi')).toBe('-2Gi');
    expect(subQuantities('1', '500m')).toBe('500m');
  });

  it.each([
    ['100m', 1n],
    ['1001m', 2n],
    ['0.1Ki', 103n],
    ['-100m', -1n],
    ['1n', 1n],
  ])('value: %s rounds away from zero to %s', (text, expected) => {
    expect(wholeValue(parseQuantity(text))).toBe(expected);
  });

  it('milliValue: rounds away from zero, and overflows to 0 without a word', () => {
    expect(milliValue(parseQuantity('1n'))).toBe(1n);
    expect(milliValue(parseQuantity('1E'))).toBe(0n);
  });

  it('compare: the format does not count', () => {
    expect(compareQuantities('1Gi', '1024Mi')).toBe(0);
    expect(compareQuantities('1073741824', '1Gi')).toBe(0);
    expect(compareQuantities('1G', '1Gi')).toBe(-1);
  });

  it('newQuantity: binary format is used only where it is shorter', () => {
    expect(formatQuantity(newQuantity(200 * 1024 * 1024, 'BinarySI'))).toBe('200Mi');
    expect(formatQuantity(newQuantity(1000, 'BinarySI'))).toBe('1k');
    expect(formatQuantity(newQuantity(1048577, 'BinarySI'))).toBe('1048577');
  });

  it('resourceAmount: CPU counts in millicores, all else in whole units', () => {
    expect([cpuMillis('1.5'), cpuMillis('100m'), quantityValue('2Gi'), resourceAmount('cpu', '2'), resourceAmount('pods', '110')]).toEqual([
      1500, 100, 2147483648, 2000, 110,
    ]);
    expect([formatResourceAmount('cpu', 1500), formatResourceAmount('memory', 2 ** 30), formatResourceAmount('pods', 110)]).toEqual([
      '1500m',
      '1Gi',
      '110',
    ]);
  });

  it('parse: an absurd exponent is refused instead of filling memory', () => {
    expect(isQuantity('1e999999999')).toBe(false);
  });

  const suffix = fc.constantFrom('n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'e3', 'e-2', 'E5');
  const number = fc.oneof(
    fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }).map(String),
    fc.tuple(fc.integer({ min: -9999, max: 9999 }), fc.integer({ min: 0, max: 999999 })).map(([whole, rest]) => `${whole}.${rest}`),
  );
  const quantity = fc.tuple(number, suffix).map(([head, tail]) => head + tail);

  it('property: printing keeps the amount, and printing again changes nothing', () => {
    fc.assert(
      fc.property(quantity, (text) => {
        const once = formatQuantity({ nano: parseQuantity(text).nano, format: parseQuantity(text).format });
        expect(parseQuantity(once).nano).toBe(parseQuantity(text).nano);
        expect(formatQuantity(parseQuantity(once))).toBe(once);
      }),
    );
  });

  it('property: addition is exact, commutes in amount, and subtraction undoes it', () => {
    fc.assert(
      fc.property(quantity, quantity, (left, right) => {
        const [a, b] = [parseQuantity(left), parseQuantity(right)];
        const sum = addQuantity(a, b);
        expect(sum.nano).toBe(a.nano + b.nano);
        expect(addQuantity(b, a).nano).toBe(sum.nano);
        expect(subQuantity(sum, b).nano).toBe(a.nano);
      }),
    );
  });

  it('property: order is total and agrees with the sign of the difference', () => {
    fc.assert(
      fc.property(quantity, quantity, quantity, (x, y, z) => {
        const [a, b, c] = [parseQuantity(x), parseQuantity(y), parseQuantity(z)];
        expect(compareQuantity(a, b) + compareQuantity(b, a)).toBe(0);
        if (compareQuantity(a, b) <= 0 && compareQuantity(b, c) <= 0) expect(compareQuantity(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});
