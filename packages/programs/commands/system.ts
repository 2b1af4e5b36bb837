import { signalOf } from '@slipway/host';
import { codeOf, type Micros, type Process, seconds, timeout } from '@slipway/kernel';
import { matches } from '../shell/pattern.ts';
import { formatDate } from './calendar.ts';
import { at, type Call, type CommandTable, fail, flagsOf, say } from './command.ts';
import { bytesOf } from './files.ts';
import { forever } from './text.ts';

/** Reads `5`, `0.5`, `2m`, `1h`, `1d`; undefined for `infinity` and for what is no span. */
export function spanOf(text: string): Micros | undefined {
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  if (!match) return undefined;
  return seconds(Number(match[1]) * ({ s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? ''] ?? 1));
}

/** `[ … ]` and `test`: what IEEE Std 1003.1 has, and `==`, `=~` of bash. */
function holds(call: Call, terms: readonly string[]): boolean {
  const split = (operator: string): number => terms.lastIndexOf(operator);
  for (const operator of ['-o', '||']) {
    const index = split(operator);
    if (index > 0 && index < terms.length - 1) return holds(call, terms.slice(0, index)) || holds(call, terms.slice(index + 1));
  }
  for (const operator of ['-a', '&&']) {
    const index = split(operator);
    if (index > 0 && index < terms.length - 1) return holds(call, terms.slice(0, index)) && holds(call, terms.slice(index + 1));
  }
  if (terms[0] === '!') return !holds(call, terms.slice(1));
  const [first = '', second = '', third = ''] = terms;
  if (terms.length <= 1) return first !== '';
  if (terms.length === 2) return unary(call, first, second);
  const [left, right] = [first, third];
  // In `[[` the right side is a pattern.
  if (call.argv[0] === '[[' && (second === '=' || second === '==' || second === '!=')) return matches(right, left) === (second !== '!=');
  return binary(left, second, right);
}

function unary(call: Call, operator: string, operand: string): boolean {
  if (operator === '-z') return operand === '';
  if (operator === '-n') return operand !== '';
  const { files } = call.context;
  const path = at(call, operand);
  const there = operand !== '' && files.exists(path);
  switch (operator) {
    case '-f':
      return there && files.status(path).kind === 'file';
    case '-d':
      return there && files.status(path).kind === 'directory';
    case '-s':
      return there && files.status(path).sizeBytes > 0;
    case '-L':
    case '-h':
      return there && files.linkStatus(path).kind === 'link';
    case '-t':
    case '-b':
    case '-c':
    case '-p':
      return false;
    case '-S':
      return there;
    default:
      // -e, -r, -w, -x: whoever runs may do everything with what exists.
      return there;
  }
}

function binary(a: string, operator: string, b: string): boolean {
  const [left, right] = [Number(a), Number(b)];
  switch (operator) {
    case '=':
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '=~':
      return new RegExp(b).test(a);
    case '-eq':
      return left === right;
    case '-ne':
      return left !== right;
    case '-lt':
      return left < right;
    case '-le':
      return left <= right;
    case '-gt':
      return left > right;
    case '-ge':
      return left >= right;
    default:
      return false;
  }
}

function testing(close: string | undefined): (call: Call) => number {
  return (call) => {
    if (close === undefined) return Number(!holds(call, call.args));
    if (call.args.at(-1) !== close) return fail(call, `sh: missing ${close}`, 2);
    return Number(!holds(call, call.args.slice(0, -1)));
  };
}

/** Wrappers run what follows their own arguments. */
const wrapper =
  (skip: (args: readonly string[]) => number) =>
  (call: Call): Process<number> =>
    call.run(call.args.slice(skip(call.args)));

const afterFlags = (args: readonly string[]): number => {
  const end = args.findIndex((arg) => !arg.startsWith('-'));
  return args[0] === '--' ? 1 : end < 0 ? args.length : args[end - 1] === '--' ? end : end;
};

