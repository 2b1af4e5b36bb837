import { decodeUtf8 } from '@slipway/host';
import type { ConfigMap, Container, EnvVarSource, Node, Secret } from '@slipway/kube';
import { decodeBase64 } from '@slipway/host';
import { expand } from './expansion.ts';
import { ConfigError, type FieldSources, fieldValue, resourceValue } from './field-values.ts';

/** One variable. */
export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** What variables are made of. Objects that were asked for and are not there are missing from the maps. */
export interface EnvironmentSources extends FieldSources {
  readonly node: Node | undefined;
  /** By name, in the pod's namespace. */
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  readonly secrets: ReadonlyMap<string, Secret>;
  readonly services: ReadonlyMap<string, string>;
}

/** Names of the objects that a container's variables come from. */
export interface EnvironmentReferences {
  readonly configMaps: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
}

export function environmentReferences(container: Container): EnvironmentReferences {
  const configMaps = new Set<string>();
  const secrets = new Set<string>();
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) configMaps.add(configMapRef.name);
    if (secretRef) secrets.add(secretRef.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef) configMaps.add(valueFrom.configMapKeyRef.name);
    if (valueFrom?.secretKeyRef) secrets.add(valueFrom.secretKeyRef.name);
  }
  return { configMaps, secrets };
}

/**
 * The container's variables: its own in their order, then those of whole objects, then those of services that it does not set itself.
 *
 * @throws ConfigError for a reference that is not optional and leads nowhere. Source: `kubelet_pods.go` makeEnvironmentVariables
 */
export function environment(container: Container, sources: EnvironmentSources): readonly Variable[] {
  const known = new Map<string, string>();
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const data = configMapRef
      ? find('configmap', sources.configMaps, configMapRef.name, configMapRef.optional)?.data
      : secretRef && decoded(find('secret', sources.secrets, secretRef.name, secretRef.optional));
    for (const [key, value] of Object.entries(data ?? {})) known.set(`${prefix}${key}`, value);
  }
  const lookUp = (name: string) => known.get(name) ?? sources.services.get(name);
  for (const { name, value, valueFrom } of container.env ?? []) {
    const resolved = value ? expand(value, lookUp) : valueFrom ? valueOf(valueFrom, container, sources) : '';
    if (resolved === undefined) continue;
    // A later one of the same name takes the place of the first one in order.
    known.delete(name);
    known.set(name, resolved);
  }
  const variables = [...known].map(([name, value]) => ({ name, value }));
  for (const [name, value] of sources.services) if (!known.has(name)) variables.push({ name, value });
  return variables;
}

function valueOf(from: EnvVarSource, container: Container, sources: EnvironmentSources): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = from;
  const namespace = sources.pod.metadata.namespace ?? 'default';
  if (fieldRef) return fieldValue(fieldRef.fieldPath, sources);
  if (resourceFieldRef) return resourceValue(resourceFieldRef, sources.pod, container, sources.node);
  if (configMapKeyRef) {
    const { name, key, optional } = configMapKeyRef;
    const value = find('configmap', sources.configMaps, name, optional)?.data?.[key];
    if (value === undefined && !optional) throw new ConfigError(`couldn't find key ${key} in ConfigMap ${namespace}/${name}`);
    return value;
  }
  if (secretKeyRef) {
    const { name, key, optional } = secretKeyRef;
    const value = find('secret', sources.secrets, name, optional)?.data?.[key];
    if (value === undefined && !optional) throw new ConfigError(`couldn't find key ${key} in Secret ${namespace}/${name}`);
    return value === undefined ? undefined : decodeUtf8(decodeBase64(value));
  }
  if (fileKeyRef && !fileKeyRef.optional)
    throw new ConfigError(`cannot find the volume "${fileKeyRef.volumeName}" referenced by FileKeyRef`);
  return fileKeyRef ? undefined : '';
}

function find<T>(
  kind: 'configmap' | 'secret',
  objects: ReadonlyMap<string, T>,
  name: string,
  optional: boolean | undefined,
): T | undefined {
  const object = objects.get(name);
  if (object === undefined && !optional) throw new ConfigError(`${kind} "${name}" not found`);
  return object;
}

function decoded(secret: Secret | undefined): Record<string, string> | undefined {
  if (!secret) return undefined;
  return Object.fromEntries(Object.entries(secret.data ?? {}).map(([key, value]) => [key, decodeUtf8(decodeBase64(value))]));
}
