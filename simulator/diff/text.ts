import { guideTo } from '../explain/guide.ts';
import { clock, COLUMNS, GLUE, shorten, span, wrap } from '../explain/wording.ts';
import type { TraceRecord } from '@slipway/kernel';
import { type ExtraCalls, median, type MethodCalls } from './call-differences.ts';
import type { RunDiff } from './diff-runs.ts';
import { cut, eventWords } from './event-words.ts';
import type { ExpectationDifference } from './expectation-differences.ts';
import type { FirstDifference } from './first-difference.ts';
import type { InterfaceDifference } from './interface-differences.ts';
import type { KubeObject } from '@slipway/kube';
import { fieldDifferences } from './object-differences.ts';
import { fieldLines, objectLines } from './object-lines.ts';
import type { SideTitle } from './sides.ts';
import type { Milestone } from './time-differences.ts';
import type { TraceIndex } from './trace-index.ts';

/** Causes of the first difference that are told. */
const MOST_CAUSES = 4;
/** Lines of one table; `--json` has all. */
const MOST_LINES = 16;
const MOST_SHIFTS = 10;
const MOST_EXTRAS = 10;
const MOST_OF_A_KIND = 4;

/** How two runs differ, for people: at most 100 columns, no colours, no line feed at the end. */
export function diffText(diff: RunDiff, left: SideTitle, right: SideTitle): string {
  // Lines are broken by now.
  return sectionsOf(diff, left, right).join('\n\n').replaceAll(GLUE, ' ');
}

function sectionsOf(diff: RunDiff, left: SideTitle, right: SideTitle): readonly string[] {
  const sections = [heading(left, right)];
  const { first } = diff;
  if (!first && diff.objects.length === 0) {
    return [...sections, sameWords(left, right)];
  }
  if (first) sections.push(firstSection(diff, first));
  const interfaces = diff.interfaces.filter((other) => other.left !== first?.left || other.right !== first?.right);
  if (interfaces.length > 0)
    sections.push(
      section(
        'The first thing that each interface does otherwise',
        interfaces.flatMap((other) => interfaceLines(diff, other)),
      ),
    );
  if (diff.expectations.length > 0) sections.push(section('Expectations', diff.expectations.flatMap(expectationLines)));
  sections.push(section(`Objects: ${objectCount(diff)}`, objectLines(diff.objects)));
  sections.push(section(`Calls: ${diff.calls.left} left, ${diff.calls.right} right`, callLines(diff)));
  sections.push(section('Timing', timeLines(diff)));
  return sections;
}

function sameWords(left: SideTitle, right: SideTitle): string {
  const start = `the two runs are the same: ${left.events} events, fingerprint ${left.fingerprint}`;
  // Times, order and content are; which id stands for what is chance.
  return left.fingerprint === right.fingerprint ? start : `${start} and ${right.fingerprint},\nsince only generated names and ids differ`;
}

function heading(left: SideTitle, right: SideTitle): string {
  const width = Math.min(54, Math.max(left.title.length, right.title.length));
  const line = (side: string, { title, events, fingerprint, endedAt }: SideTitle): string => {
    const facts = `${events} events in ${clock(endedAt)}, fingerprint ${fingerprint}`;
    const one = `${side}  ${title.padEnd(width)}  ${facts}`;
    return one.length <= COLUMNS ? one : `${side}  ${wrap(title, COLUMNS - 7).join('\n       ')}\n       ${facts}`;
  };
  return `${line('left ', left)}\n${line('right', right)}`;
}

const section = (title: string, lines: readonly string[]): string =>
  [title, ...(lines.length === 0 ? ['  no difference'] : lines.map((line) => cut(`  ${line}`, COLUMNS)))].join('\n');

function firstSection(diff: RunDiff, first: FirstDifference): string {
  const { left, right } = diff.alignment;
  const total =
    left.records.length === right.records.length
      ? `${left.records.length}`
      : `${left.records.length} on the left, of ${right.records.length} on the right`;
  const until =
    first.same === 0
      ? 'different from the first event on:'
      : `same until ${clock(first.sameUntil)} (event ${first.same} of ${total}), then`;
  const lines = [until, ''];
  lines.push(
    ...sideLines('left ', first.left, first.kind === 'only right'),
    ...sideLines('right', first.right, first.kind === 'only left'),
  );
  lines.push(...differenceLines(diff, first).map((line) => `         ${line}`));
  const event = first.left ?? first.right;
  const guide = event && guideTo(event.name);
  if (guide && event.kind !== 'write') lines.push(...indented(`what it is for: ${guide.why} (${guide.spec})`, '  '));
  lines.push('', ...becauseLines(diff, first));
  return lines.join('\n').trimEnd();
}

