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

/** The option that a setting was given with: `diff` has `--left` and `--right` too. */
export type OptionOf = (text: string) => string;
const isSet: OptionOf = () => '--set';

/**
 * Reads `--set PATH=VALUE`. Paths start at a scenario's `spec`; `plugins.x` is short for `cluster.plugins.x`, and `controlPlane.x` likewise; values are YAML.
 * A plugin is `NAME`, or `.use=NAME` and `.with.OPTION=VALUE`; storage drivers are a list, `plugins.csi=ebs,efs`, and options go to the first.
 *
 * @throws UsageError
 */
export function parseSettings(texts: readonly string[], optionOf: OptionOf = isSet): readonly Setting[] {
  const settings = texts.map((text) => parseSetting(text, optionOf(text)));
  for (const [index, { path, text, option = '--set' }] of settings.entries()) {
    const above = settings
      .slice(0, index)
      .find((other) => other.path.length < path.length && other.path.every((step, at) => step === path[at]) && isPlain(other));
    const key = above?.path.at(-1);
    if (above && key !== undefined)
      throw new UsageError(`${option} ${text}: ${key} is given a value of its own already`, 'set either the option or what is in it');
  }
  return settings;
}

/** A plugin's name may be given and its options too; anything else that has a value of its own has nothing in it. */
function isPlain({ path, value }: Setting): boolean {
  const isPlugin = path.length === 3 && path[1] === 'plugins';
  return !isPlugin && (typeof value !== 'object' || value === null);
}

function parseSetting(text: string, option: string): Setting {
  const equals = text.indexOf('=');
  const told = `${option} ${text}`;
  if (equals <= 0)
    throw new UsageError(`${told} is not PATH=VALUE`, `write ${option} PATH=VALUE, for example ${option} plugins.cni=bridge`);
  const written = text.slice(0, equals).split('.');
  const raw = text.slice(equals + 1);
  const unsafe = written.find((key) => key === '' || UNSAFE.has(key));
  if (unsafe !== undefined) throw new UsageError(`${told}: no option is called "${unsafe}"`, '`slipway plugins` lists the options');
  const path = written[0] === 'plugins' || written[0] === 'controlPlane' ? ['cluster', ...written] : written;
  if (path.length === 1 && path[0] === 'seed') return { path, value: readSeed(raw), text, option };
  const isPlugin = path[0] === 'cluster' && path[1] === 'plugins' && path.length >= 3;
  return { path, value: isPlugin ? pluginValue(path.slice(2), raw, { option, told }) : readValue(raw, told), text, option };
}

/** A whole number, or any text. */
export function readSeed(text: string): number | string {
  if (text === '') throw new UsageError('the seed is empty', 'give a whole number or a text');
  return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
}

/** An option of the command line, and its whole text. */
interface Given {
  readonly option: string;
  readonly told: string;
}

function pluginValue([kind = '', part, ...inner]: readonly string[], raw: string, { option, told }: Given): unknown {
  if (!(INTERFACES as readonly string[]).includes(kind)) {
    const near = suggestion(kind, INTERFACES);
    throw new UsageError(
      `${told}: there is no interface "${kind}"`,
      `${near === undefined ? '' : `did you mean "${near}"? `}interfaces are ${INTERFACES.join(', ')}`,
    );
  }
  if (part === undefined || (part === 'use' && inner.length === 0)) {
    if (raw === '')
      throw new UsageError(`${told}: the plugin has no name`, `write ${option} plugins.${kind}=NAME or a path such as ./my-${kind}.ts`);
    return kind === 'csi' && part === undefined ? listOf(raw) : raw;
  }
  if (part === 'with' && inner.length > 0) return readValue(raw, told);
  throw new UsageError(`${told}: a plugin has "use" and "with"`, `write plugins.${kind}=NAME or plugins.${kind}.with.OPTION=VALUE`);
}

function readValue(raw: string, told: string): unknown {
  try {
    return parse(raw) as unknown;
  } catch {
    throw new UsageError(`${told}: the value is no YAML`, 'quote it');
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
export async function readSettings(texts: readonly string[], optionOf?: OptionOf): Promise<Settings> {
  const settings = parseSettings(texts, optionOf);
  for (const { path, text, option = '--set' } of settings) {
    if (path[0] === 'seed' && path.length === 1) continue;
    if (path[0] === 'cluster' && path[1] === 'plugins' && path.length >= 3) continue;
    throw new UsageError(
      `${option} ${text}: there is nothing called ${path.join('.')} to set`,
      `what can be set: seed, ${INTERFACES.map((name) => `plugins.${name}`).join(', ')}`,
    );
  }
  const nowhere = { file: '', line: 0, column: 0 };
  const { value } = withSettings({ value: { spec: {} }, placeOf: () => nowhere }, settings);
  const { spec } = value as { readonly spec: { readonly cluster?: ClusterDocument; readonly seed?: number | string } };
  const plugins = await loadChoices(spec.cluster?.plugins ?? {}, () => ({ place: undefined, file: undefined }));
  return { plugins, ...(spec.seed === undefined ? {} : { seed: spec.seed }) };
}
