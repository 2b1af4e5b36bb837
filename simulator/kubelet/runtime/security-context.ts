import type { LinuxContainerSecurityContext, LinuxSandboxSecurityContext, NamespaceOption, SecurityProfile } from '@slipway/cri';
import type { AppArmorProfile, Container, Pod, SeccompProfile, SecurityContext } from '@slipway/kube';
import { isHostNetwork } from '../decisions/containers.ts';
import { ConfigError } from './field-values.ts';

/** Whose namespaces the pod's containers use. Source: `pkg/kubelet/kuberuntime/util/util.go`. */
export function namespaceOptions(pod: Pod): NamespaceOption {
  return {
    network: isHostNetwork(pod) ? 'NODE' : 'POD',
    pid: pod.spec.hostPID ? 'NODE' : pod.spec.shareProcessNamespace ? 'POD' : 'CONTAINER',
    ipc: pod.spec.hostIPC ? 'NODE' : 'POD',
  };
}

function profile(from: SeccompProfile | AppArmorProfile | undefined): SecurityProfile | undefined {
  if (!from) return undefined;
  return { profileType: from.type, ...(from.localhostProfile ? { localhostRef: from.localhostProfile } : {}) };
}

const supplementalGroups = (pod: Pod): readonly number[] => {
  const { fsGroup, supplementalGroups: groups = [] } = pod.spec.securityContext ?? {};
  return fsGroup === undefined ? groups : [fsGroup, ...groups];
};

const allContainers = (pod: Pod): readonly Container[] => [...(pod.spec.initContainers ?? []), ...pod.spec.containers];

/** Source: `kuberuntime_sandbox.go` generatePodSandboxLinuxConfig. */
export function sandboxSecurityContext(pod: Pod): LinuxSandboxSecurityContext {
  const context = pod.spec.securityContext ?? {};
  const groups = supplementalGroups(pod);
  return {
    namespaceOptions: namespaceOptions(pod),
    ...(context.seLinuxOptions ? { selinuxOptions: context.seLinuxOptions } : {}),
    ...(context.runAsUser === undefined ? {} : { runAsUser: { value: context.runAsUser } }),
    ...(context.runAsUser === undefined || context.runAsGroup === undefined ? {} : { runAsGroup: { value: context.runAsGroup } }),
    ...(groups.length > 0 ? { supplementalGroups: groups } : {}),
    ...(context.supplementalGroupsPolicy ? { supplementalGroupsPolicy: context.supplementalGroupsPolicy } : {}),
    privileged: allContainers(pod).some(({ securityContext }) => securityContext?.privileged === true),
    seccomp: { profileType: 'RuntimeDefault' },
  };
}

/** Who an image says it runs as. */
export interface ImageUser {
  readonly uid?: number | undefined;
  readonly username?: string | undefined;
}

/** Paths that a container does not see or may not write, unless it is privileged. Source: `pkg/securitycontext/util.go`. */
const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
] as const;
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'] as const;

/**
 * The container's own settings over the pod's over the image's.
 *
 * @throws ConfigError when it must not run as root and would. Source: `pkg/kubelet/kuberuntime/security_context.go`
 */
export function containerSecurityContext(pod: Pod, container: Container, image: ImageUser): LinuxContainerSecurityContext {
  const podContext = pod.spec.securityContext ?? {};
  const own: SecurityContext = container.securityContext ?? {};
  const runAsUser = own.runAsUser ?? podContext.runAsUser;
  const runAsGroup = own.runAsGroup ?? podContext.runAsGroup;
  verifyNonRoot(own.runAsNonRoot ?? podContext.runAsNonRoot, runAsUser, image, pod, container);
  const uid = runAsUser ?? image.uid;
  const groups = supplementalGroups(pod);
  const selinux = own.seLinuxOptions ?? podContext.seLinuxOptions;
  const seccomp = profile(own.seccompProfile ?? podContext.seccompProfile);
  const apparmor = profile(own.appArmorProfile ?? podContext.appArmorProfile);
  const unmasked = own.procMount === 'Unmasked';
  return {
    ...(own.capabilities
      ? { capabilities: { addCapabilities: own.capabilities.add ?? [], dropCapabilities: own.capabilities.drop ?? [] } }
      : {}),
    ...(own.privileged === undefined ? {} : { privileged: own.privileged }),
    namespaceOptions: namespaceOptions(pod),
    ...(selinux ? { selinuxOptions: selinux } : {}),
    ...(uid === undefined ? (image.username ? { runAsUsername: image.username } : {}) : { runAsUser: { value: uid } }),
    ...(runAsGroup === undefined || uid === undefined ? {} : { runAsGroup: { value: runAsGroup } }),
    ...(own.readOnlyRootFilesystem === undefined ? {} : { readonlyRootfs: own.readOnlyRootFilesystem }),
    ...(groups.length > 0 ? { supplementalGroups: groups } : {}),
    ...(podContext.supplementalGroupsPolicy ? { supplementalGroupsPolicy: podContext.supplementalGroupsPolicy } : {}),
    noNewPrivs: own.allowPrivilegeEscalation === false,
    maskedPaths: unmasked ? [] : maskedPaths,
    readonlyPaths: unmasked ? [] : readonlyPaths,
    ...(seccomp ? { seccomp } : {}),
    ...(apparmor ? { apparmor } : {}),
  };
}

/** Source: `pkg/kubelet/kuberuntime/security_context_others.go` verifyRunAsNonRoot. */
function verifyNonRoot(
  nonRoot: boolean | undefined,
  runAsUser: number | undefined,
  image: ImageUser,
  pod: Pod,
  container: Container,
): void {
  if (!nonRoot) return;
  const where = `(pod: "${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})", container: ${container.name})`;
  if (runAsUser !== undefined) {
    if (runAsUser === 0) throw new ConfigError(`container's runAsUser breaks non-root policy ${where}`);
    return;
  }
  if (image.uid === 0) throw new ConfigError(`container has runAsNonRoot and image will run as root ${where}`);
  if (image.uid === undefined && image.username) {
    throw new ConfigError(
      `container has runAsNonRoot and image has non-numeric user (${image.username}), cannot verify user is non-root ${where}`,
    );
  }
}
