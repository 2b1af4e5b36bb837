import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '@slipway/kernel';
import { stringify } from 'yaml';
import type { Failure } from '../../fuzz/index.ts';
import { UsageError } from '../usage-error.ts';
import { pathsFrom } from './plugin-paths.ts';

/** Writes a small case as a scenario that `slipway run` takes. Answers the file. @throws UsageError where it cannot be written */
export function writeCase(folder: string, failure: Failure, story: readonly string[]): string {
  const { invariant, seed, document } = failure;
  const name = `${document.metadata.name}-${invariant.toLowerCase().replace(/[^a-z0-9]+/g, '-')}-${seed}`.replace(/-+$/, '');
  const file = join(folder, `${name}.yaml`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, caseText({ ...failure, document: { ...document, metadata: { ...document.metadata, name } } }, story, folder));
  } catch (error) {
    throw new UsageError(`--out ${folder} cannot be written: ${(error as Error).message}`, 'name a folder that can be made');
  }
  return file;
}

function caseText({ invariant, seed, path, finding, document }: Failure, story: readonly string[], folder: string): string {
  const { apiVersion, kind, metadata, spec } = pathsFrom(document, folder);
  const way = path.length === 0 ? '' : `, path ${path.join(':')}`;
  return [
    `# ${invariant} at ${formatDuration(finding.at)}: ${finding.message.replace(/\s+/g, ' ')}`,
    `# Found by slipway fuzz: seed ${seed}${way}. What led to it:`,
    ...story.map((line) => `#   ${line}`),
    stringify({ apiVersion, kind, metadata, spec }, { lineWidth: 120, aliasDuplicateObjects: false }),
  ].join('\n');
}
