import type { KubeObject } from '@slipway/kube';
import { diffReport, diffRuns, diffText, type KeptRun, type SideTitle } from '../diff/index.ts';
import { EXIT } from './exit-codes.ts';
import { type Sides, sidesOf } from './diff-sides.ts';
import { type OptionOf, parseSettings } from './input/set-options.ts';
import { type FinishedRun, runInputs } from './run-inputs.ts';
import { tellLeaks } from './leaks/index.ts';
import { UsageError } from './usage-error.ts';

/** As commander hands them over. */
export interface DiffOptions {
  readonly set: readonly string[];
  readonly left?: readonly string[];
  readonly right?: readonly string[];
  readonly seed?: string;
  readonly nodes?: string;
  readonly until?: string;
  readonly json?: boolean;
  readonly output?: string;
}

const OUTPUTS = ['text', 'mermaid'];
const SEVERAL = 'diff compares one input with itself under other settings: name one, and add --set PATH=VALUE';

/**
 * `slipway diff FILE… --set PATH=VALUE…`: runs the input twice, tells until when both runs are the same, which two events part them and why,
 * and then what differs in objects, calls and timing.
 *
 * The left run is the input as it is, and each `--set` changes the right one. A path set twice (`--set plugins.cni=bridge --set
 * plugins.cni=flannel`) has its first value on the left and its second on the right; `--left PATH=VALUE` and `--right PATH=VALUE` say so
 * outright. `--seed` is for both. Both runs last as long as the longer one, so that neither has an end that the other lacks.
 *
 * Returns 0 whether they differ or not: a difference is an answer, no failure.
 *
 * @throws UsageError, InputError, PluginError (exit code 2)
 */
export async function diff(paths: readonly string[], options: DiffOptions): Promise<number> {
  const { output = 'text', json, set, left = [], right = [], seed } = options;
  if (!OUTPUTS.includes(output)) throw new UsageError(`there is no output "${output}"`, `-o takes ${OUTPUTS.join(', ')}`);
  if (json && output === 'mermaid') throw new UsageError('--json and -o mermaid exclude each other', 'give one of them');
  const sides = sidesOf({ set, left, right, ...(seed === undefined ? {} : { seed }) });
  const optionOf: OptionOf = (text) => (left.includes(text) ? '--left' : right.includes(text) ? '--right' : '--set');
  for (const side of [sides.left, sides.right]) parseSettings(side, optionOf);
  const runs = await runBoth(paths, sides, { ...options, optionOf });
  const [first, second] = runs.map(keptRun) as [KeptRun, KeptRun];
  const titles = [titleOf(sides.left, first), titleOf(sides.right, second)] as const;
  const result = diffRuns(first, second);
  if (json) process.stdout.write(`${JSON.stringify(diffReport(result, ...titles))}\n`);
  else if (output === 'mermaid') process.stdout.write(`${(await import('../diff/mermaid.ts')).diffMermaid(result, ...titles)}\n`);
  else process.stdout.write(`${diffText(result, ...titles)}\n`);
  for (const { world } of runs) tellLeaks(world);
  const hint = hintFor(sides);
  if (hint !== undefined) process.stderr.write(`${hint}\n`);
  return EXIT.held;
}

async function runBoth(
  paths: readonly string[],
  sides: Sides,
  { seed, nodes, until, optionOf }: DiffOptions & { readonly optionOf: OptionOf },
): Promise<readonly [FinishedRun, FinishedRun]> {
  if (paths.includes('-')) throw new UsageError('standard input can be read once, and a diff runs its input twice', 'name a file');
  const both = { optionOf, seed, nodes, until, forSeveral: SEVERAL };
  const left = await runInputs(paths, { ...both, set: sides.left });
  const right = await runInputs(paths, { ...both, set: sides.right });
  const end = Math.max(left.world.kernel.now, right.world.kernel.now);
  for (const { world } of [left, right]) if (world.kernel.now < end) await world.kernel.runAsync({ until: end });
  return [left, right];
}

function keptRun({ world, outcome }: FinishedRun): KeptRun {
  const { server, recorder, kernel } = world;
  const objects: KubeObject[] = [];
  for (const { plural } of server.kinds()) objects.push(...server.objects(plural));
  return { trace: recorder.kept, objects, fingerprint: world.fingerprint, endedAt: kernel.now, expectations: outcome?.expectations ?? [] };
}

const titleOf = (set: readonly string[], { trace, fingerprint, endedAt }: KeptRun): SideTitle => ({
  title: set.length === 0 ? 'the input as it is' : set.join(', '),
  events: trace.length,
  fingerprint,
  endedAt,
});

/** Why nothing can differ. */
function hintFor({ left, right }: Sides): string | undefined {
  if (left.length === 0 && right.length === 0)
    return 'nothing was set, so the input was compared with itself; try --set plugins.cni=bridge';
  const same = left.length === right.length && left.every((text) => right.includes(text));
  return same ? 'both runs were given the same settings, so nothing could differ' : undefined;
}