function* withTimeout(call: Call): Process<number> {
  const { args } = call;
  let index = 0;
  while (args[index]?.startsWith('-')) index += /^-[sk]$/.test(args[index] ?? '') ? 2 : 1;
  // Old busybox wants `-t SECONDS`.
  const [limit, command] = args[0] === '-t' ? [args[1] ?? '', args.slice(2)] : [args[index] ?? '', args.slice(index + 1)];
  const span = spanOf(limit);
  if (span === undefined) return fail(call, `timeout: invalid number '${limit}'`);
  try {
    return yield* timeout(call.run(command), span);
  } catch (error) {
    if (codeOf(error) === 'DEADLINE_EXCEEDED') return 143;
    throw error;
  }
}

function environment(call: Call): number | Process<number> {
  const assignments: [string, string][] = [];
  let index = 0;
  let env = call.env;
  for (; index < call.args.length; index += 1) {
    const arg = call.args[index] ?? '';
    if (arg === '-i') env = {};
    else if (arg.includes('=') && !arg.startsWith('-')) assignments.push(arg.split(/=(.*)/s).slice(0, 2) as [string, string]);
    else break;
  }
  const all = { ...env, ...Object.fromEntries(assignments) };
  if (index < call.args.length) return call.run(call.args.slice(index), { env: all });
  for (const [name, value] of Object.entries({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOSTNAME: call.context.hostname,
    ...all,
  }))
    say(call, `${name}=${value}`);
  return 0;
}

/** Whether the container's first process goes by this name. */
function isMain({ context }: Call, name: string, whole: boolean): boolean {
  const { program, spec } = context.process;
  return (
    program.name === name ||
    spec.argv.some((arg) => arg === name || arg.endsWith(`/${name}`)) ||
    (whole && spec.argv.join(' ').includes(name))
  );
}

const find = (call: Call): string | undefined => flagsOf(call.args, 'us').rest[0];

