import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageOf, formatMicroTime, formatTime, humanDuration, parseTime } from './time.ts';

const second = 1_000_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('time', () => {
  it('property: what is printed is read back to the microsecond', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 50), max: 2 ** 52 }), (micros) => {
        expect(parseTime(formatMicroTime(micros))).toBe(micros);
        expect(parseTime(formatTime(micros))).toBe(Math.floor(micros / second) * second);
      }),
    );
  });

  it('formatTime: whole seconds in UTC', () => {
    expect(formatTime(1_704_067_200_999_999)).toBe('2024-01-01T00:00:00Z');
    expect(formatMicroTime(1_704_067_200_000_001)).toBe('2024-01-01T00:00:00.000001Z');
  });

  it('parseTime: understands offsets and finer digits, refuses what is no time', () => {
    expect(parseTime('2024-01-01T01:00:00+01:00')).toBe(1_704_067_200 * second);
    expect(parseTime('2024-01-01T00:00:00.123456789Z')).toBe(1_704_067_200 * second + 123_456);
    expect(['2024-02-30T00:00:00Z', '2023-02-29T00:00:00Z', '2024-01-01', '2024-13-01T00:00:00Z', 'now'].map(parseTime)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(parseTime('2024-02-29T00:00:00Z')).toBeDefined();
  });

  it.each([
    [0, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [2 * minute + second, '2m1s'],
    [9 * minute + 59 * second, '9m59s'],
    [10 * minute + 30 * second, '10m'],
    [179 * minute, '179m'],
    [3 * hour, '3h'],
    [3 * hour + minute, '3h1m'],
    [8 * hour + minute, '8h'],
    [47 * hour, '47h'],
    [2 * day, '2d'],
    [2 * day + hour, '2d1h'],
    [8 * day + hour, '8d'],
    [729 * day, '729d'],
    [730 * day, '2y'],
    [731 * day, '2y1d'],
    [8 * 365 * day + day, '8y'],
    [-second / 2, '0s'],
    [-second, '0s'],
    [-2 * second, '<invalid>'],
  ])('humanDuration: %d µs is %s', (micros, text) => {
    expect(humanDuration(micros)).toBe(text);
  });

  it('ageOf: no time is unknown', () => {
    expect(ageOf(undefined, 0)).toBe('<unknown>');
    expect(ageOf('1970-01-01T00:00:00Z', 90 * second)).toBe('90s');
  });
});
