import { decodeBase64 } from '@slipway/host';
import { type FieldSources, fieldValue, resourceValue } from '../../runtime/field-values.ts';
import { VolumeError } from '../volume-error.ts';
import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Node, Pod, Secret, Volume } from '@slipway/kube';

/** Files of a volume by path. */
export type VolumeFiles = ReadonlyMap<string, string | Uint8Array>;

/** What the files of a volume come from. Objects that were asked for and are not there are missing from the maps. */
export interface VolumeSources extends FieldSources {
  readonly node: Node | undefined;
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** Names of the objects that a volume's files come from. */
export interface VolumeReferences {
  readonly configMaps: readonly string[];
  readonly secrets: readonly string[];
}

export function volumeReferences({ configMap, secret, projected }: Volume): VolumeReferences {
  const sources = projected?.sources ?? [];
  return {
    configMaps: [...(configMap ? [configMap.name] : []), ...sources.flatMap((source) => source.configMap?.name ?? [])],
    secrets: [...(secret?.secretName ? [secret.secretName] : []), ...sources.flatMap((source) => source.secret?.name ?? [])],
  };
}

/**
 * The files of a configMap, secret, downwardAPI or projected volume.
 *
 * @throws VolumeError for a reference that is not optional and leads nowhere. Source: `pkg/volume/configmap`, `secret`, `downwardapi`, `projected`
 */
export function volumeFiles(volume: Volume, sources: VolumeSources): VolumeFiles {
  const files = new Map<string, string | Uint8Array>();
  const add = (more: VolumeFiles) => {
    for (const [path, content] of more) files.set(path, content);
  };
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap) add(configMapFiles(configMap, sources));
  if (secret) add(secretFiles({ ...secret, name: secret.secretName ?? '' }, sources));
  if (downwardAPI) add(downwardFiles(downwardAPI.items, sources));
  for (const source of projected?.sources ?? []) {
    if (source.configMap) add(configMapFiles(source.configMap, sources));
    if (source.secret) add(secretFiles(source.secret, sources));
    if (source.downwardAPI) add(downwardFiles(source.downwardAPI.items, sources));
    if (source.serviceAccountToken) {
      files.set(source.serviceAccountToken.path, serviceAccountToken(source.serviceAccountToken.audience, sources.pod));
    }
    if (source.clusterTrustBundle) files.set(source.clusterTrustBundle.path, '');
  }
  return files;
}

interface ObjectSource {
  readonly name: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

function configMapFiles(source: ObjectSource, { configMaps }: VolumeSources): VolumeFiles {
  const object = configMaps.get(source.name);
  if (!object && !source.optional) throw new VolumeError(`configmap "${source.name}" not found`);
  const contents = new Map<string, string | Uint8Array>(Object.entries(object?.data ?? {}));
  for (const [key, value] of Object.entries(object?.binaryData ?? {})) contents.set(key, decodeBase64(value));
  return atPaths(contents, source, 'configmap');
}

function secretFiles(source: ObjectSource, { secrets }: VolumeSources): VolumeFiles {
  const object = secrets.get(source.name);
  if (!object && !source.optional) throw new VolumeError(`secret "${source.name}" not found`);
  const contents = new Map(Object.entries(object?.data ?? {}).map(([key, value]) => [key, decodeBase64(value)] as const));
  return atPaths(contents, source, 'secret');
}

function atPaths(contents: VolumeFiles, { items, optional }: ObjectSource, kind: string): VolumeFiles {
  if (!items || items.length === 0) return contents;
  const files = new Map<string, string | Uint8Array>();
  for (const { key, path } of items) {
    const content = contents.get(key);
    if (content !== undefined) files.set(path, content);
    else if (!optional) throw new VolumeError(`references non-existent ${kind} key: ${key}`);
  }
  return files;
}

function downwardFiles(items: readonly DownwardAPIVolumeFile[] | undefined, sources: VolumeSources): VolumeFiles {
  const files = new Map<string, string>();
  for (const { path, fieldRef, resourceFieldRef } of items ?? []) {
    if (fieldRef) files.set(path, fieldValue(fieldRef.fieldPath, sources));
    const [first] = sources.pod.spec.containers;
    if (resourceFieldRef && first) files.set(path, resourceValue(resourceFieldRef, sources.pod, first, sources.node));
  }
  return files;
}

/** Who the pod is, as a text that nobody else has. It is no JWT: nothing in the cluster checks signatures. */
export function serviceAccountToken(audience: string | undefined, { metadata, spec }: Pod): string {
  const namespace = metadata.namespace ?? 'default';
  return [
    audience || 'https://kubernetes.default.svc',
    namespace,
    spec.serviceAccountName ?? 'default',
    metadata.name,
    metadata.uid ?? '',
  ].join('/');
}
