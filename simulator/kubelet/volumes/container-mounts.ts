import type { Device, Mount, MountPropagation } from '@slipway/cri';
import { type Host, normalPath } from '@slipway/host';
import { messageOf } from '@slipway/kernel';
import type { Container, VolumeMount } from '@slipway/kube';
import { isExpectedFailure } from '../failure.ts';
import type { Variable } from '../runtime/environment.ts';
import { expand } from '../runtime/expansion.ts';
import { ConfigError } from '../runtime/field-values.ts';

/**
 * What a container mounts of its pod's volumes.
 *
 * @param pathOf where a volume is on the node; undefined when it is not there
 * @throws ConfigError for a mount of a volume that the pod has not. Source: `pkg/kubelet/kubelet_pods.go` makeMounts
 */
export function containerMounts(
  host: Host,
  container: Container,
  pathOf: (volume: string) => string | undefined,
  variables: readonly Variable[],
): readonly Mount[] {
  return (container.volumeMounts ?? []).map((mount) => {
    const path = pathOf(mount.name);
    if (path === undefined) throw new ConfigError(`cannot find volume "${mount.name}" to mount into container "${container.name}"`);
    return {
      containerPath: mount.mountPath,
      readonly: mount.readOnly === true,
      propagation: propagations[mount.mountPropagation ?? 'None'],
      recursiveReadOnly: mount.recursiveReadOnly === 'Enabled',
      hostPath: subPathOf(host, container, mount, path, variables),
    };
  });
}

/** The devices that a container gets. @throws ConfigError. Source: `kubelet_pods.go` makeBlockVolumes */
export function containerDevices(
  container: Container,
  pathOf: (volume: string) => string | undefined,
  isReadOnly: (volume: string) => boolean,
): readonly Device[] {
  return (container.volumeDevices ?? []).map(({ name, devicePath }) => {
    const hostPath = pathOf(name);
    if (hostPath === undefined) throw new ConfigError(`cannot find volume "${name}" to pass into container "${container.name}"`);
    return { containerPath: devicePath, hostPath, permissions: isReadOnly(name) ? 'r' : 'mrw' };
  });
}

function subPathOf(host: Host, container: Container, mount: VolumeMount, path: string, variables: readonly Variable[]): string {
  const subPath = mount.subPathExpr === undefined ? (mount.subPath ?? '') : expandedSubPath(mount.subPathExpr, variables);
  if (subPath === '') return path;
  if (subPath.startsWith('/')) throw new ConfigError(`error SubPath \`${subPath}\` must not be an absolute path`);
  if (subPath.split('/').includes('..')) throw new ConfigError(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
  const hostPath = normalPath(`${path}/${subPath}`);
  try {
    if (!host.files.exists(hostPath)) host.files.makeDirectory(hostPath, { recursive: true });
  } catch (error) {
    if (!isExpectedFailure(error)) throw error;
    host.warn(`container ${container.name}: subPath ${subPath}: ${messageOf(error)}`);
    throw new ConfigError(`failed to create subPath directory for volumeMount "${mount.name}" of container "${container.name}"`);
  }
  return hostPath;
}

const propagations: Readonly<Record<NonNullable<VolumeMount['mountPropagation']>, MountPropagation>> = {
  None: 'PROPAGATION_PRIVATE',
  HostToContainer: 'PROPAGATION_HOST_TO_CONTAINER',
  Bidirectional: 'PROPAGATION_BIDIRECTIONAL',
};

function expandedSubPath(expression: string, variables: readonly Variable[]): string {
  const values = new Map(variables.map(({ name, value }) => [name, value]));
  return expand(expression, (name) => {
    const value = values.get(name);
    if (value === undefined) throw new ConfigError(`missing value for "${name}"`);
    return value;
  });
}
