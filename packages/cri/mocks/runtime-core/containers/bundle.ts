import { decode } from '@slipway/oci';
import type { CapabilitiesSpec, LinuxNamespace, LinuxResources, MountSpec, RuntimeSpec } from '@slipway/oci';
import { IMAGE_ANNOTATION } from '@slipway/host';
import type * as m from '../../../messages/index.ts';
import type { Flavour } from '../flavour.ts';
import type { ImageRecord } from '../images/image-record.ts';
import type { Sandbox } from '../sandboxes/sandbox.ts';

// `config.json` of a bundle, from what CRI and the image say. Source: containerd, internal/cri/server/container_create.go buildContainerSpec.

/** Search path of images that set none. Source: containerd, pkg/oci/spec.go defaultUnixEnv. */
const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Source: containerd, pkg/oci/spec.go defaultUnixCaps. */
const DEFAULT_CAPABILITIES = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

const propagationOptions: Readonly<Record<m.MountPropagation, string>> = {
  PROPAGATION_PRIVATE: 'rprivate',
  PROPAGATION_HOST_TO_CONTAINER: 'rslave',
  PROPAGATION_BIDIRECTIONAL: 'rshared',
};

/** The bundle of a container. */
export function containerSpec(flavour: Flavour, sandbox: Sandbox, id: string, config: m.ContainerConfig, image: ImageRecord): RuntimeSpec {
  const { annotations: keys } = flavour;
  const { runAsUser, runAsGroup, supplementalGroups, readonlyRootfs, noNewPrivs, namespaceOptions, maskedPaths, readonlyPaths } =
    config.linux?.securityContext ?? {};
  const [imageUser, imageGroup] = numericUser(image.config.User);
  return {
    ociVersion: '1.3.0',
    process: {
      terminal: config.tty ?? false,
      user: {
        uid: runAsUser?.value ?? imageUser,
        gid: runAsGroup?.value ?? imageGroup,
        ...(supplementalGroups ? { additionalGids: supplementalGroups } : {}),
      },
      args: argumentsOf(config, image),
      env: environmentOf(sandbox, config, image),
      cwd: config.workingDir || image.config.WorkingDir || '/',
      capabilities: capabilitiesOf(config.linux?.securityContext),
      ...(noNewPrivs ? { noNewPrivileges: true } : {}),
      ...(config.linux?.resources?.oomScoreAdj ? { oomScoreAdj: config.linux.resources.oomScoreAdj } : {}),
    },
    root: { path: `${flavour.bundles}/${id}/rootfs`, ...(readonlyRootfs ? { readonly: true } : {}) },
    ...(sandbox.config.hostname ? { hostname: sandbox.config.hostname } : {}),
    mounts: (config.mounts ?? []).filter(({ hostPath }) => hostPath).map(mountOf),
    annotations: {
      // Upstream passes only annotations that its configuration lets through. Here all go, since models of programs read them.
      ...config.annotations,
      ...sandboxAnnotations(flavour, sandbox),
      [keys.containerType]: 'container',
      [keys.containerName]: config.metadata.name,
      [IMAGE_ANNOTATION]: config.image.userSpecifiedImage || config.image.image,
    },
    linux: {
      ...resourcesOf(config.linux?.resources),
      cgroupsPath: flavour.cgroupPath(sandbox.config.linux?.cgroupParent ?? '', id),
      namespaces: namespacesOf(sandbox, namespaceOptions),
      ...(maskedPaths ? { maskedPaths } : {}),
      ...(readonlyPaths ? { readonlyPaths } : {}),
    },
  };
}

/** The bundle of a sandbox's own process, which only keeps namespaces open. */
export function sandboxSpec(flavour: Flavour, sandbox: Sandbox, image: ImageRecord): RuntimeSpec {
  return {
    ociVersion: '1.3.0',
    process: { user: { uid: 65535, gid: 65535 }, args: argumentsOf({}, image), env: [DEFAULT_PATH], cwd: '/' },
    root: { path: `${flavour.bundles}/${sandbox.id}/rootfs`, readonly: true },
    ...(sandbox.config.hostname ? { hostname: sandbox.config.hostname } : {}),
    annotations: {
      ...sandboxAnnotations(flavour, sandbox),
      [flavour.annotations.containerType]: 'sandbox',
      [IMAGE_ANNOTATION]: flavour.pauseImage,
    },
    linux: {
      ...(sandbox.config.linux?.sysctls ? { sysctl: sandbox.config.linux.sysctls } : {}),
      cgroupsPath: flavour.cgroupPath(sandbox.config.linux?.cgroupParent ?? '', sandbox.id),
      namespaces: namespacesOf(sandbox, sandbox.config.linux?.securityContext?.namespaceOptions),
    },
  };
}

