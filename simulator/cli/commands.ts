import { type Command, Option } from 'commander';
import type { ApplyOptions } from './apply.ts';
import type { CheckOptions } from './check.ts';
import type { DiffOptions } from './diff.ts';
import type { ExplainOptions } from './explain.ts';
import type { FuzzOptions } from './fuzz.ts';
import type { RunOptions } from './run.ts';
import { traceFormats } from './output/trace-formats.ts';

const TRACE = 'write every event: .ndjson, .txt, .mmd (Mermaid) or .perfetto.json';
const SEED = 'chance of the run: names, addresses, faults';
const NODES = 'how many nodes of 4 CPU and 16Gi to make (3 if the input has no Nodes)';
const ONE_OBJECT = 'print one JSON object and nothing else';
const formatOption = (): Option => new Option('--format <format>', 'of the trace, whatever its ending').choices([...traceFormats]);
const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/**
 * Puts the commands in. What a command needs is loaded when it is called, so that any starts quickly.
 *
 * @param ends is given what a command comes to: its exit code.
 */
export function addCommands(program: Command, ends: (code: Promise<number>) => Promise<void>): void {
  program
    .command('run')
    .description('runs scenarios: what happens to a cluster, and what must hold')
    .argument('<scenario...>', 'files, folders, or - for standard input')
    .option('--set <path=value>', 'anything of the spec: plugins.cni=bridge, cluster.nodes.0.count=5, seed=7', collect, [])
    .option('--seed <seed>', SEED)
    .option('--until <duration>', 'end here, whatever the scenario says, such as 90s')
    .option('--step', 'go from call to call: who, why, what if it failed here; inject that fault, go back, write it down')
    .option('--twice', 'run each once more and compare every event: anything that differs breaks SIM-01')
    .option('--json', 'print one JSON object for each scenario and nothing else')
    .option('--junit <file>', 'write a JUnit report too')
    .option('--trace <file>', TRACE)
    .addOption(formatOption())
    .option('--full', 'whole requests, answers and objects in the NDJSON trace')
    .option('--no-elide', 'run idle ticks too; the result is the same')
    .action(async (paths: string[], options: RunOptions) =>
      ends(options.step ? (await import('./step/index.ts')).stepThrough(paths, options) : (await import('./run.ts')).run(paths, options)),
    );

  program
    .command('apply')
    .description('applies plain Kubernetes YAML and shows the settled cluster as kubectl get would')
    .argument('<manifest...>', 'files, folders, or - for standard input')
    .option('--nodes <n>', NODES)
    .option('--set <path=value>', 'plugins.cni=bridge, plugins.cni=./my-cni.ts, plugins.cri.with.OPTION=VALUE, seed=7', collect, [])
    .option('--seed <seed>', SEED)
    .option('--for <duration>', 'run for this virtual time, such as 10m, instead of until it has settled')
    .option('--json', ONE_OBJECT)
    .option('-o, --output <format>', 'json or yaml: the final objects as a List; wide: more columns')
    .option('--trace <file>', TRACE)
    .addOption(formatOption())
    .option('--story', 'tell first how one pod came to run: every call in order, who called whom and why')
    .option('--full', 'whole requests, answers and objects in the NDJSON trace')
    .option('--no-elide', 'run idle ticks too; the result is the same')
    .action(async (paths: string[], options: ApplyOptions) => ends((await import('./apply.ts')).apply(paths, options)));

  program
    .command('explain')
    .description('tells the story of one pod, claim or Service: every call in order, who, why, and the section of the spec')
    .argument('<file...>', 'a scenario, or manifests')
    .option('--pod <name>', 'whose story: web-0, shop/web-0, or deployment/web (the first pod of what is applied last)')
    .option('--claim <name>', 'the story of a PersistentVolumeClaim instead')
    .option('--service <name>', 'the story of a Service instead')
    .option('-o, --output <format>', 'text, mermaid or perfetto')
    .option('--nodes <n>', NODES)
    .option('--set <path=value>', 'as for run and apply', collect, [])
    .option('--seed <seed>', SEED)
    .option('--until <duration>', 'end here, such as 90s')
    .action(async (paths: string[], options: ExplainOptions) => ends((await import('./explain.ts')).explain(paths, options)));

  program
    .command('diff')
    .description('runs the same input twice and tells until when both are the same, and what differs then')
    .argument('<file...>', 'a scenario, or manifests')
    .option('--set <path=value>', 'changes the right run; given twice for one path, the first is for the left one', collect, [])
    .option('--left <path=value>', 'changes the left run only', collect, [])
    .option('--right <path=value>', 'changes the right run only', collect, [])
    .option('--seed <seed>', SEED)
    .option('--nodes <n>', NODES)
    .option('--until <duration>', 'end both here, such as 90s')
    .option('-o, --output <format>', 'text or mermaid')
    .option('--json', ONE_OBJECT)
    .action(async (paths: string[], options: DiffOptions) => ends((await import('./diff.ts')).diff(paths, options)));

  program
    .command('fuzz')
    .description('finds the failing story: draws cases from scenarios by seed, shrinks what fails, writes it as a scenario')
    .argument('[scenario...]', 'stories to draw from; none: every case draws its own')
    .option('--runs <n>', 'how many cases (100, or no end with --time)')
    .option('--time <duration>', 'how long, in real time, such as 30s or 10m')
    .option('--limit <duration>', 'real time after which a case is given up that does not come back (with two threads or more)', '60s')
    .option('--jobs <n>', 'how many threads (one for each processor); any number finds the same')
    .option('--seed <n>', 'seed of the first case; the next ones follow', '1')
    .option('--path <path>', 'with --seed: makes the small case of a failure again')
    .option('--orders <depth>', 'instead of seeds: every order of simultaneous events, up to so many choices')
    .option('--only <names>', 'what may go wrong (power, lost-answer, none …), or invariants that count (KUB-06 …)', collect, [])
    .option('--set <path=value>', 'anything of the spec: plugins.cni=./my-network.ts', collect, [])
    .option('--all', 'try all cases, however many fail')
    .option('--no-shrink', 'write failing cases as they were drawn')
    .option('--out <folder>', 'where failing cases are written', 'slipway-failures')
    .option('--corpus <folder>', 'keep interesting seeds there, and try them first')
    .option('--json', ONE_OBJECT)
    .option('--junit <file>', 'write a JUnit report too')
    .action(async (paths: string[], options: FuzzOptions) => ends((await import('./fuzz.ts')).fuzz(paths, options)));

  program
    .command('check')
    .description('reads scenarios and manifests and lists what would not be simulated; runs nothing')
    .argument('<file...>', 'scenarios and manifests: files, folders, or - for standard input')
    .option('--set <path=value>', 'anything of the spec: plugins.cni=bridge', collect, [])
    .option('--json', ONE_OBJECT)
    .action(async (paths: string[], options: CheckOptions) => ends((await import('./check.ts')).check(paths, options)));

  program
    .command('plugins')
    .description('lists interfaces, implementations and their options')
    .option('--json', ONE_OBJECT)
    .action(async (options: { json?: boolean }) => ends((await import('./plugins.ts')).plugins(options)));

  program
    .command('conformance')
    .description('runs the conformance cases of an interface against a plugin')
    .argument('<interface>', 'oci, cni, cri, csi, cpi, smi or cloud')
    .requiredOption('--plugin <plugin>', 'a name, or the path of your own')
    .option('--json', ONE_OBJECT)
    .action(async (kind: string, options: { plugin: string; json?: boolean }) =>
      ends((await import('./conformance.ts')).conformance(kind, options)),
    );

  program
    .command('new')
    .description('makes a folder with a plugin, a scenario, its tests and a README, green at once')
    .argument('<kind>', 'cri, cni, csi, cpi, smi, oci, controller, scheduler or scenario')
    .argument('<name>', 'of the plugin and its folder: lower-case letters, digits and dashes')
    .option('--json', ONE_OBJECT)
    .action(async (kind: string, name: string, options: { json?: boolean }) =>
      ends((await import('./new.ts')).newProject(kind, name, options)),
    );

  for (const command of program.commands) command.showHelpAfterError(`(slipway ${command.name()} --help lists the options)`);
}
