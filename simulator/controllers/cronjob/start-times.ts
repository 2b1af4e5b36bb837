import { type Micros, milliseconds, seconds } from '@slipway/kernel';
import { type CronJob, type CronSchedule, parseTime, type Stored } from '@slipway/kube';

// Which start is due, and when to look again. Source: `pkg/controller/cronjob/utils.go`, mostRecentScheduleTime,
// nextScheduleTimeDuration. Times of starts are whole seconds since the Unix epoch; `now` is in microseconds since then.

/** More missed starts than this are worth a warning. */
const MANY = 100;

/** Clocks of real machines differ a little: who looks exactly at the time of a start might be too early. */
const LATE: Micros = milliseconds(100);

/** What the schedule says of the time since the last start. */
export interface StartTimes {
  /** From when on starts are looked for. */
  readonly since: number;
  /** The last start that should have been by now; the ones before it are given up. */
  readonly due?: number;
  /** How many starts there should have been, about: the first interval is taken for all of them. */
  readonly missed: number;
}

/** The schedule can be read and never comes: 31 February. */
export class NeverComes extends Error {}

/**
 * Starts between the last one, or the creation, and `now`. With `toDeadline`, only those that may still happen: no older than
 * `startingDeadlineSeconds`.
 *
 * @throws NeverComes
 */
export function startTimes(cronJob: Stored<CronJob>, schedule: CronSchedule, now: number, toDeadline: boolean): StartTimes {
  const since = earliest(cronJob, now, toDeadline);
  const first = schedule.next(since);
  if (first !== undefined && now < seconds(first)) return { since, missed: 0 };
  const second = first === undefined ? undefined : schedule.next(first);
  if (first === undefined || second === undefined) throw new NeverComes('time difference between two schedules is less than 1 second');
  if (now < seconds(second)) return { since, due: first, missed: 0 };
  const interval = second - first;
  const missed = Math.floor((now - seconds(first)) / seconds(interval)) + 1;
  // Upstream jumps to two intervals before now instead of counting through years of `@every 1s`. Where intervals differ that can jump
  // over the last start (`* 8 * * *`, looked at in the evening): it is then not made up for, neither here nor there.
  let due: number | undefined;
  for (let next = schedule.next(first + (missed - 2) * interval); next !== undefined && seconds(next) <= now; next = schedule.next(next))
    due = next;
  return due === undefined ? { since, missed } : { since, due, missed };
}

export const areTooMany = ({ missed }: StartTimes): boolean => missed > MANY;

/** How long until it is time to look again. */
export function untilNextStart(cronJob: Stored<CronJob>, schedule: CronSchedule, now: number): Micros {
  const next = schedule.next(startBefore(cronJob, schedule, now));
  // A schedule that never comes is looked at once more, and reported then.
  return next === undefined ? 0 : seconds(next) + LATE - now;
}

function startBefore(cronJob: Stored<CronJob>, schedule: CronSchedule, now: number): number {
  try {
    const { since, due, missed } = startTimes(cronJob, schedule, now, false);
    return due ?? (missed === 0 ? since : now / seconds(1));
  } catch (error) {
    if (error instanceof NeverComes) return now / seconds(1);
    throw error;
  }
}

function earliest({ metadata, spec, status }: Stored<CronJob>, now: number, toDeadline: boolean): number {
  const last = (parseTime(status?.lastScheduleTime ?? metadata.creationTimestamp ?? '') ?? now) / seconds(1);
  if (!toDeadline || spec.startingDeadlineSeconds === undefined) return last;
  return Math.max(last, now / seconds(1) - spec.startingDeadlineSeconds);
}
