import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempted } from '../../fuzz/index.ts';
import { UsageError } from '../usage-error.ts';
import type { Story } from './stories.ts';

/** A seed that showed something that no seed before it had shown. */
interface Kept {
  readonly story: string;
  readonly seed: number;
  /** What it was the first to reach. */
  readonly reached: readonly string[];
}

/** Keeps interesting seeds in a folder: they are tried first when the same stories are searched again. */
export class Corpus {
  readonly #file: string;
  readonly #stories: readonly Story[];
  readonly #kept: Kept[];
  readonly #reached = new Set<string>();

  /** @throws UsageError for a file that is none of ours */
  constructor(folder: string, stories: readonly Story[]) {
    this.#file = join(folder, 'seeds.json');
    this.#stories = stories;
    this.#kept = read(this.#file);
    for (const { reached } of this.#kept) for (const name of reached) this.#reached.add(name);
    try {
      mkdirSync(folder, { recursive: true });
    } catch (error) {
      throw new UsageError(`--corpus ${folder} cannot be made: ${(error as Error).message}`, 'name a folder that can be made');
    }
  }

  /** The seeds of the stories that are searched. */
  get seeds(): readonly { readonly story: number; readonly seed: number }[] {
    return this.#kept.flatMap(({ story: name, seed }) => {
      const story = this.#stories.findIndex((one) => one.name === name);
      return story < 0 ? [] : [{ story, seed }];
    });
  }

  /** Told of each case, in the order of their numbers. */
  take({ story, seed, trial }: Attempted): void {
    const name = this.#stories[story]?.name ?? '';
    const shown = [
      ...trial.findings.map(({ invariant }) => `broken ${invariant}`),
      ...[...trial.situations].filter(([, count]) => count > 0).map(([situation]) => situation),
      ...trial.outcomes.keys(),
    ].map((text) => `${name}: ${text}`);
    const reached = shown.filter((text) => !this.#reached.has(text));
    if (reached.length === 0) return;
    for (const text of reached) this.#reached.add(text);
    this.#kept.push({ story: name, seed, reached });
  }

  write(): void {
    writeFileSync(this.#file, `${JSON.stringify({ seeds: this.#kept }, undefined, 1)}\n`);
  }
}

function read(file: string): Kept[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  try {
    return (JSON.parse(text) as { readonly seeds: Kept[] }).seeds.map(({ story, seed, reached }) => ({ story, seed, reached }));
  } catch {
    throw new UsageError(`${file} holds no corpus`, 'remove it, or name another folder');
  }
}
