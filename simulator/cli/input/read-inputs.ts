import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../manifests/input-error.ts';
import type { SourceText } from '../../manifests/yaml-source.ts';

const MANIFEST = /\.(ya?ml|json)$/;

/**
 * Reads what the user named: files, folders (their .yaml, .yml and .json files, sorted by name), `-` for standard input.
 *
 * @throws InputError for what cannot be read.
 */
export async function readInputs(paths: readonly string[]): Promise<SourceText[]> {
  const sources: SourceText[] = [];
  for (const path of paths) {
    if (path === '-') sources.push({ file: '-', text: decode('-', await standardInput()) });
    else sources.push(...readFileOrFolder(path));
  }
  return sources;
}

/** The file, or the manifests of the folder. @throws InputError */
export function readFileOrFolder(path: string): SourceText[] {
  return filesOf(path).map((file) => ({
    file,
    text: decode(
      file,
      reading(file, () => readFileSync(file)),
    ),
  }));
}

async function standardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

function filesOf(path: string): string[] {
  const found = reading(path, () => statSync(path));
  if (found.isFile() || found.isFIFO()) return [path];
  if (!found.isDirectory())
    throw problem(path, 'is neither file nor folder', 'name a .yaml, .yml or .json file, a folder, or - for standard input');
  const entries = reading(path, () => readdirSync(path)).sort((a, b) => (a < b ? -1 : 1));
  const files = entries
    .filter((name) => MANIFEST.test(name))
    .map((name) => join(path, name))
    .filter((file) => reading(file, () => statSync(file)).isFile());
  if (files.length > 0) return files;
  const folder = entries.map((name) => join(path, name)).find((entry) => statSync(entry, { throwIfNoEntry: false })?.isDirectory());
  throw problem(
    path,
    'the folder holds no manifest',
    folder === undefined
      ? 'name a folder with .yaml, .yml or .json files'
      : `folders inside of it are not read: name them too, for example ${folder}`,
  );
}

/** What the system's errors mean to somebody who named a path. */
const FAILURES: Readonly<Record<string, readonly [message: string, fix: string]>> = {
  ENOENT: ['there is no such file or folder', 'check the path, and where it leads if it is a link'],
  ENOTDIR: ['there is no such file or folder', 'a part of the path is a file, not a folder'],
  EACCES: ['there is no permission to read it', 'change its permissions, or run as somebody who may read it'],
  EPERM: ['there is no permission to read it', 'change its permissions, or run as somebody who may read it'],
  ELOOP: ['its symbolic links lead in a circle', 'name the file itself'],
  ENAMETOOLONG: ['the path is too long', 'check the path'],
  ERR_FS_FILE_TOO_LARGE: ['is too large', 'split it into several files'],
};

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    const [text, fix] = FAILURES[code] ?? [`cannot be read: ${message}`, 'check the path'];
    throw problem(path, text, fix);
  }
}

/** UTF-8, or UTF-16 with a byte order mark, as YAML allows. A mark at the beginning is no part of the text. */
function decode(file: string, bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const text = new TextDecoder('utf-8').decode(bytes);
  const replaced = text.indexOf('\ufffd');
  // A binary file is told by its control characters, which are the loader's to find.
  if (replaced < 0 || isUtf8(bytes) || text.includes('\0')) return text;
  const before = text.slice(0, replaced);
  throw new InputError([
    {
      place: { file, line: before.split('\n').length, column: replaced - before.lastIndexOf('\n') },
      message: 'is not a text file in UTF-8',
      fix: 'save it as UTF-8, or name another file',
    },
  ]);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function problem(file: string, message: string, fix: string): InputError {
  return new InputError([{ place: { file, line: 0, column: 0 }, message, fix }]);
}
