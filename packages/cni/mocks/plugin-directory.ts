import type {
  AddRequest,
  CheckRequest,
  Cni,
  DelRequest,
  GcRequest,
  PluginConfig,
  Result,
  StatusRequest,
  VersionRequest,
  VersionResult,
} from '../contract.ts';
import { CNI_ERROR, CniError } from '../errors.ts';
import { SUPPORTED_VERSIONS } from '../methods.ts';
import { PLUGIN_DIRECTORY } from '../network-config.ts';

/** Finds a plugin to delegate to, by type. */
export type FindDelegate = (type: string) => Cni | undefined;

/** The plugin of this type. @throws CniError 999 in the words of cni pkg/invoke/find.go. */
export function delegateOf(find: FindDelegate, type: string): Cni {
  const plugin = find(type);
  if (!plugin) throw new CniError(CNI_ERROR.INTERNAL, `failed to find plugin "${type}" in path [${PLUGIN_DIRECTORY}]`);
  return plugin;
}

/**
 * A folder of plugins as one: each call goes to the plugin that `config.type` names. This is how a network of several plugins
 * (flannel with portmap) is installed on a node at once.
 */
export class PluginDirectory implements Cni {
  readonly #plugins: ReadonlyMap<string, Cni>;

  constructor(plugins: Readonly<Record<string, Cni>>) {
    this.#plugins = new Map(Object.entries(plugins));
  }

  add(request: AddRequest): Result {
    return this.#of(request.config).add(request);
  }

  del(request: DelRequest): void {
    this.#of(request.config).del(request);
  }

  check(request: CheckRequest): void {
    this.#of(request.config).check?.(request);
  }

  gc(request: GcRequest): void {
    this.#of(request.config).gc?.(request);
  }

  status(request: StatusRequest): void {
    this.#of(request.config).status?.(request);
  }

  version({ cniVersion }: VersionRequest): VersionResult {
    return { cniVersion, supportedVersions: SUPPORTED_VERSIONS };
  }

  /** For plugins of the folder that delegate to each other. */
  find(type: string): Cni | undefined {
    return this.#plugins.get(type);
  }

  #of({ type, cniVersion }: PluginConfig): Cni {
    // Source: cni pkg/skel/skel.go, which compares before it calls.
    if (!SUPPORTED_VERSIONS.includes(cniVersion)) {
      throw new CniError(CNI_ERROR.INCOMPATIBLE_CNI_VERSION, 'incompatible CNI versions', {
        details: `config is "${cniVersion}", plugin supports ${JSON.stringify(SUPPORTED_VERSIONS)}`,
      });
    }
    return delegateOf((name) => this.find(name), type);
  }
}
