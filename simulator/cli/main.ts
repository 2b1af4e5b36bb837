import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { addCommands } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { hanging } from './output/hanging.ts';
import { faultOfPlugin } from './input/own-plugins.ts';
import { placeInPlugin, withPlaces } from './input/plugin-places.ts';

const VERSION = '0.1.0';
/** Runs the command and returns its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.held;
  const program = new Command('slipway')
    .description('A whole Kubernetes cluster in one process and in virtual time, with every plugin swappable.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error:/, pc.red('error:'))) })
    .showHelpAfterError('(slipway --help lists the commands)');
  addCommands(program, async (ending) => {
    code = await ending;
  });

  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return report(error);
  }
}

/** One clear message; a stack only for a defect of Slipway's own. */
function report(thrown: unknown): number {
  const error = faultOfPlugin(thrown) ?? thrown;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.held : EXIT.input;
  const { name, message, fix } = error as { name?: string; message?: string; fix?: string };
  if (name === 'InputError' || name === 'PluginError' || name === 'UsageError') {
    const place = placeInPlugin((error as Error).cause);
    const lines = [
      ...hanging(`error: ${place === undefined ? '' : `${place}: `}${withPlaces(message ?? '')}`, 0, 7),
      ...hanging(fix ?? '', 2),
    ];
    process.stderr.write(`${lines.join('\n').replace(/^error:/, pc.red('error:'))}\n`);
    return EXIT.input;
  }
  const told = withPlaces(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.stderr.write(`${pc.red('slipway has a defect:')} ${told}\n`);
  if (error instanceof Error && error.cause instanceof Error) process.stderr.write(`caused by ${withPlaces(error.cause.stack ?? '')}\n`);
  return EXIT.defect;
}