/** Commands that ask the system, wait, or run others. */
export const SYSTEM_COMMANDS: CommandTable = {
  true: () => 0,
  false: () => 1,
  '[': testing(']'),
  '[[': testing(']]'),
  test: testing(undefined),
  *sleep(call) {
    let total = 0;
    for (const arg of call.args) {
      if (arg === 'infinity' || arg === 'inf') return yield* forever(call);
      const span = spanOf(arg);
      if (span === undefined) return fail(call, `sleep: invalid number '${arg}'`);
      total += span;
    }
    yield* call.context.sleep(total);
    return 0;
  },
  date(call) {
    const format = call.args.find((arg) => arg.startsWith('+'));
    say(
      call,
      formatDate(
        call.context.unixMicros,
        format?.slice(1) ?? (call.args.includes('-Iseconds') ? '%Y-%m-%dT%H:%M:%S+00:00' : '%a %b %e %H:%M:%S UTC %Y'),
      ),
    );
    return 0;
  },
  hostname(call) {
    if (call.args[0] === '-i' || call.args[0] === '-I') say(call, call.context.netns.ips.join(' ') || '127.0.0.1');
    else say(call, call.context.hostname);
    return 0;
  },
  uname(call) {
    const { flags } = flagsOf(call.args);
    say(
      call,
      flags.has('a')
        ? `Linux ${call.context.hostname} 6.1.0 #1 SMP x86_64 Linux`
        : flags.has('n')
          ? call.context.hostname
          : flags.has('m')
            ? 'x86_64'
            : flags.has('r')
              ? '6.1.0'
              : 'Linux',
    );
    return 0;
  },
  whoami(call) {
    say(call, call.context.process.spec.user ?? 'root');
    return 0;
  },
  id(call) {
    const uid = /^\d+/.exec(call.context.process.spec.user ?? '0')?.[0] ?? '0';
    say(call, call.args[0] === '-u' ? uid : `uid=${uid} gid=${uid}`);
    return 0;
  },
  nproc(call) {
    say(call, '1');
    return 0;
  },
  env: environment,
  printenv(call) {
    const [name] = call.args;
    if (name === undefined) return environment({ ...call, args: [] });
    const value = call.env[name] ?? (name === 'HOSTNAME' ? call.context.hostname : undefined);
    if (value === undefined) return 1;
    say(call, value);
    return 0;
  },
  ps(call) {
    say(call, 'PID   USER     TIME  COMMAND');
    const { spec, program } = call.context.process;
    say(call, `    1 root      0:00 ${spec.argv.join(' ') || program.name}`);
    return 0;
  },
  pgrep(call) {
    const name = find(call);
    if (name === undefined || call.context.process.state !== 'running' || !isMain(call, name, call.args.includes('-f'))) return 1;
    say(call, '1');
    return 0;
  },
  pidof(call) {
    if (!isMain(call, call.args[0] ?? '', false)) return 1;
    say(call, '1');
    return 0;
  },
  pkill(call) {
    const signal = signalOf(call.args.find((arg) => /^-(SIG)?[A-Z0-9]+$/.test(arg))?.slice(1) ?? 'TERM') ?? 'SIGTERM';
    if (!isMain(call, find({ ...call, args: call.args.filter((arg) => !arg.startsWith('-')) }) ?? '', call.args.includes('-f'))) return 1;
    // The kernel shields a container's first process from SIGKILL out of its own container.
    if (signal !== 'SIGKILL') call.context.process.signal(signal);
    return 0;
  },
  killall(call) {
    return call.run(['pkill', ...call.args]);
  },
  timeout: withTimeout,
  tini: wrapper(afterFlags),
  'dumb-init': wrapper(afterFlags),
  nohup: wrapper(() => 0),
  setsid: wrapper(afterFlags),
  time: wrapper(() => 0),
  nice: wrapper((args) => (args[0] === '-n' ? 2 : afterFlags(args))),
  sudo: wrapper(afterFlags),
  gosu: wrapper(() => 1),
  'su-exec': wrapper(() => 1),
  stdbuf: wrapper(afterFlags),
  chroot: wrapper(() => 1),
  sysctl: () => 0,
  mount: () => 0,
  umount: () => 0,
  modprobe: () => 0,
  iptables: () => 0,
  ip6tables: () => 0,
  adduser: () => 0,
  addgroup: () => 0,
  useradd: () => 0,
  groupadd: () => 0,
  apk: () => 0,
  apt: () => 0,
  'apt-get': () => 0,
  yum: () => 0,
  pip: () => 0,
  tput: () => 0,
  clear: () => 0,
  *watch(call) {
    const { flags, rest } = flagsOf(call.args, 'n');
    for (;;) {
      yield* call.run(['sh', '-c', rest.join(' ')]);
      yield* call.context.sleep(spanOf(flags.get('n') ?? '2') ?? seconds(2));
    }
  },
  *stress(call) {
    const flag = (name: string): string | undefined => call.args[call.args.indexOf(name) + 1];
    const bytes = call.args.includes('--vm-bytes')
      ? bytesOf(flag('--vm-bytes') ?? '0') * Number(flag('--vm') ?? flag('-m') ?? 1)
      : undefined;
    const cpus = Number(call.args.includes('--cpu') ? flag('--cpu') : call.args.includes('-c') ? flag('-c') : 0);
    call.context.use({
      ...(bytes === undefined ? {} : { memoryBytes: bytes }),
      ...(cpus > 0 ? { cpuNanocores: cpus * 1_000_000_000 } : {}),
    });
    const span = call.args.includes('--timeout') || call.args.includes('-t') ? spanOf(flag('--timeout') ?? flag('-t') ?? '') : undefined;
    if (span === undefined) return yield* forever(call);
    yield* call.context.sleep(span);
    call.context.use({ memoryBytes: 0, cpuNanocores: 0 });
    return 0;
  },
};
