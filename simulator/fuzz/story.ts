import { formatDuration, type TraceRecord } from '@slipway/kernel';
import type { Scenario } from '../scenario/scenario.ts';
import { AT_THE_END } from './judged.ts';
import { interfaceOf } from './swarm/steps.ts';
import type { Finding, MakeWorld } from './trial.ts';
import { tryCase } from './try-case.ts';

/** One event of a failure's story: a call with what came of it, a write, a decision, something that went wrong on purpose. */
export interface StoryEvent {
  /** Virtual microseconds. */
  readonly at: number;
  readonly seq: number;
  /** What it follows from; 0 for none of the story. */
  readonly cause: number;
  /** On one line, for people. */
  readonly text: string;
}

/**
 * Runs a case once more and tells what led to what was found in it: the events from which it follows, by cause, up to where it all began;
 * for each object involved, what last happened to it and led there; and the faults that struck any of these calls.
 */
export async function storyOf(scenario: Scenario, finding: Finding, makeWorld: MakeWorld): Promise<readonly StoryEvent[]> {
  const records: TraceRecord[] = [];
  await tryCase(scenario, makeWorld, {
    stopAt: finding.invariant,
    watch({ cluster: { kernel } }) {
      kernel.events.on('trace', (record) => {
        if (finding.seq === 0 || record.seq <= finding.seq) records.push(record);
      });
    },
  });
  return tell(records, finding);
}

function tell(records: readonly TraceRecord[], { invariant, seq, objects }: Finding): readonly StoryEvent[] {
  const bySeq = new Map(records.map((record) => [record.seq, record]));
  const answers = new Map(records.filter(({ kind }) => kind === 'answer').map((record) => [record.cause, record]));
  const told = new Set<number>();
  const include = (from: TraceRecord | undefined): void => {
    for (let record = from; record && !told.has(record.seq); record = bySeq.get(record.cause)) told.add(record.seq);
  };
  // What is judged in the end has no event of its own.
  const end = AT_THE_END.has(invariant) ? undefined : bySeq.get(seq);
  include(end);
  const isFailed = (record: TraceRecord): boolean => answers.get(record.seq)?.data[0] !== 'OK';
  for (const record of aboutThem(records, namesOf(objects), end, isFailed)) include(record);
  for (const record of records) if (record.kind === 'fault' && (told.has(record.cause) || isOfAll(record))) told.add(record.seq);
  const isTold = ({ seq: number, kind, cause }: TraceRecord): boolean => told.has(number) && !(kind === 'answer' && told.has(cause));
  // An answer is told with its call.
  const lineOf = (cause: number): number => {
    const record = bySeq.get(cause);
    return record?.kind === 'answer' && told.has(record.cause) ? record.cause : cause;
  };
  return records.filter(isTold).map((record) => ({
    at: record.at,
    seq: record.seq,
    cause: told.has(record.cause) ? lineOf(record.cause) : 0,
    text: textOf(record, answers.get(record.seq)),
  }));
}

/** `default/web-1` of `Pod default/web-1`. Machines are part of every story: they are told of only where it is about nothing else. */
function namesOf(objects: readonly string[]): ReadonlySet<string> {
  const others = objects.filter((object) => !object.startsWith('Node '));
  return new Set((others.length > 0 ? others : objects).map((object) => object.slice(object.lastIndexOf(' ') + 1)));
}

/** More calls about one thing than anybody reads. */
const MANY = 12;

/**
 * What happened to the objects: at the interface that failed, where there is one; otherwise how they came to be, and what was changed of
 * them or failed for them.
 */
function aboutThem(
  records: readonly TraceRecord[],
  names: ReadonlySet<string>,
  end: TraceRecord | undefined,
  isFailed: (record: TraceRecord) => boolean,
): readonly TraceRecord[] {
  const about = records.filter((record) => record.subject !== undefined && names.has(record.subject) && !isLook(record));
  const own = end === undefined ? undefined : interfaceOf(end.name);
  const there = about.filter(({ kind, name }) => kind === 'call' && interfaceOf(name) === own && own !== 'api');
  const told = there.length > 0 ? there : about.filter((record) => record.kind === 'write' || (record.kind === 'call' && isFailed(record)));
  return told.length > MANY ? [...told.slice(0, 2), ...told.slice(2 - MANY)] : told;
}

/** Whoever only looks changes nothing. */
const isLook = ({ kind, name }: TraceRecord): boolean =>
  kind !== 'write' && /(\/(Get|List|Watch)|Status|Info|Capabilities|^api\/)/.test(name);

/** What befalls more than one call is told wherever it happens: a machine that lost its power, a part that was away. */
const isOfAll = ({ name }: TraceRecord): boolean => /^(fault\/(set|heal|partition|down|up|power)|power)/.test(name);

function textOf({ kind, actor, name, subject, data }: TraceRecord, answer: TraceRecord | undefined): string {
  const about = subject === undefined ? '' : ` ${subject}`;
  const detail = data.length === 0 ? '' : ` (${data.join(', ')})`;
  switch (kind) {
    case 'call':
      return `${actor} calls ${name}${about}: ${answer ? `${answer.actor} answers ${String(answer.data[0])} at ${formatDuration(answer.at)}` : 'under way'}`;
    case 'answer':
      return `${actor} answers ${name}${about}${detail}`;
    case 'write':
      return `${actor} writes ${name}${about}`;
    case 'decision':
      return `${actor} decides ${name}${about}${detail}`;
    case 'fault':
      return `fault: ${name}${about}${detail} at ${actor}`;
    default:
      return `${actor}: ${name}${about}${detail}`;
  }
}