/** CRI's limits in the words of the OCI spec. Undefined when none is given. */
export function resourcesOf(resources: m.LinuxContainerResources | undefined): { readonly resources: LinuxResources } | undefined {
  if (!resources) return undefined;
  const { cpuPeriod, cpuQuota, cpuShares, memoryLimitInBytes, memorySwapLimitInBytes, cpusetCpus, cpusetMems, hugepageLimits, unified } =
    resources;
  const memory = {
    ...(memoryLimitInBytes ? { limit: memoryLimitInBytes } : {}),
    ...(memorySwapLimitInBytes ? { swap: memorySwapLimitInBytes } : {}),
  };
  const cpu = {
    ...(cpuPeriod ? { period: cpuPeriod } : {}),
    ...(cpuQuota ? { quota: cpuQuota } : {}),
    ...(cpuShares ? { shares: cpuShares } : {}),
    ...(cpusetCpus ? { cpus: cpusetCpus } : {}),
    ...(cpusetMems ? { mems: cpusetMems } : {}),
  };
  return {
    resources: {
      ...(Object.keys(memory).length > 0 ? { memory } : {}),
      ...(Object.keys(cpu).length > 0 ? { cpu } : {}),
      ...(hugepageLimits?.length ? { hugepageLimits } : {}),
      ...(unified ? { unified } : {}),
    },
  };
}

/** What the kubelet gives wins over the image; a command without arguments drops the image's arguments too. */
function argumentsOf(
  { command = [], args = [] }: Pick<m.ContainerConfig, 'command' | 'args'>,
  { config: image }: ImageRecord,
): readonly string[] {
  if (command.length > 0) return [...command, ...args];
  return [...(image.Entrypoint ?? []), ...(args.length > 0 ? args : (image.Cmd ?? []))];
}

function environmentOf(sandbox: Sandbox, { envs = [] }: m.ContainerConfig, { config: image }: ImageRecord): readonly string[] {
  const values = new Map<string, string>();
  for (const entry of [DEFAULT_PATH, ...(sandbox.config.hostname ? [`HOSTNAME=${sandbox.config.hostname}`] : []), ...(image.Env ?? [])]) {
    const equals = entry.indexOf('=');
    values.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  for (const { key, value } of envs) values.set(key, decode(value));
  return [...values].map(([key, value]) => `${key}=${value}`);
}

function mountOf({
  containerPath,
  hostPath = '',
  readonly = false,
  recursiveReadOnly = false,
  propagation = 'PROPAGATION_PRIVATE',
}: m.Mount): MountSpec {
  return {
    destination: containerPath,
    type: 'bind',
    source: hostPath,
    options: ['rbind', propagationOptions[propagation], recursiveReadOnly ? 'rro' : readonly ? 'ro' : 'rw'],
  };
}

function namespacesOf(sandbox: Sandbox, options: m.NamespaceOption | undefined): readonly LinuxNamespace[] {
  const { netns } = sandbox.record;
  return [
    ...(options?.pid === 'NODE' ? [] : [{ type: 'pid' } as const]),
    ...(options?.ipc === 'NODE' ? [] : [{ type: 'ipc' } as const]),
    { type: 'uts' },
    { type: 'mount' },
    ...(netns === '' ? [] : [{ type: 'network', path: netns } as const]),
    { type: 'cgroup' },
  ];
}

const defaultCapabilities: CapabilitiesSpec = {
  bounding: DEFAULT_CAPABILITIES,
  effective: DEFAULT_CAPABILITIES,
  permitted: DEFAULT_CAPABILITIES,
};

function capabilitiesOf(context: m.LinuxContainerSecurityContext | undefined): CapabilitiesSpec {
  if (!context?.capabilities) return defaultCapabilities;
  const named = (names: readonly string[] = []): readonly string[] => names.map((name) => (name.startsWith('CAP_') ? name : `CAP_${name}`));
  const added = named(context.capabilities.addCapabilities);
  const dropped = new Set(named(context.capabilities.dropCapabilities));
  const base = dropped.has('CAP_ALL') ? [] : DEFAULT_CAPABILITIES.filter((name) => !dropped.has(name));
  const set = [...base, ...added.filter((name) => !base.includes(name))];
  return { bounding: set, effective: set, permitted: set };
}

function sandboxAnnotations({ annotations: keys }: Flavour, { id, config }: Sandbox): Readonly<Record<string, string>> {
  const { name, namespace, uid } = config.metadata;
  return { [keys.sandboxId]: id, [keys.sandboxName]: name, [keys.sandboxNamespace]: namespace, [keys.sandboxUid]: uid };
}

/** `User` of an image as numbers; a name is somebody whom only the image's own files know, and counts as root here. */
function numericUser(user = ''): readonly [uid: number, gid: number] {
  const [uid = '', gid = ''] = user.split(':');
  return [/^\d+$/.test(uid) ? Number(uid) : 0, /^\d+$/.test(gid) ? Number(gid) : 0];
}
