import { byteLength, decodeBase64, decodeUtf8 as decode, encodeBase64, encodeUtf8 as encode } from '@slipway/host';
import { milliseconds, type Process } from '@slipway/kernel';
import { readAll } from '../shell/streams.ts';
import { at, type Call, type CommandTable, fail, flagsOf, reasonOf, say } from './command.ts';

/** What the named files hold, or the input if none is named; one that cannot be read is told of and left out. */
function* inputOf(call: Call, paths: readonly string[]): Process<{ text: string; status: number }> {
  if (paths.length === 0) return { text: yield* readAll(call.stdin), status: 0 };
  let [text, status] = ['', 0];
  for (const path of paths) {
    if (path === '-') text += yield* readAll(call.stdin);
    else if (path === '/dev/null') continue;
    else if (SPECIAL.test(path)) text += specialFile(call, path);
    else {
      try {
        text += call.context.files.readText(at(call, path));
      } catch (error) {
        status = fail(call, `${call.argv[0]}: can't open '${path}': ${reasonOf(error)}`);
      }
    }
  }
  return { text, status };
}

const SPECIAL = /^\/proc\/(uptime|1\/comm|1\/cmdline|self\/cgroup)$|^\/dev\/u?random$/;

function specialFile({ context }: Call, path: string): string {
  if (path.endsWith('random')) return context.random.text(64, 'abcdefghijklmnopqrstuvwxyz0123456789');
  if (path === '/proc/1/comm') return `${context.process.program.name}\n`;
  if (path === '/proc/1/cmdline') return context.process.spec.argv.join('\0');
  return path === '/proc/uptime' ? `${context.process.host.kernel.now / 1_000_000} 0.00\n` : '0::/\n';
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

/** C's backslashes, as `echo -e` and `printf` know them. */
const unescape = (text: string): string =>
  text.replace(/\\(n|t|r|a|\\|0[0-7]{0,3}|x[0-9a-fA-F]{1,2})/g, (_, code: string) => {
    if (code.startsWith('0')) return String.fromCharCode(Number.parseInt(code, 8) || 0);
    if (code.startsWith('x')) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return { n: '\n', t: '\t', r: '\r', a: '\x07', '\\': '\\' }[code] ?? code;
  });

function formatted(format: string, args: readonly string[]): string {
  let next = 0;
  const once = (): string =>
    unescape(format).replace(/%(-?0?\d*)(?:\.(\d+))?([sdiuxXfbc%])/g, (_, width: string, precision: string | undefined, kind: string) => {
      if (kind === '%') return '%';
      const arg = args[next] ?? '';
      next += 1;
      const number = Number(arg) || 0;
      const text =
        kind === 'f'
          ? number.toFixed(Number(precision ?? 6))
          : kind === 'x' || kind === 'X'
            ? number.toString(16)
            : kind === 's' || kind === 'b' || kind === 'c'
              ? kind === 'b'
                ? unescape(arg)
                : arg
              : String(Math.trunc(number));
      const size = Math.abs(Number(width) || 0);
      if (width.startsWith('-')) return text.padEnd(size);
      return text.padStart(size, width.startsWith('0') ? '0' : ' ');
    });
  let text = once();
  while (next > 0 && next < args.length) text += once();
  return text;
}

/** Basic regular expressions have their groups and alternatives behind backslashes. */
function expressionOf(pattern: string, flags: ReadonlyMap<string, string>): RegExp {
  const source = flags.has('F')
    ? pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    : flags.has('E') || flags.has('P')
      ? pattern
      : pattern.replace(/\\([(){}|+?])|([(){}|+?])/g, (_, escaped: string | undefined, bare: string | undefined) => escaped ?? `\\${bare}`);
  const whole = flags.has('x') ? `^(?:${source})$` : flags.has('w') ? `\\b(?:${source})\\b` : source;
  return new RegExp(
    whole
      .replace(/\[\[:space:\]\]/g, '\\s')
      .replace(/\[\[:digit:\]\]/g, '\\d')
      .replace(/\[\[:alpha:\]\]/g, '[A-Za-z]'),
    flags.has('i') ? 'i' : '',
  );
}

function* grep(call: Call): Process<number> {
  const { flags, rest } = flagsOf(call.args, 'emABC');
  const [pattern, paths] = flags.has('e') ? [flags.get('e') ?? '', rest] : [rest[0] ?? '', rest.slice(1)];
  const { text, status } = yield* inputOf(call, paths);
  const expression = expressionOf(
    pattern,
    call.argv[0] === 'egrep' ? new Map([...flags, ['E', '']]) : call.argv[0] === 'fgrep' ? new Map([...flags, ['F', '']]) : flags,
  );
  const hits = linesOf(text).filter((line) => expression.test(line) !== flags.has('v'));
  if (flags.has('c')) say(call, String(hits.length));
  else if (!flags.has('q') && !flags.has('s')) for (const hit of hits) say(call, flags.has('o') ? (expression.exec(hit)?.[0] ?? '') : hit);
  return hits.length > 0 ? 0 : status === 0 ? 1 : 2;
}

function* sed(call: Call): Process<number> {
  const { flags, rest } = flagsOf(call.args, 'e');
  const [script, paths] = flags.has('e') ? [flags.get('e') ?? '', rest] : [rest[0] ?? '', rest.slice(1)];
  const edits = script.split(/;(?=\s*s)/).map((edit) => {
    const separator = edit.trim()[1] ?? '/';
    const [, from = '', to = '', options = ''] = edit.trim().split(separator);
    const expression = new RegExp(expressionOf(from, flags.has('r') || flags.has('E') ? new Map([['E', '']]) : new Map()).source, options);
    return (line: string): string =>
      line.replace(
        expression,
        to
          .replace(/\\(\d)/g, '$$$1')
          .replace(/(?<!\\)&/g, '$$&')
          .replace(/\\n/g, '\n'),
      );
  });
  if (!/^\s*s/.test(script)) {
    call.context.warn(`${call.context.process.name}: sed script "${script}" is not simulated; lines pass through unchanged`);
    edits.length = 0;
  }
  const change = (text: string): string =>
    linesOf(text)
      .map((line) => `${edits.reduce((done, edit) => edit(done), line)}\n`)
      .join('');
  if (flags.has('i')) {
    for (const path of paths) call.context.files.write(at(call, path), change(call.context.files.readText(at(call, path))));
    return 0;
  }
  const { text, status } = yield* inputOf(call, paths);
  call.stdout.write(change(text));
  return status;
}

/** `awk '{print $2}'` and its like; a pattern may stand before the braces. */
function* awk(call: Call): Process<number> {
  const { flags, rest } = flagsOf(call.args, 'Fv');
  const match = /^\s*(?:\/(.*)\/)?\s*\{\s*print\s*([^}]*)\}\s*$/.exec(rest[0] ?? '');
  const { text, status } = yield* inputOf(call, rest.slice(1));
  if (!match) {
    call.context.warn(`${call.context.process.name}: awk program "${rest[0] ?? ''}" is not simulated; it prints nothing`);
    return 0;
  }
  const [, pattern, print = ''] = match;
  const separator = flags.get('F') ?? /\s+/;
  for (const line of linesOf(text)) {
    if (pattern !== undefined && !new RegExp(pattern).test(line)) continue;
    const fields = line.trim().split(separator);
    const valueOf = (term: string): string => {
      if (term === '$0') return line;
      if (term === '$NF') return fields.at(-1) ?? '';
      return term.startsWith('$') ? (fields[Number(term.slice(1)) - 1] ?? '') : term.replace(/^"|"$/g, '');
    };
    const terms =
      print.trim() === '' ? [line] : print.split(',').map((group) => (group.match(/\$\w+|"[^"]*"/g) ?? []).map(valueOf).join(''));
    say(call, terms.join(' '));
  }
  return status;
}

function* tail(call: Call): Process<number> {
  const { flags, rest } = flagsOf(call.args, 'nc');
  const wanted = flags.get('n') ?? [...flags.keys()].find((flag) => /^\d+$/.test(flag)) ?? '10';
  const follows = flags.has('f') || flags.has('F') || flags.has('follow');
  const path = rest[0];
  const cut = (lines: string[]): string[] =>
    wanted.startsWith('+') ? lines.slice(Number(wanted) - 1) : lines.slice(Math.max(0, lines.length - Number(wanted)));
  if (!follows || path === undefined) {
    const { text, status } = yield* inputOf(call, rest);
    for (const line of cut(linesOf(text))) say(call, line);
    return status;
  }
  // Nothing ever comes out of /dev/null: the usual way to keep a container alive.
  if (path.startsWith('/dev/')) return yield* forever(call);
  const { files } = call.context;
  const there = at(call, path);
  if (!files.exists(there) && !flags.has('F')) return fail(call, `tail: can't open '${path}': No such file or directory`);
  let seen = '';
  for (let first = true; ; first = false) {
    const text = files.exists(there) ? files.readText(there) : '';
    const added = linesOf(text.startsWith(seen) ? text.slice(seen.length) : text);
    for (const line of first ? cut(added) : added) say(call, line);
    seen = text;
    yield* call.context.sleep(milliseconds(1000));
  }
}

/** Waits for a signal that ends the container. Costs nothing meanwhile. */
export function* forever(call: Call): Process<number> {
  for (;;) yield* call.context.sleep(FOREVER);
}

/** A hundred years. */
const FOREVER = 100 * 365 * 86_400 * 1_000_000;

/** Commands on text. */
export const TEXT_COMMANDS: CommandTable = {
  echo(call) {
    const flags = /^-[neE]+$/;
    let args = call.args;
    let letters = '';
    while (args[0] !== undefined && flags.test(args[0])) {
      letters += args[0];
      args = args.slice(1);
    }
    const text = args.join(' ');
    call.stdout.write((letters.includes('e') ? unescape(text) : text) + (letters.includes('n') ? '' : '\n'));
    return 0;
  },
  printf(call) {
    call.stdout.write(formatted(call.args[0] ?? '', call.args.slice(1)));
    return 0;
  },
  *cat(call) {
    const { rest } = flagsOf(call.args);
    if (rest.length > 0) {
      const { text, status } = yield* inputOf(call, rest);
      call.stdout.write(text);
      return status;
    }
    for (let line = yield* call.stdin.line(); line !== undefined; line = yield* call.stdin.line()) call.stdout.write(line);
    return 0;
  },
  *tee(call) {
    const { flags, rest } = flagsOf(call.args);
    const paths = rest.map((path) => at(call, path));
    if (!flags.has('a')) for (const path of paths) call.context.files.write(path, '');
    for (let line = yield* call.stdin.line(); line !== undefined; line = yield* call.stdin.line()) {
      for (const path of paths) call.context.files.append(path, line);
      call.stdout.write(line);
    }
    return 0;
  },
  grep,
  egrep: grep,
  fgrep: grep,
  sed,
  awk,
  tail,
  *head(call) {
    const { flags, rest } = flagsOf(call.args, 'nc');
    const wanted = Number(flags.get('n') ?? [...flags.keys()].find((flag) => /^\d+$/.test(flag)) ?? 10);
    if (rest.length === 0 && !flags.has('c')) {
      for (let left = wanted; left > 0; left -= 1) {
        const line = yield* call.stdin.line();
        if (line === undefined) break;
        call.stdout.write(line);
      }
      return 0;
    }
    const { text, status } = yield* inputOf(call, rest);
    if (flags.has('c')) call.stdout.write(text.slice(0, Number(flags.get('c'))));
    else for (const line of linesOf(text).slice(0, wanted)) say(call, line);
    return status;
  },
  *wc(call) {
    const { flags, rest } = flagsOf(call.args);
    const { text, status } = yield* inputOf(call, rest);
    const counts = { l: text.split('\n').length - 1, w: text.split(/\s+/).filter((word) => word !== '').length, c: byteLength(text) };
    const chosen = (['l', 'w', 'c'] as const).filter((flag) => flags.size === 0 || flags.has(flag));
    say(call, [...chosen.map((flag) => String(counts[flag])), ...rest].join(' '));
    return status;
  },
  *sort(call) {
    const { flags, rest } = flagsOf(call.args, 'kt');
    const { text, status } = yield* inputOf(call, rest);
    const lines = linesOf(text).sort(flags.has('n') ? (a, b) => Number.parseFloat(a) - Number.parseFloat(b) : undefined);
    if (flags.has('r')) lines.reverse();
    for (const line of flags.has('u') ? new Set(lines) : lines) say(call, line);
    return status;
  },
  *uniq(call) {
    const { text, status } = yield* inputOf(call, flagsOf(call.args).rest);
    const lines = linesOf(text);
    for (const [index, line] of lines.entries()) if (index === 0 || line !== lines[index - 1]) say(call, line);
    return status;
  },
  *cut(call) {
    const { flags, rest } = flagsOf(call.args, 'dfc');
    const { text, status } = yield* inputOf(call, rest);
    const [from = 1, to = from] = (flags.get('f') ?? flags.get('c') ?? '1')
      .split('-')
      .map((bound) => (bound === '' ? Number.POSITIVE_INFINITY : Number(bound)));
    for (const line of linesOf(text)) {
      const fields = flags.has('c') ? [...line] : line.split(flags.get('d') ?? '\t');
      say(call, fields.slice(from - 1, to).join(flags.has('c') ? '' : (flags.get('d') ?? '\t')));
    }
    return status;
  },
  *tr(call) {
    const { flags, rest } = flagsOf(call.args);
    const text = yield* readAll(call.stdin);
    const [from = '', to = ''] = rest.map((set) =>
      unescape(set)
        .replace(/\[:(upper|lower):\]/g, (_, kind: string) => (kind === 'upper' ? 'A-Z' : 'a-z'))
        .replace(/(.)-(.)/g, (_, a: string, b: string) => range(a, b)),
    );
    const changed = [...text].map((character) => {
      const index = from.indexOf(character);
      if (index < 0) return character;
      return flags.has('d') ? '' : (to[Math.min(index, to.length - 1)] ?? '');
    });
    call.stdout.write(changed.join(''));
    return 0;
  },
  seq(call) {
    const numbers = call.args.map(Number);
    const [first = 1, step = 1, last = 1] =
      numbers.length === 1 ? [1, 1, numbers[0]] : numbers.length === 2 ? [numbers[0], 1, numbers[1]] : numbers;
    for (let number = first; step > 0 ? number <= last : number >= last; number += step) say(call, String(number));
    return 0;
  },
  *xargs(call) {
    const text = yield* readAll(call.stdin);
    const words = text.split(/\s+/).filter((word) => word !== '');
    return words.length === 0 ? 0 : yield* call.run([...(call.args.length > 0 ? call.args : ['echo']), ...words]);
  },
  *base64(call) {
    const { flags, rest } = flagsOf(call.args, 'w');
    const { text, status } = yield* inputOf(call, rest);
    call.stdout.write(flags.has('d') ? decode(decodeBase64(text)) : `${encodeBase64(encode(text))}\n`);
    return status;
  },
};

const range = (from: string, to: string): string =>
  Array.from({ length: Math.max(0, to.charCodeAt(0) - from.charCodeAt(0) + 1) }, (_, index) =>
    String.fromCharCode(from.charCodeAt(0) + index),
  ).join('');
