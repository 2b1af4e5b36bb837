import { join } from 'node:path';
import { nodesIn } from '../simulator/cli/fuzz/report.ts';
import { readInputs } from '../simulator/cli/input/read-inputs.ts';
import { loadScenarios } from '../simulator/cli/input/scenario-input.ts';
import { parseSettings } from '../simulator/cli/input/set-options.ts';
import { type CaseKey, type Failure, Fuzzer, PLAIN, type Trial, wholeDocument } from '../simulator/fuzz/index.ts';
import { fuzzWorlds } from '../simulator/wiring/fuzz-world.ts';

export const PLANTED = join(import.meta.dirname, 'planted');

/** A part of a cluster that is a file of `planted/`. */
export interface Part {
  /** Of `planted/stories/`. */
  readonly story: string;
  /** What `--set` sets: `plugins.cni`. */
  readonly set: string;
  /** Path in `planted/`, without its ending. */
  readonly file: string;
}

/** What `slipway fuzz test/planted/stories/STORY.yaml --set SET=test/planted/FILE.ts` tries its cases with. */
export async function fuzzerFor({ story, set, file }: Part): Promise<Fuzzer> {
  const path = join(PLANTED, 'stories', `${story}.yaml`);
  const [source] = await readInputs([path]);
  if (!source) throw new Error(`nothing was read from ${path}`);
  const [loaded] = await loadScenarios(source, parseSettings([`${set}=${join(PLANTED, `${file}.ts`)}`]));
  if (!loaded) throw new Error(`${path} has no scenario`);
  const { scenario, plugins, draft, kinds, brought } = loaded;
  const base = { file: path, document: wholeDocument(scenario, draft.spec.invariants), kinds, brought };
  return await Fuzzer.of({ base, makeWorld: fuzzWorlds(plugins) });
}

/** A case in which an invariant broke. */
export interface Caught {
  readonly key: CaseKey;
  readonly trial: Trial;
  /** Cases tried, this one among them. */
  readonly tried: number;
}

/** The first of these seeds in whose case the invariant breaks. Seed 0 stands for the story as it was written. */
export async function hunt(fuzzer: Fuzzer, invariant: string, from: number, to: number): Promise<Caught | undefined> {
  for (let seed = from; seed <= to; seed += 1) {
    const trial = seed === 0 ? fuzzer.plain : await fuzzer.try(seed);
    if (trial.findings.some((finding) => finding.invariant === invariant))
      return { key: seed === 0 ? PLAIN : seed, trial, tried: seed - from + 1 };
  }
  return undefined;
}

/** The smallest case that breaks the invariant too. */
export async function shrunk(fuzzer: Fuzzer, { key, trial }: Caught, invariant: string): Promise<Failure> {
  const finding = trial.findings.find((one) => one.invariant === invariant);
  if (!finding) throw new Error(`${invariant} did not break`);
  return await fuzzer.shrink(key, finding);
}

/** How large a case is. */
export function sizeOf({ document }: Failure): { readonly nodes: number; readonly steps: number } {
  return { nodes: nodesIn(document), steps: document.spec.steps?.length ?? 0 };
}
