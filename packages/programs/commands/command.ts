import { HostError, normalPath, type ProgramContext } from '@slipway/host';
import { messageOf, type Process } from '@slipway/kernel';
import type { Sink, Source } from '../shell/streams.ts';

/** A command that runs: what it was called with and where its input and output go. */
export interface Call {
  readonly context: ProgramContext;
  /** Its name first. */
  readonly argv: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly stdin: Source;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Runs another command in this one's place: for `env`, `timeout`, `xargs` and their like. */
  readonly run: (
    argv: readonly string[],
    change?: { readonly env?: Readonly<Record<string, string>>; readonly stdin?: Source },
  ) => Process<number>;
}

/** A model of a command: returns its exit code. An error that it throws is printed after its name, and the exit code is 1. */
export type CommandModel = (call: Call) => number | Process<number>;

/** Commands by name. */
export type CommandTable = Readonly<Record<string, CommandModel>>;

/** An absolute path from one that counts from the working directory. */
export const at = (call: Pick<Call, 'cwd'>, path: string): string => normalPath(path, call.cwd);

/** Writes a line to standard output. */
export function say(call: Call, line: string): void {
  call.stdout.write(`${line}\n`);
}

/** Writes a line to standard error and returns the exit code. */
export function fail(call: Call, line: string, exitCode = 1): number {
  call.stderr.write(`${line}\n`);
  return exitCode;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EEXIST: 'File exists',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  ENOTEMPTY: 'Directory not empty',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  EBUSY: 'Device or resource busy',
  EIO: 'Input/output error',
  EXDEV: 'Invalid cross-device link',
  ELOOP: 'Too many levels of symbolic links',
  EINVAL: 'Invalid argument',
};

/** The C library's words for an error of the host. */
export function reasonOf(error: unknown): string {
  return REASONS[(error as Partial<HostError>).code ?? ''] ?? messageOf(error);
}

/** Flags and operands: `-abc` is three flags; those in `valued` take the rest of the word, or the next one, as value. `--` ends flags. */
export function flagsOf(args: readonly string[], valued = ''): { flags: ReadonlyMap<string, string>; rest: readonly string[] } {
  const flags = new Map<string, string>();
  const rest: string[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const word = args[index] ?? '';
    if (word === '--') return { flags, rest: [...rest, ...args.slice(index + 1)] };
    if (word.startsWith('--')) {
      const [name = '', value] = word.slice(2).split(/=(.*)/s);
      flags.set(name, value ?? '');
    } else if (word.startsWith('-') && word.length > 1) {
      for (let letter = 1; letter < word.length; letter += 1) {
        const name = word[letter] ?? '';
        if (!valued.includes(name)) flags.set(name, '');
        else {
          const glued = word.slice(letter + 1);
          if (glued === '') index += 1;
          flags.set(name, glued === '' ? (args[index] ?? '') : glued);
          break;
        }
      }
    } else rest.push(word);
  }
  return { flags, rest };
}
