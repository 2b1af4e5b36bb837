// Namespaces, users and confinement of sandboxes and containers.

import type { NamespaceMode, ProfileType, SupplementalGroupsPolicy } from './enums.ts';

/** A whole number that may be absent. */
export interface Int64Value {
  /** The number. */
  readonly value: number;
}

/** A whole number of at least 0 that may be absent. */
export interface UInt64Value {
  /** The number, at most 2^53 - 1. */
  readonly value: number;
}

/** A range of user or group ids inside and outside a user namespace. */
export interface IDMapping {
  /** First id outside. */
  readonly hostId: number;
  /** First id inside. */
  readonly containerId: number;
  /** How many. */
  readonly length: number;
}

/** How user ids are mapped. */
export interface UserNamespace {
  /** POD or NODE. */
  readonly mode: NamespaceMode;
  /** User ids of POD mode. */
  readonly uids?: readonly IDMapping[];
  /** Group ids of POD mode. */
  readonly gids?: readonly IDMapping[];
}

/** Which namespaces are shared, and with whom. */
export interface NamespaceOption {
  /** POD or NODE; left out: POD. */
  readonly network?: NamespaceMode;
  /** POD, CONTAINER, NODE or TARGET; left out: POD. */
  readonly pid?: NamespaceMode;
  /** POD or NODE; left out: POD. */
  readonly ipc?: NamespaceMode;
  /** Container whose pid namespace is joined in TARGET mode; in the same sandbox. */
  readonly targetId?: string;
  /** User namespace; left out: the host's. */
  readonly usernsOptions?: UserNamespace;
}

/** A seccomp or AppArmor profile. */
export interface SecurityProfile {
  /** Which kind. */
  readonly profileType: ProfileType;
  /** Localhost only: profile name (AppArmor) or absolute path of the profile (seccomp) on the node. */
  readonly localhostRef?: string;
}

/** SELinux label. */
export interface SELinuxOption {
  /** User part. */
  readonly user?: string;
  /** Role part. */
  readonly role?: string;
  /** Type part. */
  readonly type?: string;
  /** Level part. */
  readonly level?: string;
}

/** Changes to the default set of Linux capabilities. */
export interface Capability {
  /** Capabilities to add. */
  readonly addCapabilities?: readonly string[];
  /** Capabilities to drop. */
  readonly dropCapabilities?: readonly string[];
  /** Capabilities to add to the ambient set. */
  readonly addAmbientCapabilities?: readonly string[];
}

/** Security of a sandbox. */
export interface LinuxSandboxSecurityContext {
  /** Shared namespaces. */
  readonly namespaceOptions?: NamespaceOption;
  /** SELinux label. */
  readonly selinuxOptions?: SELinuxOption;
  /** User id of the sandbox's process. */
  readonly runAsUser?: Int64Value;
  /** Group id of the sandbox's process; needs a user. */
  readonly runAsGroup?: Int64Value;
  /** Root file system cannot be written. */
  readonly readonlyRootfs?: boolean;
  /** Further group ids of the first process. */
  readonly supplementalGroups?: readonly number[];
  /** Whether groups from the image count; left out: Merge. */
  readonly supplementalGroupsPolicy?: SupplementalGroupsPolicy;
  /** A privileged container may run in it. */
  readonly privileged?: boolean;
  /** Seccomp profile. */
  readonly seccomp?: SecurityProfile;
  /** AppArmor profile. */
  readonly apparmor?: SecurityProfile;
  /** Older form of `seccomp`. @deprecated by the spec */
  readonly seccompProfilePath?: string;
}

/** Security of a container. */
export interface LinuxContainerSecurityContext {
  /** Changes to capabilities. */
  readonly capabilities?: Capability;
  /** All of the host's devices and capabilities; overrides most of the rest. */
  readonly privileged?: boolean;
  /** Shared namespaces. */
  readonly namespaceOptions?: NamespaceOption;
  /** SELinux label. */
  readonly selinuxOptions?: SELinuxOption;
  /** User id; not together with `runAsUsername`. */
  readonly runAsUser?: Int64Value;
  /** Group id; needs a user. */
  readonly runAsGroup?: Int64Value;
  /** User by name, which the image must know. */
  readonly runAsUsername?: string;
  /** Root file system cannot be written. */
  readonly readonlyRootfs?: boolean;
  /** Further group ids of the first process. */
  readonly supplementalGroups?: readonly number[];
  /** Whether groups from the image count; left out: Merge. */
  readonly supplementalGroupsPolicy?: SupplementalGroupsPolicy;
  /** No process gains privileges. */
  readonly noNewPrivs?: boolean;
  /** Paths hidden in the container. */
  readonly maskedPaths?: readonly string[];
  /** Paths that cannot be written. */
  readonly readonlyPaths?: readonly string[];
  /** Seccomp profile. */
  readonly seccomp?: SecurityProfile;
  /** AppArmor profile. */
  readonly apparmor?: SecurityProfile;
  /** Older form of `apparmor`. @deprecated by the spec */
  readonly apparmorProfile?: string;
  /** Older form of `seccomp`. @deprecated by the spec */
  readonly seccompProfilePath?: string;
}
