import { Command, CommanderError, Option } from 'commander';
import pc from 'picocolors';
import { EXIT } from './exit-codes.ts';
import { placeInPlugin } from './plugin-places.ts';
import type { ApplyOptions } from './apply.ts';

const VERSION = '0.1.0';

/** Runs the command and returns its exit code. What a command needs is loaded when it is called, so that it starts quickly. */
export async function main(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.held;
  const program = new Command('slipway')
    .description('A whole Kubernetes cluster in one process and in virtual time, with every plugin swappable.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) })
    .showHelpAfterError('(slipway --help lists the commands)');
  const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

  program
    .command('apply')
    .description('applies plain Kubernetes YAML and shows the settled cluster as kubectl get would')
    .argument('<manifest...>', 'files, folders, or - for standard input')
    .option('--nodes <n>', 'how many nodes of 4 CPU and 16Gi to make (3 if the input has no Nodes)')
    .option('--set <path=value>', 'plugins.cni=bridge, plugins.cni=./my-cni.ts, plugins.cri.with.OPTION=VALUE, seed=7', collect, [])
    .option('--seed <seed>', 'chance of the run: names, addresses, faults')
    .option('--for <duration>', 'run for this virtual time, such as 10m, instead of until it has settled')
    .option('--json', 'print one JSON object and nothing else')
    .option('-o, --output <format>', 'json or yaml: the final objects as a List; wide: more columns')
    .option('--trace <file>', 'write every event: .ndjson, .txt or .mmd (Mermaid)')
    .addOption(new Option('--format <format>', 'of the trace, whatever its ending').choices(['text', 'ndjson', 'mermaid']))
    .option('--story', 'tell first how one pod came to run: every call in order, who called whom and why')
    .option('--full', 'whole requests, answers and objects in the NDJSON trace')
    .option('--no-elide', 'run idle ticks too; the result is the same')
    .action(async (paths: string[], options: ApplyOptions) => {
      code = await (await import('./apply.ts')).apply(paths, options);
    });

  program
    .command('plugins')
    .description('lists interfaces, implementations and their options')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (options: { json?: boolean }) => {
      code = await (await import('./plugins.ts')).plugins(options);
    });

  program
    .command('conformance')
    .description('runs the conformance cases of an interface against a plugin')
    .argument('<interface>', 'oci, cni or cri')
    .requiredOption('--plugin <plugin>', 'a name, or the path of your own')
    .option('--json', 'print one JSON object and nothing else')
    .action(async (kind: string, options: { plugin: string; json?: boolean }) => {
      code = await (await import('./conformance.ts')).conformance(kind, options);
    });

  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    return report(error);
  }
}

/** One clear message; a stack only for a defect of Slipway's own. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.held : EXIT.input;
  const { name, message, fix } = error as { name?: string; message?: string; fix?: string };
  if (name === 'InputError' || name === 'PluginError' || name === 'UsageError') {
    const place = placeInPlugin((error as Error).cause);
    process.stderr.write(
      `${pc.red('error:')} ${place === undefined ? '' : `${place}: `}${message}${fix === undefined ? '' : `\n  ${fix}`}\n`,
    );
    return EXIT.input;
  }
  process.stderr.write(`${pc.red('slipway has a defect:')} ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  if (error instanceof Error && error.cause instanceof Error) process.stderr.write(`caused by ${error.cause.stack}\n`);
  return EXIT.defect;
}
