import type { ApiClient } from '@slipway/client';
import type { FileSystem } from '@slipway/host';
import type { Process } from '@slipway/kernel';
import type { Node, Volume } from '@slipway/kube';
import { PodObjects } from '../../runtime/pod-objects.ts';
import { volumeDirectory } from '../../runtime/pod-paths.ts';
import { specName, type VolumeSpec } from '../volume-spec.ts';
import { volumeFiles, volumeReferences } from './volume-files.ts';
import type { MountedVolume, SetUpRequest, VolumeKind } from './volume-kind.ts';

/** The kinds of volume whose files come from the API. */
export type ObjectVolume = 'configMap' | 'secret' | 'downwardAPI' | 'projected';

/** What volumes of files are made from. */
export interface ObjectFilesOptions {
  readonly api: ApiClient;
  readonly files: FileSystem;
  readonly node: () => Node | undefined;
  readonly hostIPs: () => readonly string[];
}

/** Files that hold what objects of the API, or the pod itself, say. Source: `pkg/volume/configmap`, `secret`, `downwardapi`, `projected`. */
export class ObjectFiles implements VolumeKind {
  readonly name: string;
  readonly takesMountOptions = false;
  readonly #field: ObjectVolume;
  readonly #options: ObjectFilesOptions;

  constructor(name: string, field: ObjectVolume, options: ObjectFilesOptions) {
    this.name = name;
    this.#field = field;
    this.#options = options;
  }

  supports({ volume }: VolumeSpec): boolean {
    return volume?.[this.#field] !== undefined;
  }

  path(uid: string, spec: VolumeSpec): string {
    return volumeDirectory(uid, this.name, specName(spec));
  }

  isRefreshed({ volume }: VolumeSpec): boolean {
    return volume !== undefined && (followsObjects(volume) || tellsOfPod(volume));
  }

  *setUp({ spec, pod, podIPs, again, reconstructed }: SetUpRequest): Process {
    const { api, files, node, hostIPs } = this.#options;
    const { volume } = spec;
    if (!volume) return;
    const path = this.path(pod.metadata.uid ?? '', spec);
    const { configMaps, secrets } = volumeReferences(volume);
    const objects = new PodObjects(api, pod);
    const content = volumeFiles(volume, {
      pod,
      podIPs,
      hostIPs: hostIPs(),
      node: node(),
      configMaps: yield* objects.configMaps(configMaps),
      secrets: yield* objects.secrets(secrets),
    });
    if (content.size === 0) files.makeDirectory(path, { recursive: true });
    for (const [name, bytes] of content) files.write(`${path}/${name}`, bytes, { parents: true });
    if (again || reconstructed) this.#removeOthers(path, '', content);
  }

  *tearDown({ uid, spec }: MountedVolume): Process {
    this.#options.files.remove(this.path(uid, spec), { recursive: true });
  }

  restore(_uid: string, name: string): VolumeSpec {
    const source = { configMap: { name: '' }, secret: {}, downwardAPI: {}, projected: {} };
    return { volume: { name, [this.#field]: source[this.#field] }, readOnly: false };
  }

  /** What the objects no longer have is no longer a file. Source: `pkg/volume/util/atomic_writer.go`. */
  #removeOthers(root: string, below: string, content: ReadonlyMap<string, unknown>): void {
    const { files } = this.#options;
    for (const name of files.list(`${root}/${below}`)) {
      const path = `${below}${name}`;
      if (content.has(path)) continue;
      const isKept = [...content.keys()].some((kept) => kept.startsWith(`${path}/`));
      if (isKept) this.#removeOthers(root, `${path}/`, content);
      else files.remove(`${root}/${path}`, { recursive: true });
    }
  }
}

/** Its content comes from objects of the API that may change. */
export function followsObjects(volume: Volume): boolean {
  const { configMaps, secrets } = volumeReferences(volume);
  // Every pod has the cluster's certificate, which never changes.
  return secrets.length > 0 || configMaps.some((name) => name !== 'kube-root-ca.crt');
}

/** Its content comes from the pod itself, beyond what every pod's own token volume says of it: its namespace. */
function tellsOfPod({ downwardAPI, projected }: Volume): boolean {
  const items = [...(downwardAPI?.items ?? []), ...(projected?.sources ?? []).flatMap((source) => source.downwardAPI?.items ?? [])];
  return items.some(({ fieldRef }) => fieldRef?.fieldPath !== 'metadata.namespace');
}
