import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT } from './exit-codes.ts';
import { hasConformance, type NewKind, type ProjectFiles, projectFiles, readKind, readName } from './new/project.ts';
import { UsageError } from './usage-error.ts';

export interface NewOptions {
  /** Print one JSON object and nothing else. */
  readonly json?: boolean;
}

/**
 * `slipway new KIND NAME`: makes the folder NAME with a plugin, a scenario, its tests and a README, green at once. Where the packages cannot
 * be found from there, `node_modules` is a link to those that run here, so that nothing need be installed.
 *
 * @throws UsageError for a kind or name that is none, and a folder that is not empty or cannot be made; nothing is left half done.
 */
export async function newProject(kindText: string, nameText: string, { json = false }: NewOptions = {}): Promise<number> {
  const kind = readKind(kindText);
  const name = readName(nameText);
  const files = projectFiles(kind, name, templatesOf(kind));
  const folder = resolve(name);
  refuseTaken(folder, name);
  const modules = findsPackages(dirname(folder)) ? undefined : packagesInUse();
  write(folder, files, modules);
  process.stdout.write(
    json
      ? `${JSON.stringify({ kind, name, folder, files: Object.keys(files).sort(), ...(modules === undefined ? {} : { nodeModules: modules }) })}\n`
      : told(kind, name, files, modules),
  );
  return EXIT.held;
}

/** The package that this file is part of, whether it runs as source or from the bundle. */
function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function templatesOf(kind: NewKind): ProjectFiles {
  const folder = join(packageFolder(), 'cli/new/templates', kind);
  return Object.fromEntries(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}

function refuseTaken(folder: string, name: string): void {
  let there: readonly string[];
  try {
    there = readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    if (code === 'ENOTDIR') throw new UsageError(`${name} is a file`, 'choose another name, or remove it');
    throw new UsageError(`${name} cannot be read: ${(error as Error).message}`, 'choose another name');
  }
  if (there.length > 0) throw new UsageError(`the folder ${name} is there already, and is not empty`, 'choose another name, or empty it');
}

function findsPackages(folder: string): boolean {
  try {
    createRequire(join(folder, 'any.js')).resolve('@slipway/kernel');
    return true;
  } catch {
    return false;
  }
}

/** The `node_modules` from which the running command takes its packages. Undefined for a command that stands alone. */
function packagesInUse(): string | undefined {
  for (let folder = packageFolder(); ; folder = dirname(folder)) {
    const modules = basename(folder) === 'node_modules' ? folder : join(folder, 'node_modules');
    if (existsSync(join(modules, '@slipway/kernel'))) return modules;
    if (dirname(folder) === folder) return undefined;
  }
}

/** Written beside its place and moved there whole, so that nobody finds half a folder. */
function write(folder: string, files: ProjectFiles, modules: string | undefined): void {
  let draft: string | undefined;
  try {
    draft = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
    const whole = join(draft, basename(folder));
    mkdirSync(whole);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(whole, file), text);
    if (modules !== undefined) symlinkSync(modules, join(whole, 'node_modules'), 'junction');
    renameSync(whole, folder);
  } catch (error) {
    throw new UsageError(`cannot make the folder ${basename(folder)}: ${(error as Error).message}`, 'go to a folder that you may write to');
  } finally {
    if (draft !== undefined) rmSync(draft, { recursive: true, force: true });
  }
}

function told(kind: NewKind, name: string, files: ProjectFiles, modules: string | undefined): string {
  const commands = [
    ['npm start', 'runs scenario.yaml'],
    ['npm test', 'runs the tests'],
    ...(hasConformance(kind) ? [['npm run conformance', `a line for each case of the ${kind.toUpperCase()} specification`]] : []),
  ];
  return [
    `made ${name}/ with ${Object.keys(files).sort().join(', ')}`,
    ...(modules === undefined ? [] : [`${name}/node_modules is a link to ${modules}: nothing need be installed`]),
    '',
    `  cd ${name}`,
    ...commands.map(([command = '', what = '']) => `  ${command.padEnd(22)}${what}`),
    '',
    `${name}/README.md says what is where.`,
    '',
  ].join('\n');
}
