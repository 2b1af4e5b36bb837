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
    first ??= violation(
      record,
      before === undefined ? `goes on with ${line}, where it ended before` : `has ${line}, where it had ${before}`,
    );
  });
  if (first || count === lines.length) return first;
  return violation(undefined, `ends after ${count} events of ${lines.length}; the next was ${lines[count] ?? ''}`);
}

function violation(record: TraceRecord | undefined, difference: string): Violation {
  const objects = record?.subject === undefined ? [] : [record.subject];
  return { id: replay.id, at: record?.at ?? 0, message: `the same run once more ${difference}`, objects, seq: record?.seq ?? 0 };
}
