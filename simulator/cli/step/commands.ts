import { parseDuration } from '@slipway/kernel';
import { suggestion } from '@slipway/kube/schema';
import { ARROWS, type Arrow, type Injection } from '../../step/index.ts';

/** What a person can ask for. */
export type Command =
  | { readonly do: 'next' | 'step' | 'back' | 'finish' | 'undo' | 'help' | 'quit' | 'nothing' }
  | { readonly do: 'inject'; readonly injection: Injection }
  /** Undefined: everything again. */
  | { readonly do: 'only'; readonly name: string | undefined }
  /** Undefined: beside the scenario. */
  | { readonly do: 'write'; readonly file: string | undefined }
  | { readonly do: 'unknown'; readonly message: string };

/** Keys: in a word, in full, and what may stand behind the key on a line. */
export const KEYS: readonly { readonly key: string; readonly text?: string; readonly short: string; readonly what: string }[] = [
  { key: 'n', short: 'next', what: 'go on to the next call, step or expectation (the space bar too)' },
  { key: 's', short: 'next step', what: 'go on to the next step of the scenario' },
  {
    key: 'p',
    text: 'NAME',
    short: 'only a pod',
    what: 'stop only at calls about NAME (a pod, a volume) or of an interface: p web, p cni; alone: at everything again',
  },
  {
    key: 'f',
    text: 'ARROW',
    short: 'fault',
    what: `let this call go wrong: ${Object.keys(ARROWS).join(', ')}; f error 11, f delay 30s`,
  },
  { key: 'u', short: 'undo it', what: 'take the last fault back' },
  { key: 'b', short: 'back', what: 'go back to the stop before' },
  { key: 'c', short: 'to the end', what: 'continue to the end' },
  { key: 'w', text: 'FILE', short: 'write', what: 'write the scenario with the faults in it' },
  { key: '?', short: 'help', what: 'this list' },
  { key: 'q', short: 'quit', what: 'quit' },
];

/** Keys by which an arrow is chosen. */
export const ARROW_KEYS: ReadonlyMap<string, Arrow> = new Map([
  ['e', 'error'],
  ['l', 'lose'],
  ['d', 'delay'],
  ['2', 'duplicate'],
  ['h', 'hang'],
  ['c', 'crash'],
  ['r', 'refuse'],
]);

const WORDS: ReadonlyMap<string, Exclude<Command['do'], 'unknown'>> = new Map([
  ['n', 'next'],
  ['next', 'next'],
  ['s', 'step'],
  ['step', 'step'],
  ['b', 'back'],
  ['back', 'back'],
  ['c', 'finish'],
  ['continue', 'finish'],
  ['f', 'inject'],
  ['fault', 'inject'],
  ['u', 'undo'],
  ['undo', 'undo'],
  ['p', 'only'],
  ['w', 'write'],
  ['write', 'write'],
  ['?', 'help'],
  ['h', 'help'],
  ['help', 'help'],
  ['q', 'quit'],
  ['quit', 'quit'],
  ['exit', 'quit'],
]);

/** Reads one line: a key or its word, and what belongs to it. An empty line goes on, as in a debugger. */
export function parseCommand(line: string): Command {
  const [word = '', ...rest] = line.trim().split(/\s+/);
  if (word.startsWith('#')) return { do: 'nothing' };
  const action = word === '' ? 'next' : WORDS.get(word);
  const argument = rest.join(' ');
  switch (action) {
    case undefined:
      return unknown(word);
    case 'inject':
      return injectionOf(rest);
    case 'only':
      return { do: 'only', name: argument === '' ? undefined : argument };
    case 'write':
      return { do: 'write', file: argument === '' ? undefined : argument };
    default:
      return argument === '' ? { do: action } : { do: 'unknown', message: `"${word}" stands alone: "${argument}" says nothing here` };
  }
}

function unknown(word: string): Command {
  const near = suggestion(word, [...WORDS.keys()]);
  return {
    do: 'unknown',
    message: `"${word}" is no command${near === undefined || word.length === 1 ? '' : `; did you mean "${near}"?`} (? lists them)`,
  };
}

function injectionOf([name = '', detail, ...more]: readonly string[]): Command {
  const arrows = Object.keys(ARROWS);
  const arrow = name === 'loseAnswer' ? 'lose' : name;
  if (!isArrow(arrow)) {
    const near = suggestion(name, arrows);
    const start = name === '' ? 'f needs an arrow' : `"${name}" is no arrow${near === undefined ? '' : `; did you mean "${near}"?`}`;
    return { do: 'unknown', message: `${start} (${arrows.join(', ')})` };
  }
  if (more.length > 0 || (detail !== undefined && WITHOUT_DETAIL.has(arrow)))
    return { do: 'unknown', message: `f ${arrow}: "${more[0] ?? detail}" says nothing here` };
  if ((arrow === 'delay' || arrow === 'crash') && detail !== undefined && !isDuration(detail))
    return { do: 'unknown', message: `f ${arrow}: "${detail}" is no duration: write for example 500ms, 30s or 2m` };
  return { do: 'inject', injection: { arrow, detail } };
}

const WITHOUT_DETAIL: ReadonlySet<Arrow> = new Set(['lose', 'duplicate', 'hang']);
const isArrow = (text: string): text is Arrow => Object.hasOwn(ARROWS, text);

function isDuration(text: string): boolean {
  try {
    return parseDuration(text) >= 0;
  } catch {
    return false;
  }
}
