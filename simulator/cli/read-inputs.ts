import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../scenario/input-error.ts';
import type { SourceText } from '../scenario/yaml-source.ts';

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * Reads what the user named: files, folders (their .yaml, .yml and .json files, sorted by name), `-` for standard input.
 *
 * @throws InputError for what cannot be read.
 */
export function readInputs(paths: readonly string[]): SourceText[] {
  return paths.flatMap((path) => {
    if (path === '-') return [{ file: '-', text: decode(readFileSync(0)) }];
    return filesOf(path).map((file) => ({ file, text: decode(readFileSync(file)) }));
  });
}

function filesOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw problem(path, 'there is no such file or folder', 'check the path');
  if (!found.isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => MANIFEST.test(name))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => join(path, name))
    .filter((file) => statSync(file).isFile());
  if (files.length === 0) throw problem(path, 'the folder holds no manifest', 'name a folder with .yaml, .yml or .json files');
  return files;
}

/** Bytes that are no UTF-8 become U+FFFD, which the loader takes for a binary file. */
function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8').decode(bytes);
}

function problem(file: string, message: string, fix: string): InputError {
  return new InputError([{ place: { file, line: 0, column: 0 }, message, fix }]);
}
