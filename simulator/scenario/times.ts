import { formatDuration, type Micros, parseDuration } from '@slipway/kernel';
import type { Problem } from '../manifests/input-error.ts';
import type { PlaceOf, When } from './scenario.ts';
import type { ExpectationDocument } from './schema.ts';

const TIMES = ['at', 'from', 'within', 'until', 'always'] as const;

const read = (text: string | undefined): Micros | undefined => (text === undefined ? undefined : parseDuration(text));

/** When an expectation is judged; a problem for each combination of times that makes no sense. */
export function whenOf(document: ExpectationDocument, duration: Micros | undefined, placeOf: PlaceOf, problems: Problem[]): When {
  const problem = (key: (typeof TIMES)[number], message: string, fix: string): void => {
    problems.push({ place: placeOf([key]), message, fix });
  };
  const at = read(document.at);
  const from = read(document.from) ?? 0;
  const within = read(document.within);
  const until = read(document.until);
  const end = duration ?? Number.POSITIVE_INFINITY;
  const late = (key: (typeof TIMES)[number], time: Micros): void => {
    if (time > end)
      problem(
        key,
        `${formatDuration(time)} lies beyond the end of the scenario, ${formatDuration(end)}`,
        'make spec.duration longer, or this earlier',
      );
  };
  if (at !== undefined) {
    const other = TIMES.find((key) => key !== 'at' && document[key] !== undefined);
    if (other !== undefined)
      problem(
        other,
        `"${other}" and "at" exclude each other`,
        '"at" is one moment; write "from" and "within" for a time in which it comes true',
      );
    late('at', at);
    return { sort: 'at', at };
  }
  if (document.always !== undefined) {
    if (within !== undefined)
      problem('within', '"within" and "always" exclude each other', 'write "from" and "until" for a time in which it always holds');
    if (until !== undefined && until <= from)
      problem('until', `"until" is not after "from" (${formatDuration(from)})`, 'give a later time');
    late('from', from);
    if (until !== undefined) late('until', until);
    return { sort: 'always', from, end: until ?? end };
  }
  if (until !== undefined) problem('until', '"until" needs "always"', 'write "within" for how soon it comes true');
  if (within !== undefined) {
    late('within', from + within);
    return { sort: 'within', from, end: from + within };
  }
  if (document.from !== undefined) problem('from', '"from" needs "within" or "always"', 'add within: 30s, or always: true');
  return { sort: 'end' };
}

/** Undefined where no time is named. */
export function stepTime(text: string | undefined): Micros | undefined {
  return read(text);
}
