import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CronSchedule, parseCronSchedule } from './cron-schedule.ts';

const read = (text: string): CronSchedule => {
  const result = parseCronSchedule(text);
  if ('problem' in result) throw new Error(`${text}: ${result.problem}`);
  return result.schedule;
};
const problemOf = (text: string): string => {
  const result = parseCronSchedule(text);
  return 'problem' in result ? result.problem : 'fine';
};
const at = (text: string): number => Date.parse(text) / 1000;
const nextOf = (schedule: string, after: string): string | undefined => {
  const next = read(schedule).next(at(after));
  return next === undefined ? undefined : new Date(next * 1000).toISOString().replace('.000', '');
};

describe('schedule', () => {
  // Source: robfig/cron v3 `spec_test.go`, TestNext, those of five fields; days of the week checked against a calendar.
  it.each([
    ['0/15 * * * *', '2012-07-09T14:45:00Z', '2012-07-09T15:00:00Z'],
    ['0/15 * * * *', '2012-07-09T14:59:59Z', '2012-07-09T15:00:00Z'],
    ['20-35/15 * * * *', '2012-07-09T15:45:00Z', '2012-07-09T16:20:00Z'],
    ['0/15 * * * *', '2012-12-31T23:45:00Z', '2013-01-01T00:00:00Z'],
    ['30 3 * * *', '2026-01-01T03:30:00Z', '2026-01-02T03:30:00Z'],
    ['0 0 9 apr ?', '2012-07-09T23:35:00Z', '2013-04-09T00:00:00Z'],
    ['0 0 * feb Mon', '2012-07-09T23:35:00Z', '2013-02-04T00:00:00Z'],
    ['0 0 29 2 ?', '2012-07-09T23:35:00Z', '2016-02-29T00:00:00Z'],
    ['30 6-16/4 * * 1-5', '2026-01-02T14:30:00Z', '2026-01-05T06:30:00Z'],
    ['0 0 13 * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['0 0 */13 * fri', '2026-01-02T00:00:00Z', '2026-01-09T00:00:00Z'],
    ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['@daily', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['@midnight', '2026-01-01T00:00:01Z', '2026-01-02T00:00:00Z'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['@monthly', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'],
    ['@yearly', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['@annually', '2026-06-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['@every 1h30m10.7s', '2026-01-01T00:00:00Z', '2026-01-01T01:30:10Z'],
    ['@every 200ms', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
    ['@every -5m', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'],
    ['59 23 31 2 *', '2026-01-01T00:00:00Z', undefined],
    [', * * * *', '2026-01-01T00:00:00Z', undefined],
  ])('%s after %s: %s', (schedule, after, wanted) => {
    expect(nextOf(schedule, after)).toBe(wanted);
  });

  it.each([
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['0 * * * * *', 'expected exactly 5 fields, found 6: [0 * * * * *]'],
    ['0 0 * * 7', 'end of range (7) above maximum (6): 7'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['0 0 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['*/-1 * * * *', 'negative number (-1) not allowed: -1'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['* * * * funday', 'failed to parse int from funday: strconv.Atoi: parsing "funday": invalid syntax'],
    ['99999999999999999999 * * * *', /parsing "99999999999999999999": value out of range$/],
    ['@sometimes', 'unrecognized descriptor: @sometimes'],
    ['@every 5', 'failed to parse duration @every 5: time: missing unit in duration "5"'],
    ['@every soon', 'failed to parse duration @every soon: time: invalid duration "soon"'],
    ['@every 5d', 'failed to parse duration @every 5d: time: unknown unit "d" in duration "5d"'],
  ])('cannot be read: "%s"', (schedule, problem) => {
    if (typeof problem === 'string') expect(problemOf(schedule)).toBe(problem);
    else expect(problemOf(schedule)).toMatch(problem);
  });

  /** A field, what it says to a model that knows nothing of ranges, and whether it leaves days alone. */
  interface Part {
    readonly text: string;
    readonly matches: (value: number) => boolean;
    readonly star: boolean;
  }
  const words = { month: 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' '), weekday: 'sun mon tue wed thu fri sat'.split(' ') };

  function part(low: number, high: number, names: readonly string[] = []): fc.Arbitrary<Part> {
    const write = (value: number, named: boolean): string => (named ? (names[value - low]?.toUpperCase() ?? `${value}`) : `${value}`);
    const one = fc
      .record({ value: fc.integer({ min: low, max: high }), named: fc.boolean() })
      .map(({ value, named }): Part => ({ text: write(value, named), matches: (each) => each === value, star: false }));
    const span = fc
      .record({
        a: fc.integer({ min: low, max: high }),
        b: fc.integer({ min: low, max: high }),
        step: fc.integer({ min: 1, max: 9 }),
        named: fc.boolean(),
      })
      .map(({ a, b, step, named }): Part => {
        const [first, last] = [Math.min(a, b), Math.max(a, b)];
        return {
          text: `${write(first, named)}-${last}${step === 1 ? '' : `/${step}`}`,
          matches: (each) => each >= first && each <= last && (each - first) % step === 0,
          star: false,
        };
      });
    const onwards = fc.record({ first: fc.integer({ min: low, max: high }), step: fc.integer({ min: 1, max: 9 }) }).map(
      ({ first, step }): Part => ({
        text: `${first}/${step}`,
        matches: (each) => each >= first && (each - first) % step === 0,
        star: false,
      }),
    );
    const star = fc.record({ step: fc.integer({ min: 1, max: 9 }), sign: fc.constantFrom('*', '?') }).map(
      ({ step, sign }): Part => ({
        text: step === 1 ? sign : `${sign}/${step}`,
        matches: (each) => (each - low) % step === 0,
        star: step === 1,
      }),
    );
    const whole: Part = { text: '*', matches: () => true, star: true };
    const list = fc.array(fc.oneof(one, span, onwards, star), { minLength: 1, maxLength: 3 }).map(
      (parts): Part => ({
        text: parts.map(({ text }) => text).join(','),
        matches: (each) => parts.some(({ matches }) => matches(each)),
        star: parts.some((each) => each.star),
      }),
    );
    return fc.oneof({ weight: 2, arbitrary: fc.constant(whole) }, { weight: 3, arbitrary: list });
  }

  it('comes at the minutes, and only at the minutes, of a model that looks at every single one', () => {
    const HORIZON = 4 * 1440;
    fc.assert(
      fc.property(
        fc.record({
          minute: part(0, 59),
          hour: part(0, 23),
          day: part(1, 31),
          month: part(1, 12, words.month),
          weekday: part(0, 6, words.weekday),
          after: fc.integer({ min: at('1999-12-25T00:00:00Z'), max: at('2100-03-05T00:00:00Z') }),
        }),
        ({ minute, hour, day, month, weekday, after }) => {
          const schedule = read([minute, hour, day, month, weekday].map(({ text }) => text).join('  '));
          let wanted: number | undefined;
          const first = Math.floor(after / 60) * 60 + 60;
          for (let time = first; time < first + HORIZON * 60 && wanted === undefined; time += 60) {
            const date = new Date(time * 1000);
            const byDay = day.matches(date.getUTCDate());
            const byWeekday = weekday.matches(date.getUTCDay());
            const onDay = day.star || weekday.star ? byDay && byWeekday : byDay || byWeekday;
            if (onDay && minute.matches(date.getUTCMinutes()) && hour.matches(date.getUTCHours()) && month.matches(date.getUTCMonth() + 1))
              wanted = time;
          }
          const next = schedule.next(after);
          if (wanted === undefined) expect(next === undefined || next >= first + HORIZON * 60).toBe(true);
          else expect(next).toBe(wanted);
        },
      ),
      { numRuns: 300 },
    );
  });
});
