import type { TraceRecord } from '@slipway/kernel';

/** Mermaid gives these a meaning of their own. */
const clean = (text: string): string => text.replace(/[;#]/g, ' ').replace(/\n/g, ' ');

/** A participant's id: letters and digits only. */
const idOf = (actor: string): string => `p_${actor.replace(/[^A-Za-z0-9]/g, '_')}`;

/** A sequence diagram of calls and their answers (an answer's cause is its call), with decisions and faults as notes. */
export function mermaid(records: readonly TraceRecord[]): string {
  const calls = new Map<number, TraceRecord>();
  const answers = new Map<number, TraceRecord>();
  for (const record of records) {
    if (record.kind === 'call') calls.set(record.seq, record);
    else if (record.kind === 'answer') answers.set(record.cause, record);
  }
  const actors: string[] = [];
  const note = (actor: string): string => {
    if (!actors.includes(actor)) actors.push(actor);
    return idOf(actor);
  };
  const lines: string[] = [];
  for (const record of records) {
    const about = record.subject === undefined ? '' : ` ${record.subject}`;
    const what = clean(`${record.name.slice(record.name.indexOf('/') + 1)}${about}`);
    if (record.kind === 'call') {
      const callee = answers.get(record.seq)?.actor ?? record.name.slice(0, record.name.indexOf('.'));
      lines.push(`  ${note(record.actor)}->>${note(callee)}: ${what}`);
    } else if (record.kind === 'answer') {
      const caller = calls.get(record.cause)?.actor;
      if (caller !== undefined) lines.push(`  ${note(record.actor)}-->>${note(caller)}: ${clean(record.data.join(' '))}`);
    } else {
      lines.push(`  Note over ${note(record.actor)}: ${clean(`${record.kind} ${record.name}${about} ${record.data.join(' ')}`)}`);
    }
  }
  return ['sequenceDiagram', ...actors.map((actor) => `  participant ${idOf(actor)} as ${clean(actor)}`), ...lines, ''].join('\n');
}
