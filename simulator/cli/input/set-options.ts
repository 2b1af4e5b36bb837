import { suggestion } from '@slipway/kube/schema';
import { parse } from 'yaml';
import type { ClusterDocument } from '../../scenario/schema.ts';
import { type Setting, withSettings } from '../../scenario/settings.ts';
import { INTERFACES } from '../../wiring/catalog.ts';
import type { PluginChoices } from '../../wiring/container.ts';
import { loadChoices } from './plugin-choices.ts';
import { UsageError } from '../usage-error.ts';

/** What `--set` changed, where there is no scenario. */
export interface Settings {
  readonly plugins: PluginChoices;
  readonly seed?: number | string;
}

/**
 * Reads `--set PATH=VALUE`. Paths start at a scenario's `spec`; `plugins.x` is short for `cluster.plugins.x`; values are YAML.
 * A plugin is `NAME`, or `.use=NAME` and `.with.OPTION=VALUE`; storage drivers are a list, `plugins.csi=ebs,efs`, and options go to the first.
 *
 * @throws UsageError
 */
export function parseSettings(texts: readonly string[]): readonly Setting[] {
  const settings = texts.map(parseSetting);
  for (const [index, { path, text }] of settings.entries()) {
    const above = settings
      .slice(0, index)
      .find((other) => other.path.length < path.length && other.path.every((step, at) => step === path[at]) && isPlain(other));
    const key = above?.path.at(-1);
    if (above && key !== undefined)
      throw new UsageError(`--set ${text}: ${key} is given a value of its own already`, 'set either the option or what is in it');
  }
  return settings;
}

/** A plugin's name may be given and its options too; anything else that has a value of its own has nothing in it. */
function isPlain({ path, value }: Setting): boolean {
  const isPlugin = path.length === 3 && path[1] === 'plugins';
  return !isPlugin && (typeof value !== 'object' || value === null);
}

function parseSetting(text: string): Setting {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new UsageError(`--set ${text} is not PATH=VALUE`, 'write --set PATH=VALUE, for example --set plugins.cni=bridge');
  const written = text.slice(0, equals).split('.');
  const raw = text.slice(equals + 1);
  const unsafe = written.find((key) => key === '' || UNSAFE.has(key));
  if (unsafe !== undefined) throw new UsageError(`--set ${text}: no option is called "${unsafe}"`, '`slipway plugins` lists the options');
  const path = written[0] === 'plugins' ? ['cluster', ...written] : written;
  if (path.length === 1 && path[0] === 'seed') return { path, value: readSeed(raw), text };
  const isPlugin = path[0] === 'cluster' && path[1] === 'plugins' && path.length >= 3;
  return { path, value: isPlugin ? pluginValue(path.slice(2), raw, text) : readValue(raw, text), text };
}

/** A whole number, or any text. */
export function readSeed(text: string): number | string {
  if (text === '') throw new UsageError('the seed is empty', 'give a whole number or a text');
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

function pluginValue([kind = '', part, ...option]: readonly string[], raw: string, text: string): unknown {
  if (!(INTERFACES as readonly string[]).includes(kind)) {
    const near = suggestion(kind, INTERFACES);
    throw new UsageError(
      `--set ${text}: there is no interface "${kind}"`,
      `${near === undefined ? '' : `did you mean "${near}"? `}interfaces are ${INTERFACES.join(', ')}`,
    );
  }
  if (part === undefined || (part === 'use' && option.length === 0)) {
    if (raw === '')
      throw new UsageError(`--set ${text}: the plugin has no name`, `write --set plugins.${kind}=NAME or a path such as ./my-${kind}.ts`);
    return kind === 'csi' && part === undefined ? listOf(raw) : raw;
  }
  if (part === 'with' && option.length > 0) return readValue(raw, text);
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

/** `ebs,efs` or `[ebs, efs]`. */
function listOf(text: string): readonly string[] {
  return text
    .replace(/^\[(.*)\]$/, '$1')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * What can be set where there is no scenario: plugins and the seed.
 *
 * @throws UsageError, PluginError
 */
export async function readSettings(texts: readonly string[]): Promise<Settings> {
  const settings = parseSettings(texts);
  for (const { path, text } of settings) {
    if (path[0] === 'seed' && path.length === 1) continue;
    if (path[0] === 'cluster' && path[1] === 'plugins' && path.length >= 3) continue;
    throw new UsageError(
      `--set ${text}: there is nothing called ${path.join('.')} to set`,
      `what can be set: seed, ${INTERFACES.map((name) => `plugins.${name}`).join(', ')}`,
    );
  }
  const nowhere = { file: '', line: 0, column: 0 };
  const { value } = withSettings({ value: { spec: {} }, placeOf: () => nowhere }, settings);
  const { spec } = value as { readonly spec: { readonly cluster?: ClusterDocument; readonly seed?: number | string } };
  const plugins = await loadChoices(spec.cluster?.plugins ?? {}, () => ({ place: undefined, file: undefined }));
  return { plugins, ...(spec.seed === undefined ? {} : { seed: spec.seed }) };
}
