import type { TraceRecord } from '@slipway/kernel';
import { clock, shorten } from '../explain/wording.ts';
import type { Alignment } from './align-runs.ts';
import type { RunDiff } from './diff-runs.ts';
import { cut } from './event-words.ts';
import type { FirstDifference } from './first-difference.ts';
import { OwnDifferences } from './own-difference.ts';
import type { SideTitle } from './sides.ts';
import type { TraceIndex } from './trace-index.ts';

/** Causes that both runs share and that are drawn above the parting. */
const MOST_CAUSES = 6;
/** Events of each run that are drawn after it. */
const MOST_EVENTS = 14;
/** Of one kind: the next ones teach nothing new. */
const MOST_ALIKE = 2;

/**
 * The place where two runs part as a Mermaid sequence diagram: what led to it, then the left run and the right run in a frame each. Drawn are
 * events that only one run has, that say something else or that came at another time; not the rest of what happens meanwhile.
 */
export function diffMermaid({ alignment, first }: RunDiff, left: SideTitle, right: SideTitle): string {
  const drawing = new Drawing();
  if (!first) {
    drawing.note('cluster', `the two runs are the same, ${left.events} events`);
    return drawing.text();
  }
  for (const { event, trace } of sharedCauses(alignment, first)) drawing.draw(event, trace);
  drawing.frame('rgb(235, 235, 235)', `left, ${left.title}, from ${clock(first.at)}`, () => {
    for (const event of parting(alignment, first, 'left')) drawing.draw(event, alignment.left);
  });
  drawing.frame('rgb(215, 225, 240)', `right, ${right.title}, from ${clock(first.at)}`, () => {
    for (const event of parting(alignment, first, 'right')) drawing.draw(event, alignment.right);
  });
  return drawing.text();
}

interface Drawn {
  readonly event: TraceRecord;
  readonly trace: TraceIndex;
}

/** What led to the first difference and stands in both runs, first cause first. */
function sharedCauses({ left, right }: Alignment, { left: a, right: b, same }: FirstDifference): readonly Drawn[] {
  const event = a ?? b;
  const trace = a ? left : right;
  if (!event) return [];
  const shared = new Set(trace.records.slice(0, same));
  return trace
    .causesOf(event)
    .filter((cause) => shared.has(cause))
    .slice(0, MOST_CAUSES)
    .reverse()
    .map((cause) => ({ event: cause, trace }));
}

/** The events of one run, from the parting on, that the other has not, or that differ of themselves. The first difference is among them. */
function parting(alignment: Alignment, first: FirstDifference, side: 'left' | 'right'): readonly TraceRecord[] {
  const trace = alignment[side];
  const differing = new Set<TraceRecord | undefined>([first[side]]);
  const paired = new Set<number>();
  const own = new OwnDifferences(alignment);
  for (const pair of alignment.pairs) {
    paired.add(pair[side].seq);
    if (own.of(pair)) differing.add(pair[side]);
  }
  const chosen = new Set<TraceRecord>();
  const counts = new Map<string, number>();
  for (const event of trace.records.slice(first.same)) {
    if (event.kind === 'log' || (paired.has(event.seq) && !differing.has(event))) continue;
    const what = `${event.kind} ${event.name}`;
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    if (count > MOST_ALIKE && event !== first[side]) continue;
    // An answer says little without its call.
    const call = event.kind === 'answer' ? trace.get(event.cause) : undefined;
    if (call) chosen.add(call);
    chosen.add(event);
    if (chosen.size >= MOST_EVENTS) break;
  }
  return [...chosen].sort((a, b) => a.seq - b.seq);
}

class Drawing {
  readonly #participants = new Map<string, string>();
  readonly #lines: string[] = [];
  readonly #drawn = new Set<TraceRecord>();
  #margin = '  ';

  draw(event: TraceRecord, trace: TraceIndex): void {
    if (this.#drawn.has(event)) return;
    this.#drawn.add(event);
    const { kind, actor, name, subject, data, at } = event;
    const what = subject ?? (kind === 'call' ? data[0] : undefined);
    const about = what === undefined ? '' : ` ${what}`;
    const method = name.slice(name.indexOf('/') + 1);
    if (kind === 'call') {
      const callee = trace.answerTo(event)?.actor ?? name.slice(0, name.indexOf('.'));
      this.#line(`${this.#id(actor)}->>${this.#id(callee)}: ${label(`${clock(at)} ${method}${about}`)}`);
    } else if (kind === 'answer') {
      const call = trace.get(event.cause);
      if (!call) return;
      this.#line(`${this.#id(actor)}-->>${this.#id(call.actor)}: ${label(`${clock(at)} ${data.join(' ')}`)}`);
    } else this.note(actor, `${clock(at)} ${kind} ${name}${about}${kind === 'write' ? '' : ` ${data.join(' ')}`}`);
  }

  note(actor: string, text: string): void {
    this.#line(`Note over ${this.#id(actor)}: ${label(text)}`);
  }

  /** A coloured frame; its title is a note over its first participant, since Mermaid's `rect` has none. */
  frame(colour: string, title: string, inside: () => void): void {
    this.#line(`rect ${colour}`);
    this.#margin = '    ';
    const before = this.#lines.length;
    inside();
    if (this.#participants.size === 0) this.#id('cluster');
    const over = [...this.#participants.values()];
    const span = over.length > 1 ? `${over[0]},${over.at(-1)}` : over[0];
    const empty = this.#lines.length === before;
    this.#lines.splice(before, 0, `    Note over ${span}: ${label(`${title}${empty ? ', nothing of the kind' : ''}`)}`);
    this.#margin = '  ';
    this.#line('end');
  }

  text(): string {
    const participants = [...this.#participants].map(([actor, id]) => `  participant ${id} as ${label(actor)}`);
    return ['sequenceDiagram', ...participants, ...this.#lines].join('\n');
  }

  #line(text: string): void {
    this.#lines.push(`${this.#margin}${text}`);
  }

  /** Letters, digits and a number, so that no two actors share one. */
  #id(actor: string): string {
    let id = this.#participants.get(actor);
    if (id === undefined) {
      id = `p${this.#participants.size + 1}`;
      this.#participants.set(actor, id);
    }
    return id;
  }
}

/** Mermaid ends a statement at `;`, begins an entity or a comment with `#` and a text with `:`. */
const label = (text: string): string =>
  cut(
    shorten(text)
      .replace(/[;#:%]/g, (sign) => ESCAPES[sign] ?? ' ')
      .replace(/\s+/g, ' ')
      .trim(),
    90,
  );

const ESCAPES: Readonly<Record<string, string>> = { ';': ',', '#': ' ', ':': '∶', '%': ' ' };
