import type { TraceRecord } from '@slipway/kernel';

const ARROWS: Readonly<Record<TraceRecord['kind'], string>> = {
  call: '->',
  answer: '<-',
  write: '**',
  decision: '??',
  fault: '!!',
  log: '  ',
};

/** One event for people: time in seconds, who, what, about what, and the summary. */
export function textLine({ seq, at, actor, kind, name, subject, cause, data }: TraceRecord): string {
  const time = (at / 1_000_000).toFixed(6).padStart(12);
  const about = subject === undefined ? '' : ` ${subject}`;
  const summary = data.length === 0 ? '' : `  ${data.join(' ')}`;
  const because = cause > 0 ? `  (#${cause})` : '';
  return `${time}  #${String(seq).padEnd(6)} ${ARROWS[kind]} ${actor.padEnd(28)} ${name}${about}${summary}${because}`;
}
