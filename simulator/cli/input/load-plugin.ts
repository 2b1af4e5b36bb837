import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import type { Plugin as EsbuildPlugin } from 'esbuild';
import { suggestion } from '@slipway/kube/schema';
import { messageOf } from '@slipway/kernel';
import { builtInPlugins, type ControlPlaneInterface, type PluggableInterface } from '../../wiring/catalog.ts';
import { checkPlugin, expectInterface } from '../../wiring/check-plugin.ts';
import { PluginError } from '../../wiring/plugin-error.ts';
import { beforeLoading, guardHost, rememberModule } from '../leaks/index.ts';
import { rememberMap, urlOf } from './plugin-places.ts';

/** Where a transpiled plugin finds the running copies. */
const REGISTRY = '@slipway/running-modules';

/**
 * Loads a plugin from a path (`./my-cni.ts`) or a package. TypeScript is transpiled; a bare import of `@slipway/*` or `zod` means the
 * running copy, so that a plugin may lie anywhere.
 *
 * @throws PluginError with file, line and column for what does not parse.
 */
export async function loadPlugin(
  use: string,
  kind: PluggableInterface | ControlPlaneInterface,
): Promise<ReturnType<typeof expectInterface>> {
  return expectInterface(checkPlugin(await loadDefault(fileOf(use, kind), use), use), kind, use) as never;
}

/**
 * What a module exports by default. It is transpiled and finds the running copies as a plugin does.
 *
 * @param use how the user named it, for messages
 * @throws PluginError
 */
export async function loadDefault(file: string, use: string): Promise<unknown> {
  const { code, map } = await transpile(file, use);
  let module: { readonly default?: unknown };
  const registered = globalThis as unknown as Record<symbol, unknown>;
  registered[Symbol.for(REGISTRY)] = (await import('./running-modules.ts')).runningModules;
  rememberMap(code, map);
  guardHost();
  beforeLoading();
  try {
    module = await inTime(import(urlOf(code)) as Promise<{ readonly default?: unknown }>, use);
  } catch (error) {
    if (error instanceof PluginError) throw error;
    throw new PluginError(`${use} does not load: ${messageOf(error)}`, 'a plugin module must load without side effects', error);
  }
  rememberModule(module.default, urlOf(code));
  return module.default;
}

function fileOf(use: string, kind: PluggableInterface | ControlPlaneInterface): string {
  if (/^\.{0,2}\//.test(use) || isAbsolute(use) || /\.[cm]?[jt]s$/.test(use)) {
    const path = resolve(use);
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) throw new PluginError(`there is no plugin file ${use}`, `looked for ${path}`);
    if (!found.isFile()) throw new PluginError(`${use} is a folder, not a plugin file`, `name the file in it, for example ${use}/index.ts`);
    return path;
  }
  try {
    return createRequire(resolve('package.json')).resolve(use);
  } catch {
    const names = builtInPlugins()
      .filter((plugin) => plugin.interface === kind)
      .map(({ name }) => name);
    const near = suggestion(use, names);
    const hint = near === undefined ? '' : `did you mean "${near}"? `;
    throw new PluginError(
      `there is no ${kind} plugin "${use}", and no package of that name`,
      `${hint}${names.length === 0 ? 'none is built in' : `built in are ${names.join(', ')}`}; a file is named by its path, ./${use}.ts`,
    );
  }
}

/** A module that waits for something at its top level gets so long. */
const LOADING_MS = 10_000;

async function inTime<T>(loading: Promise<T>, use: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new PluginError(`${use} has not loaded in ${LOADING_MS / 1_000} s`, 'do not wait at the top level of the module')),
      LOADING_MS,
    );
  });
  try {
    return await Promise.race([loading, late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Transpiled {
  readonly code: string;
  readonly map: string;
}

async function transpile(file: string, use: string): Promise<Transpiled> {
  const { build } = await import('esbuild');
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      outfile: resolve('plugin.js'),
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'external',
      logLevel: 'silent',
      plugins: [await runningCopies()],
    });
    const ending = (suffix: string): string => outputFiles.find(({ path }) => path.endsWith(suffix))?.text ?? '';
    return { code: ending('.js'), map: ending('.map') };
  } catch (error) {
    const [first] =
      (error as { errors?: readonly { text: string; location: { file: string; line: number; column: number } | null }[] }).errors ?? [];
    if (!first) throw new PluginError(`${use} does not load: ${messageOf(error)}`);
    const { location } = first;
    const where = location ? `${relative('.', resolve(location.file))}:${location.line}:${location.column + 1}` : use;
    throw new PluginError(`${where}: ${first.text}`, 'mend the file');
  }
}

/** Sends bare imports to the copies that run here. */
async function runningCopies(): Promise<EsbuildPlugin> {
  const { runningModules } = await import('./running-modules.ts');
  return {
    name: 'slipway-running-copies',
    setup(build) {
      build.onResolve({ filter: /^(@slipway\/|zod$)/ }, ({ path }) => {
        if (path in runningModules) return { path, namespace: 'slipway' };
        return { errors: [{ text: `there is no module ${path}; there are ${Object.keys(runningModules).join(', ')}` }] };
      });
      build.onLoad({ filter: /.*/, namespace: 'slipway' }, ({ path }) => {
        const names = Object.keys(runningModules[path] ?? {}).filter((name) => name !== 'default');
        const contents = `const running = globalThis[Symbol.for(${JSON.stringify(REGISTRY)})][${JSON.stringify(path)}];\nexport default running.default;\nexport const { ${names.join(', ')} } = running;\n`;
        return { contents, loader: 'js', resolveDir: dirname(process.cwd()) };
      });
    },
  };
}
