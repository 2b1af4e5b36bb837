import type { Program } from '@slipway/host';
import { parseScript } from '../shell/parser.ts';
import { commandName } from '../shell/invoke.ts';
import type { CommandFinder } from '../shell/shell.ts';
import type { List } from '../shell/syntax.ts';
import { CLIENT_COMMANDS, CONTROL_COMMANDS } from './clients.ts';
import type { CommandModel, CommandTable } from './command.ts';
import { FILE_COMMANDS, OWNERSHIP_COMMANDS } from './files.ts';
import { NETWORK_COMMANDS } from './network.ts';
import { SYSTEM_COMMANDS } from './system.ts';
import { TEXT_COMMANDS } from './text.ts';

const COMMANDS: CommandTable = {
  ...FILE_COMMANDS,
  ...OWNERSHIP_COMMANDS,
  ...TEXT_COMMANDS,
  ...SYSTEM_COMMANDS,
  ...NETWORK_COMMANDS,
  ...CLIENT_COMMANDS,
};

/** A tool that shares its name with a server, by what tells the two apart. */
const CONTROLS: Readonly<Record<string, (args: readonly string[]) => boolean>> = {
  nginx: (args) => args.some((arg) => ['-s', '-t', '-v', '-V', '-T'].includes(arg)),
  apachectl: (args) => args.some((arg) => /stop|restart|graceful/.test(arg)),
  pg_ctl: () => true,
};

/** Scripts kept parsed; beyond this many the oldest go. */
const MAX_SCRIPTS = 1000;

/** Commands of the built-in tables, and programs as whoever makes it knows them. */
export class Commands implements CommandFinder {
  readonly unknown: Program;
  readonly #program: (argv: readonly string[]) => Program | undefined;
  readonly #scripts = new Map<string, List>();

  constructor(unknown: Program, program: (argv: readonly string[]) => Program | undefined) {
    this.unknown = unknown;
    this.#program = program;
  }

  command(argv: readonly string[]): CommandModel | undefined {
    const name = commandName(argv);
    if (name === 'busybox' && argv.length > 1) return (call) => call.run(call.args);
    if (Object.hasOwn(CONTROLS, name)) return CONTROLS[name]?.(argv.slice(1)) ? CONTROL_COMMANDS[name] : undefined;
    return Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  }

  program(argv: readonly string[]): Program | undefined {
    return this.#program(argv);
  }

  parse(script: string): List {
    const known = this.#scripts.get(script);
    if (known) return known;
    const list = parseScript(script);
    const [oldest] = this.#scripts.keys();
    if (this.#scripts.size >= MAX_SCRIPTS && oldest !== undefined) this.#scripts.delete(oldest);
    this.#scripts.set(script, list);
    return list;
  }
}
