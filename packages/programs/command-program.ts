import type { ExecResult, Program, ProgramContext } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import { ChildContext } from './child-context.ts';
import { invoke } from './shell/invoke.ts';
import type { Io } from './shell/redirects.ts';
import { type CommandFinder, Shell } from './shell/shell.ts';
import { LineSink, TextSink, TextSource } from './shell/streams.ts';

/** A container whose first process is a shell or a command: `sh -c …`, `sleep 3600`. */
export function commandProgram(finder: CommandFinder): Program {
  return {
    name: 'command',
    *run(context) {
      const { io, flush } = containerIo(context);
      const shell = new Shell(context, finder, { io, container: io, serves: !context.oneShot });
      try {
        // Without arguments these images start a shell, which finds no input and ends.
        const argv = context.argv.length > 0 ? context.argv : ['sh'];
        return yield* shell.subshell((inner) => invoke(inner, argv, io, true), io);
      } finally {
        flush();
      }
    },
    exec: (context, argv) => execute(finder, context, argv),
  };
}

/** Runs a command in a container beside its first process. */
export function* execute(finder: CommandFinder, context: ProgramContext, argv: readonly string[]): Process<ExecResult> {
  const [stdout, stderr] = [new TextSink(), new TextSink()];
  const io: Io = { stdin: new TextSource(''), stdout, stderr };
  const { io: container, flush } = containerIo(context);
  const shell = new Shell(new ChildContext(context, { argv }), finder, { io, container, serves: false });
  const exitCode = yield* shell.subshell((inner) => invoke(inner, argv, io, true), io);
  flush();
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

function containerIo(context: ProgramContext): { io: Io; flush: () => void } {
  const stdout = new LineSink((line) => context.print(line));
  const stderr = new LineSink((line) => context.printError(line));
  const flush = (): void => {
    stdout.flush();
    stderr.flush();
  };
  return { io: { stdin: new TextSource(''), stdout, stderr }, flush };
}