function sideLines(side: string, event: TraceRecord | undefined, missing: boolean): string[] {
  if (!event) return [`  ${side}  ${missing ? 'nothing of the kind' : '-'}`];
  const [start = '', ...rest] = wrap(eventWords(event), COLUMNS - 21);
  return [`  ${side}  ${clock(event.at).padStart(9)}  ${start}`, ...rest.map((line) => `${' '.repeat(20)}${line}`)];
}

/** What exactly differs between the two events. */
function differenceLines({ alignment }: RunDiff, { kind, left, right }: FirstDifference): string[] {
  if (!left || !right || kind === 'instead') return [];
  const lines: string[] = [];
  if (left.at !== right.at) {
    lines.push(shiftWords(right.at - left.at));
    const sentLeft = alignment.left.get(left.cause);
    const sentRight = alignment.right.get(right.cause);
    if (left.kind === 'answer' && sentLeft && sentRight)
      lines.push(`it took ${span(left.at - sentLeft.at)} on the left, ${span(right.at - sentRight.at)} on the right`);
  } else if (kind === 'order') lines.push('the same event at the same moment, but in another place among others or from another cause');
  if (left.kind === 'write' && left.full !== undefined && right.full !== undefined)
    lines.push(...fieldLines(fieldDifferences(left.full as KubeObject, right.full as KubeObject, alignment.ids), COLUMNS - 9));
  return lines;
}

function becauseLines({ alignment }: RunDiff, { left, right }: FirstDifference): string[] {
  const event = left ?? right;
  const trace = left ? alignment.left : alignment.right;
  if (!event) return [];
  const causes = trace.causesOf(event);
  if (causes.length === 0) return ['  nothing led to it: it is what its actor does of itself'];
  const lines = causes.slice(0, MOST_CAUSES).flatMap((cause, index) => {
    const [start = '', ...rest] = wrap(eventWords(cause), COLUMNS - 23);
    return [
      `  ${index === 0 ? 'because' : '       '}  ${clock(cause.at).padStart(9)}  ${start}`,
      ...rest.map((line) => `${' '.repeat(22)}${line}`),
    ];
  });
  const more = causes.length - MOST_CAUSES;
  return more > 0 ? [...lines, `           and so on: ${more} more causes before it`] : lines;
}

const indented = (text: string, margin: string): string[] => wrap(text, COLUMNS - margin.length).map((line) => `${margin}${line}`);

function interfaceLines({ alignment }: RunDiff, { interface: name, kind, at, left, right }: InterfaceDifference): string[] {
  const start = `${name.padEnd(10)} ${clock(at).padStart(9)}  `;
  const told = (head: string, text: string): string[] =>
    wrap(text, COLUMNS - 2 - head.length).map((line, index) => `${index === 0 ? head : ' '.repeat(head.length)}${line}`);
  if (left && right && kind === 'took')
    return told(start, `${left.name}${about(left)} takes ${lasted(left, alignment.left)} → ${lasted(right, alignment.right)}`);
  if (left && right)
    return [...told(`${start}left   `, eventWords(left)), ...told(`${' '.repeat(start.length)}right  `, eventWords(right))];
  const event = left ?? right;
  return event ? told(start, `${kind}: ${eventWords(event)}`) : [];
}

const about = ({ subject }: TraceRecord): string => (subject === undefined ? '' : ` ${cut(shorten(subject), 40)}`);

function lasted(answer: TraceRecord, trace: TraceIndex): string {
  const call = trace.get(answer.cause);
  return call ? span(answer.at - call.at) : '?';
}

function expectationLines({ text, left, right, message }: ExpectationDifference): string[] {
  return [
    ...wrap(text, COLUMNS - 4),
    ...wrap(`${verdict(left)} left, ${verdict(right)} right: ${message}`, COLUMNS - 6).map((line) => `  ${line}`),
  ];
}

const verdict = (held: boolean | null): string => (held === null ? 'not judged on the' : held ? 'holds on the' : 'fails on the');

function objectCount({ objects }: RunDiff): string {
  const names = (change: string): number => new Set(objects.filter((one) => one.change === change).map(({ object }) => object)).size;
  return `${names('changed')} differ, ${names('removed')} only left, ${names('added')} only right`;
}

