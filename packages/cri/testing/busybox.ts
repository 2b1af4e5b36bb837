import { seconds, sleep, type Process } from '@slipway/kernel';
import type { ExecResult, Program, ProgramContext, ProgramResolver } from '@slipway/host';

// The few commands that the cases of this package use. What containers do in a cluster is modelled in @slipway/programs, which stands
// above this package.

/** Runs one command; returns its exit code, or undefined when a script goes on after it. */
function* command(words: readonly string[], print: (text: string) => void, ended: (code: number) => void): Process {
  const [name, ...args] = words;
  if (name === 'echo') print(args[0] === '-n' ? args.slice(1).join(' ') : `${args.join(' ')}\n`);
  else if (name === 'sleep') yield* sleep(seconds(Number(args[0])));
  else if (name === 'exit') ended(Number(args[0] ?? 0));
  else {
    print(`${name}: not found\n`);
    ended(127);
  }
}

function* script(argv: readonly string[], print: (text: string) => void): Process<number> {
  const commands = argv[0] === 'sh' && argv[1] === '-c' ? (argv[2] ?? '').split(';').map((part) => part.trim().split(/\s+/)) : [argv];
  let code: number | undefined;
  for (const words of commands) {
    yield* command(words, print, (end) => {
      code = end;
    });
    if (code !== undefined) return code;
  }
  return 0;
}

/** A shell with `echo`, `sleep` and `exit`; and `wait-for-signal`, which ends with 0 at SIGTERM. */
const busybox: Program = {
  name: 'busybox',
  *run(context: ProgramContext): Process<number> {
    if (context.argv[0] === 'wait-for-signal') {
      while ((yield* context.signals.receive()) !== 'SIGTERM');
      return 0;
    }
    if (context.argv[0] === 'eat-memory') context.use({ memoryBytes: 1024 * 1024 * 1024 });
    return yield* script(context.argv, (text) => {
      for (const line of text.replace(/\n$/, '').split('\n')) context.print(line);
    });
  },
  *exec(_context: ProgramContext, argv: readonly string[]): Process<ExecResult> {
    let stdout = '';
    const exitCode = yield* script(argv, (text) => {
      stdout += text;
    });
    return { exitCode, stdout, stderr: '' };
  },
};

const pause: Program = {
  name: 'pause',
  *run(context: ProgramContext): Process<number> {
    yield* context.signals.receive();
    return 0;
  },
};

export const testPrograms: ProgramResolver = {
  resolve: (image) => (image?.includes('pause') ? pause : busybox),
};
