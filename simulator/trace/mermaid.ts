import type { TraceRecord } from '@slipway/kernel';

/** A sequence diagram while it is being written: participants in order of their entrance, and text in which nothing has a meaning of its own. */
export class MermaidSequence {
  readonly #ids = new Map<string, string>();
  readonly #lines: string[] = [];

  /** A solid arrow: somebody asks. */
  call(from: string, to: string, text: string): void {
    this.#lines.push(`  ${this.#id(from)}->>${this.#id(to)}: ${mermaidText(text)}`);
  }

  /** A dashed arrow: somebody answers; with a cross at its end where it failed. */
  answer(from: string, to: string, text: string, failed = false): void {
    this.#lines.push(`  ${this.#id(from)}${failed ? '--x' : '-->>'}${this.#id(to)}: ${mermaidText(text)}`);
  }

  /** A box over one participant, or from one to another. */
  note(over: string, text: string, to?: string): void {
    this.#lines.push(`  Note over ${this.#id(over)}${to === undefined || to === over ? '' : `,${this.#id(to)}`}: ${mermaidText(text)}`);
  }

  /** Names a participant before it acts, so that it stands further left. */
  meet(actor: string): void {
    this.#id(actor);
  }

  /** A coloured background around what `inside` writes. */
  band(colour: string, inside: () => void): void {
    this.#lines.push(`  rect ${colour}`);
    inside();
    this.#lines.push('  end');
  }

  text(): string {
    const participants = [...this.#ids].map(([actor, id]) => `  participant ${id} as ${mermaidText(actor)}`);
    return ['sequenceDiagram', ...participants, ...this.#lines, ''].join('\n');
  }

  /** Letters and digits only, and no word of the language such as `end`; two actors never share one. */
  #id(actor: string): string {
    let id = this.#ids.get(actor);
    if (id === undefined) {
      id = `p${this.#ids.size + 1}_${actor.replace(/[^A-Za-z0-9]/g, '_')}`;
      this.#ids.set(actor, id);
    }
    return id;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { ';': '#59;', '#': '#35;', '<': '#lt;', '>': '#gt;', '\n': ' ', '\r': ' ' };

/** Text as it may stand behind a colon: what Mermaid or its HTML would take for its own becomes an entity. Never empty. */
export function mermaidText(text: string): string {
  const safe = text.replace(/[;#<>\n\r]/g, (character) => ENTITIES[character] ?? ' ').trim();
  return safe === '' ? '-' : safe;
}

/** A sequence diagram of calls and their answers (an answer's cause is its call), with decisions and faults as notes. */
export function mermaid(records: readonly TraceRecord[]): string {
  const calls = new Map<number, TraceRecord>();
  const answers = new Map<number, TraceRecord>();
  for (const record of records) {
    if (record.kind === 'call') calls.set(record.seq, record);
    else if (record.kind === 'answer') answers.set(record.cause, record);
  }
  const diagram = new MermaidSequence();
  for (const record of records) {
    const about = record.subject === undefined ? '' : ` ${record.subject}`;
    const what = `${record.name.slice(record.name.indexOf('/') + 1)}${about}`;
    if (record.kind === 'call') {
      const callee = answers.get(record.seq)?.actor ?? record.name.slice(0, record.name.indexOf('.'));
      diagram.call(record.actor, callee, what);
    } else if (record.kind === 'answer') {
      const caller = calls.get(record.cause)?.actor;
      if (caller !== undefined) diagram.answer(record.actor, caller, record.data.join(' '), record.data[0] !== 'OK');
    } else {
      diagram.note(record.actor, `${record.kind} ${record.name}${about} ${record.data.join(' ')}`);
    }
  }
  return diagram.text();
}
