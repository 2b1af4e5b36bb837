import type { TraceRecord } from '@slipway/kernel';
import type { Invariant, Violation } from '../invariant.ts';

/**
 * Nothing in one run tells whether another would be the same: `violationOfReplay` runs it twice. In a world of its own the row watches
 * nothing, so that it can be listed, named and switched off like the others.
 */
export const replay: Invariant = {
  id: 'SIM-01',
  name: 'replay',
  kind: 'T',
  holds: 'same version, scenario and seed give the same bytes of trace, on any supported runtime, in any worker',
  watch: () => ({}),
};

/** Listens to a run: an event and its hashed line, as a `TraceRecorder` gives them. */
export type OnLine = (record: TraceRecord, line: string) => void;

/**
 * Makes the same run twice and compares.
 *
 * @param run makes a world whose recorder gives each line to `onLine`, and takes it to its end.
 * @returns the first event that differs; undefined when the traces are the same.
 */
export async function violationOfReplay(run: (onLine: OnLine) => Promise<unknown> | unknown): Promise<Violation | undefined> {
  const lines: string[] = [];
  await run((_record, line) => void lines.push(line));
  let count = 0;
  let first: Violation | undefined;
  await run((record, line) => {
    const before = lines[count];
    count += 1;
    if (before === line) return;
    first ??= violation(record, before === undefined ? `goes on with ${cut(line, 0)}, where it ended before` : different(before, line));
  });
  if (first || count === lines.length) return first;
  return violation(undefined, `ends after ${count} events of ${lines.length}; the next was ${cut(lines[count] ?? '', 0)}`);
}

function violation(record: TraceRecord | undefined, difference: string): Violation {
  const objects = record?.subject === undefined ? [] : [record.subject];
  return { id: replay.id, at: record?.at ?? 0, message: `the same run once more ${difference}`, objects, seq: record?.seq ?? 0 };
}

/** Both events as they stand in the trace; of long ones the part around what differs. */
function different(before: string, line: string): string {
  let from = 0;
  while (before[from] === line[from]) from += 1;
  return `has ${cut(line, from)}, where it had ${cut(before, from)}`;
}

/** So much of an event is shown. */
const SHOWN = 160;

function cut(line: string, around: number): string {
  if (line.length <= SHOWN) return line;
  const from = Math.max(0, Math.min(around - SHOWN / 2, line.length - SHOWN));
  return `${from > 0 ? '…' : ''}${line.slice(from, from + SHOWN)}${from + SHOWN < line.length ? '…' : ''}`;
}
