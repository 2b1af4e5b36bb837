import pc from 'picocolors';
import { guideTo } from '../../explain/guide.ts';
import { clock, COLUMNS, GLUE, shorten, span, titleOf, wrap } from '../../explain/wording.ts';
import type { Around, CallStop, ExpectationStop, Outcome, Stop } from '../../step/index.ts';
import { requestEssentials } from './request-essentials.ts';

/** Where text begins, right of the time. */
const MARGIN = ' '.repeat(12);
const LABEL = 9;

const timed = (micros: number): string => `${clock(micros).padStart(10)}  `;
const named = ({ name, subject }: Around): string => `${titleOf(name)}${subject === undefined ? '' : `(${shorten(subject)})`}`;
const plain = (text: string): string => text.replaceAll(GLUE, ' ');

/** What of a call the stop alone does not say. */
export interface CallSurroundings {
  readonly callees: readonly string[];
  readonly around: readonly Around[];
}

/** Where the run stands: at most about eight lines of 100 columns. */
export function stopText(stop: Stop, surroundings: (call: CallStop) => CallSurroundings): readonly string[] {
  switch (stop.sort) {
    case 'call':
      return callText(stop, surroundings(stop));
    case 'step':
      return hanging(timed(stop.at), `the scenario does: ${stop.text}`).map((line) => pc.bold(line));
    case 'expectation':
      return expectationText(stop);
  }
}

function callText(call: CallStop, { callees, around }: CallSurroundings): readonly string[] {
  const guide = guideTo(call.name);
  const callee = callees.length === 0 ? call.name.slice(0, call.name.indexOf('.')) : callees.join(' or ');
  const request = requestEssentials(call.request, call.subject, COLUMNS - MARGIN.length - LABEL);
  return [
    ...hanging(timed(call.at), `${call.caller} → ${callee}: ${named(call)}`).map((line) => pc.bold(line)),
    ...(request === '' ? [] : labelled('request', request)),
    ...(around.length === 0 ? [] : labelled('within', around.map(named).join(' › '))),
    ...(guide === undefined
      ? labelled('why', 'a service that Slipway has no guide to')
      : [...labelled('why', guide.why), ...labelled('spec', guide.spec), ...hanging(MARGIN, `if it failed here: ${guide.ifItFails}`)]),
  ];
}

function expectationText({ at, result: { text, held, message, because } }: ExpectationStop): readonly string[] {
  const head = held === true ? pc.green('expectation holds') : pc.red('✗ expectation does not hold');
  return [
    ...hanging(timed(at), text, `${head}: `),
    ...(held === true || message === '' ? [] : hanging(MARGIN, message)),
    ...(because === '' ? [] : hanging(MARGIN, because)),
  ];
}

/** What came of a call or step at which the run stood before. */
export function outcomeText({ of, at, actor, kind, data, message }: Outcome): readonly string[] {
  if (of.sort === 'step') return hanging(timed(at), `${of.text}: ${message}`, pc.red('✗ step failed: '));
  if (kind === 'fault') return hanging(timed(at), `fault at ${actor}, ${named(of)}: ${data[0]}`, pc.red('! '));
  const [code, ...rest] = data;
  const failed = code !== 'OK';
  const said = shorten(
    failed ? `${code}${message === '' ? '' : `: ${message}`}` : ['ok', ...rest.filter((value) => value !== '')].join(' '),
  );
  const took = ` (${plain(span(at - of.at))})`;
  return hanging(timed(at), `${actor} answers ${named(of)}: ${failed ? '✗ ' : ''}${said}${took}`, failed ? pc.red('← ') : '← ');
}

function labelled(label: string, text: string): readonly string[] {
  return hanging(MARGIN, text, pc.dim(label.padEnd(LABEL)), LABEL);
}

/** Text behind a lead and a mark, wrapped at the last column; further lines hang below the first. */
function hanging(lead: string, text: string, mark = '', width: number = visible(mark)): readonly string[] {
  const [first = '', ...more] = wrap(plain(text), COLUMNS - lead.length - width);
  const indent = ' '.repeat(lead.length + Math.min(width, LABEL));
  return [`${lead}${mark}${first}`, ...more.map((line) => indent + line)];
}

/** Columns that a text takes, colours not counted. */
const visible = (text: string): number => text.replace(/\u001b\[\d+m/g, '').length;
