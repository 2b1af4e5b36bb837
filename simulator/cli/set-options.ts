import { suggestion } from '@slipway/kube/schema';
import { parse } from 'yaml';
import type { PluginChoice, PluginChoices } from '../wiring/container.ts';
import { DEFAULTS, INTERFACES, type PluggableInterface } from '../wiring/catalog.ts';
import { loadPlugin } from './load-plugin.ts';
import { UsageError } from './usage-error.ts';

/** What `--set` changed. */
export interface Settings {
  readonly plugins: PluginChoices;
  readonly seed?: number | string;
}

interface Entry {
  use?: string;
  with?: Record<string, unknown>;
}

type Draft = { [I in PluggableInterface]?: Entry };

/**
 * Reads `--set PATH=VALUE`. Paths start at a scenario's `spec`; `plugins.x` is short for `cluster.plugins.x`; values are YAML.
 * A plugin is `NAME`, or `.use=NAME` and `.with.OPTION=VALUE`; storage drivers are a list, `plugins.csi=ebs,efs`, and options go to the first.
 *
 * @throws UsageError, PluginError
 */
export async function readSettings(texts: readonly string[]): Promise<Settings> {
  const draft: Draft = {};
  let seed: number | string | undefined;
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals <= 0)
      throw new UsageError(`--set ${text} is not PATH=VALUE`, 'write --set PATH=VALUE, for example --set plugins.cni=bridge');
    const path = text
      .slice(0, equals)
      .replace(/^cluster\./, '')
      .split('.');
    const raw = text.slice(equals + 1);
    if (path.length === 1 && path[0] === 'seed') seed = readSeed(raw);
    else if (path[0] === 'plugins' && path.length >= 2) setPlugin(draft, path.slice(1), raw, text);
    else
      throw new UsageError(
        `--set ${text}: there is nothing called ${path.join('.')} to set`,
        `what can be set: seed, ${INTERFACES.map((name) => `plugins.${name}`).join(', ')}`,
      );
  }
  return { plugins: await load(draft), ...(seed === undefined ? {} : { seed }) };
}

/** A whole number, or any text. */
export function readSeed(text: string): number | string {
  if (text === '') throw new UsageError('the seed is empty', 'give a whole number or a text');
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function setPlugin(draft: Draft, path: readonly string[], raw: string, text: string): void {
  const [kind = '', part, ...option] = path;
  if (!(INTERFACES as readonly string[]).includes(kind)) {
    const near = suggestion(kind, INTERFACES);
    throw new UsageError(
      `--set ${text}: there is no interface "${kind}"`,
      `${near === undefined ? '' : `did you mean "${near}"? `}interfaces are ${INTERFACES.join(', ')}`,
    );
  }
  const entry = (draft[kind as PluggableInterface] ??= {});
  if (part === undefined || (part === 'use' && option.length === 0)) {
    if (raw === '')
      throw new UsageError(`--set ${text}: the plugin has no name`, `write --set plugins.${kind}=NAME or a path such as ./my-${kind}.ts`);
    entry.use = raw;
  } else if (part === 'with' && option.length > 0) assign((entry.with ??= {}), option, readValue(raw, text), text);
  else
    throw new UsageError(`--set ${text}: a plugin has "use" and "with"`, `write plugins.${kind}=NAME or plugins.${kind}.with.OPTION=VALUE`);
}

function readValue(raw: string, text: string): unknown {
  try {
    return parse(raw) as unknown;
  } catch {
    throw new UsageError(`--set ${text}: the value is no YAML`, 'quote it');
  }
}

/** Keys that would reach the prototypes of all objects. */
const UNSAFE: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

function assign(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown, text: string): void {
  if (key === '' || UNSAFE.has(key))
    throw new UsageError(`--set ${text}: no option is called "${key}"`, '`slipway plugins` lists the options');
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = (target[key] ??= {});
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner))
    throw new UsageError(`--set ${text}: ${key} is given a value of its own already`, 'set either the option or what is in it');
  assign(inner as Record<string, unknown>, rest, value, text);
}

async function load(draft: Draft): Promise<PluginChoices> {
  const choices: { [I in Exclude<PluggableInterface, 'csi'>]?: PluginChoice } & { csi?: readonly PluginChoice[] } = {};
  for (const kind of INTERFACES) {
    const entry = draft[kind];
    if (!entry) continue;
    if (kind !== 'csi') {
      choices[kind] = await choiceOf(kind, entry.use, entry.with);
      continue;
    }
    const names = entry.use === undefined ? DEFAULTS.csi : listOf(entry.use);
    const drivers: PluginChoice[] = [];
    for (const [index, name] of names.entries()) drivers.push(await choiceOf(kind, name, index === 0 ? entry.with : undefined));
    choices.csi = drivers;
  }
  return choices;
}

/** `ebs,efs` or `[ebs, efs]`. */
function listOf(text: string): readonly string[] {
  return text
    .replace(/^\[(.*)\]$/, '$1')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

async function choiceOf(
  kind: PluggableInterface,
  name: string | undefined,
  options: Record<string, unknown> | undefined,
): Promise<PluginChoice> {
  const use = name !== undefined && !isBuiltInName(name) ? await loadPlugin(name, kind) : name;
  return { ...(use === undefined ? {} : { use: use as never }), ...(options === undefined ? {} : { with: options }) };
}

/** Paths and package names have what no built-in name has. */
function isBuiltInName(use: string): boolean {
  return /^[a-z0-9][a-z0-9-]*$/.test(use);
}