function callLines({ alignment, calls }: RunDiff): string[] {
  const { methods, onlyLeft, onlyRight } = calls;
  const width = Math.max(0, ...methods.map(({ method }) => method.length));
  const lines = methods.map(({ method, left, right }) => `${method.padEnd(width)}  ${callWords(left).padEnd(26)}  ${callWords(right)}`);
  return [
    ...(lines.length === 0 ? [] : [`${'calls × median time'.padEnd(width)}  ${'left'.padEnd(26)}  right`]),
    ...limited(lines),
    ...extraLines('left', onlyLeft, alignment.left),
    ...extraLines('right', onlyRight, alignment.right),
  ];
}

function callWords({ count, median, failed }: MethodCalls): string {
  if (count === 0) return '-';
  const time = median === undefined ? ', no answer' : ` × ${span(median)}`;
  return `${count}${time}${failed === 0 ? '' : `, ${failed} not OK`}`;
}

function extraLines(side: string, extras: readonly ExtraCalls[], trace: TraceIndex): string[] {
  if (extras.length === 0) return [];
  const lines = extras.slice(0, MOST_EXTRAS).flatMap(({ method, count, example }) => {
    const [cause] = trace.causesOf(example);
    const subject = shorten(example.subject ?? String(example.data[0] ?? ''));
    return [
      `  ${count} × ${method}, first at ${clock(example.at)} by ${example.actor}${subject === '' ? '' : `: ${cut(subject, 40)}`}`,
      ...(cause ? [`      because ${eventWords(cause)}`] : []),
    ];
  });
  const more = extras.length - MOST_EXTRAS;
  return [`only ${side}:`, ...lines, ...(more > 0 ? [`  … and ${more} methods more (--json has all)`] : [])];
}

function timeLines({ timing }: RunDiff): string[] {
  const reached = milestoneLines(timing.milestones);
  const furthest = [...timing.methods].sort((a, b) => Math.abs(b.most) - Math.abs(a.most) || (a.method < b.method ? -1 : 1));
  const width = Math.max(0, ...furthest.map(({ method }) => method.length));
  const shifts = furthest.map(
    ({ method, count, median, most }) =>
      `${method.padEnd(width)}  ${String(count).padStart(5)}  ${signed(median).padStart(10)}  ${signed(most).padStart(10)}`,
  );
  if (shifts.length === 0) return [...limited(reached)];
  const head = `${'shift of calls that both have'.padEnd(width)}  ${'calls'.padStart(5)}  ${'median'.padStart(10)}  ${'most'.padStart(10)}`;
  return [...limited(reached), head, ...limited(shifts, MOST_SHIFTS)];
}

/** One line each; of many objects of a kind that reached the same, one line for all. */
function milestoneLines(milestones: readonly Milestone[]): readonly string[] {
  const groups = new Map<string, Milestone[]>();
  for (const step of milestones) {
    const key = `${kindOf(step)} ${step.reached}`;
    const group = groups.get(key);
    if (group) group.push(step);
    else groups.set(key, [step]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first || group.length <= MOST_OF_A_KIND)
      return group.map((step) => `${cut(step.object, 52)}: ${step.reached} at ${fromTo(step.left, step.right)}`);
    const left = median(group.flatMap(({ left: at }) => at ?? []));
    const right = median(group.flatMap(({ right: at }) => at ?? []));
    return [`${group.length} objects of kind ${kindOf(first)}: ${first.reached}, the middle one, at ${fromTo(left, right)}`];
  });
}

const kindOf = ({ object }: Milestone): string => object.slice(0, object.indexOf(' '));

function fromTo(left: number | undefined, right: number | undefined): string {
  const shift = left === undefined || right === undefined ? '' : ` (${left === right ? 'as before' : apart(right - left)})`;
  return `${timeWords(left)} → ${timeWords(right)}${shift}`;
}

const timeWords = (time: number | undefined): string => (time === undefined ? 'never' : clock(time));

const apart = (shift: number): string => `${span(Math.abs(shift))} ${shift < 0 ? 'earlier' : 'later'}`;

const shiftWords = (shift: number): string => `${apart(shift)} on the right`;

const signed = (shift: number): string => (shift === 0 ? '0' : `${shift < 0 ? '-' : '+'}${span(Math.abs(shift))}`);

function limited(lines: readonly string[], most = MOST_LINES): readonly string[] {
  return lines.length <= most ? lines : [...lines.slice(0, most), `… and ${lines.length - most} lines more (--json has all)`];
}
