import { codeOf, messageOf } from '@slipway/kernel';
import type { FileSystem } from '@slipway/host';
import { CNI_ERROR, CniError } from '../errors.ts';
import { isAtLeast, SUPPORTED_VERSIONS } from '../methods.ts';
import { NETWORK_CONFIG_DIRECTORY, type NetworkConfigList, type NetworkPlugin } from '../network-config.ts';
import { invalidName } from '../rules.ts';

/** A network as it was read, with all its plugins in place. */
export interface Network extends NetworkConfigList {
  /** The version that calls are made in: the highest of `cniVersion` and `cniVersions` that Slipway speaks. */
  readonly cniVersion: string;
}

/**
 * Reads the text of a `*.conflist`.
 *
 * @throws CniError 6 (no JSON), 7 (a key is missing or wrong), 1 (no version that Slipway speaks). Messages: libcni/conf.go.
 */
export function parseNetworkConfig(text: string): Network {
  const raw = parseObject(text, 'error parsing configuration list');
  if (raw['name'] === undefined) throw invalid('error parsing configuration list: no name');
  if (typeof raw['name'] !== 'string') throw invalid(`error parsing configuration list: invalid name type ${typeof raw['name']}`);
  const wrongName = invalidName(raw['name']);
  if (wrongName) throw invalid(`error parsing configuration list: invalid name: ${wrongName}`);
  const only = flag(raw, 'loadOnlyInlinedPlugins');
  if (only && raw['plugins'] === undefined) {
    throw invalid("error parsing configuration list: `loadOnlyInlinedPlugins` is true, and no 'plugins' key");
  }
  const plugins = raw['plugins'] ?? [];
  if (!Array.isArray(plugins)) throw invalid(`error parsing configuration list: invalid 'plugins' type ${typeof plugins}`);
  return {
    ...raw,
    name: raw['name'],
    cniVersion: selectVersion(raw),
    disableCheck: flag(raw, 'disableCheck'),
    disableGC: flag(raw, 'disableGC'),
    loadOnlyInlinedPlugins: only,
    plugins: plugins.map((plugin: unknown, at) => parsePlugin(plugin, `failed to parse plugin config ${at}: `)),
  };
}

/** Reads the network that counts on a host, again and again: what has not changed is not parsed anew. */
export class NetworkConfigReader {
  readonly #files: FileSystem;
  readonly #directory: string;
  #known: { readonly texts: readonly string[]; readonly network: Network } | undefined;

  constructor(files: FileSystem, directory: string = NETWORK_CONFIG_DIRECTORY) {
    this.#files = files;
    this.#directory = directory;
  }

  /** @see loadNetworkConfig */
  read(): Network | undefined {
    const [file] = filesIn(this.#files, this.#directory, '.conflist');
    if (file === undefined) return undefined;
    try {
      const text = this.#files.readText(file);
      const known = this.#known;
      if (known?.texts[0] === text && sameTexts(known.texts, this.#textsOf(known.network, text))) return known.network;
      const network = parseNetworkConfig(text);
      const texts = this.#textsOf(network, text);
      const siblings = texts.slice(1).map((each) => parsePlugin(parseObject(each, 'error parsing configuration'), ''));
      const plugins = [...network.plugins, ...siblings];
      if (plugins.length === 0) throw invalid('error parsing configuration list: no plugins in list');
      this.#known = { texts, network: { ...network, plugins } };
      return this.#known.network;
    } catch (error) {
      const code = Number(codeOf(error));
      const message = `failed to load CNI config list file ${file}: ${messageOf(error)}`;
      throw new CniError(Number.isNaN(code) ? CNI_ERROR.IO_FAILURE : code, message);
    }
  }

  /** The list's text, and those of the plugin objects in the folder named like the network. */
  #textsOf({ name, loadOnlyInlinedPlugins }: Network, text: string): readonly string[] {
    if (loadOnlyInlinedPlugins) return [text];
    return [text, ...filesIn(this.#files, `${this.#directory}/${name}`, '.conf').map((file) => this.#files.readText(file))];
  }
}

/**
 * Reads the network that counts on a host: the first `*.conflist` by name. Plugin objects in the folder named like the network are
 * appended, unless `loadOnlyInlinedPlugins`. Undefined when there is no configuration. Source: libcni/conf.go, containerd go-cni opts.go.
 *
 * @throws CniError as `parseNetworkConfig`, naming the file.
 */
export function loadNetworkConfig(files: FileSystem, directory: string = NETWORK_CONFIG_DIRECTORY): Network | undefined {
  return new NetworkConfigReader(files, directory).read();
}

/** Puts a network where runtimes look for it, as an administrator or an agent does. */
export function writeNetworkConfig(
  files: FileSystem,
  file: string,
  network: NetworkConfigList,
  directory: string = NETWORK_CONFIG_DIRECTORY,
): void {
  files.write(`${directory}/${file}`, `${JSON.stringify(network, null, 2)}\n`, { parents: true });
}

/** The plainest network for a plugin that brings no configuration of its own. */
export function networkOf(type: string, options: Readonly<Record<string, unknown>> = {}): NetworkConfigList {
  return { cniVersion: '1.1.0', name: type, plugins: [{ ...options, type }] };
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, at) => text === other[at]);
}

function filesIn(files: FileSystem, directory: string, ending: string): readonly string[] {
  if (!files.exists(directory)) return [];
  return files
    .list(directory)
    .filter((name) => name.endsWith(ending))
    .map((name) => `${directory}/${name}`);
}

function parsePlugin(plugin: unknown, where: string): NetworkPlugin {
  if (typeof plugin !== 'object' || plugin === null) throw invalid(`${where}invalid plugin config`);
  const type = (plugin as { readonly type?: unknown }).type;
  if (typeof type !== 'string' || type === '') throw invalid(`${where}error parsing configuration: missing 'type'`);
  if (/[\\/]/.test(type)) throw invalid(`${where}invalid plugin name: ${type}`);
  return plugin as NetworkPlugin;
}

function selectVersion(raw: Readonly<Record<string, unknown>>): string {
  const listed = Array.isArray(raw['cniVersions']) ? raw['cniVersions'] : [];
  const wanted = [raw['cniVersion'], ...listed].filter((version): version is string => typeof version === 'string');
  const known = wanted.filter((version) => SUPPORTED_VERSIONS.includes(version));
  const [first, ...rest] = known;
  if (first === undefined) {
    throw new CniError(CNI_ERROR.INCOMPATIBLE_CNI_VERSION, 'incompatible CNI versions', {
      details: `config is "${wanted.join(', ') || '0.1.0'}", runtime supports ${JSON.stringify(SUPPORTED_VERSIONS)}`,
    });
  }
  return rest.reduce((highest, version) => (isAtLeast(version, highest) ? version : highest), first);
}

function parseObject(text: string, failure: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CniError(CNI_ERROR.DECODING_FAILURE, `${failure}: ${messageOf(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CniError(CNI_ERROR.DECODING_FAILURE, `${failure}: no object`);
  return value as Readonly<Record<string, unknown>>;
}

/** Files in the wild have the word instead of the value, which libcni accepts. */
function flag(raw: Readonly<Record<string, unknown>>, key: string): boolean {
  const value = raw[key] ?? false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'string' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true';
  throw invalid(`error parsing configuration list: invalid value ${JSON.stringify(value)} for ${key}`);
}

function invalid(message: string): CniError {
  return new CniError(CNI_ERROR.INVALID_NETWORK_CONFIG, message);
}
