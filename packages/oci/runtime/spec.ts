import type { LinuxSpec } from './linux.ts';
import type { FreebsdSpec, SolarisSpec, VmSpec, WindowsSpec, ZosSpec } from './platforms.ts';

// `config.json` of a bundle. Runtime-spec 1.3.0, config.md; JSON names are kept as they are, the file is read by others.

/** The whole `config.json`. Spec: "Configuration". */
export interface RuntimeSpec {
  /** SemVer of the spec that the bundle follows. */
  readonly ociVersion: string;
  /** Needed by `start`, not by `create`. */
  readonly process?: ProcessSpec;
  /** Needed except for Hyper-V. */
  readonly root?: RootSpec;
  readonly hostname?: string;
  readonly domainname?: string;
  /** Mounted in the order of the list. */
  readonly mounts?: readonly MountSpec[];
  readonly hooks?: Hooks;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux?: LinuxSpec;
  readonly solaris?: SolarisSpec;
  readonly windows?: WindowsSpec;
  readonly vm?: VmSpec;
  readonly zos?: ZosSpec;
  readonly freebsd?: FreebsdSpec;
}

/** The user program. Spec: "Process". */
export interface ProcessSpec {
  readonly terminal?: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user?: UserSpec;
  /** At least one; `args[0]` is looked up in the container's PATH. */
  readonly args?: readonly string[];
  /** Windows: the command line in one piece. */
  readonly commandLine?: string;
  /** `NAME=VALUE`. */
  readonly env?: readonly string[];
  /** Absolute, in the container. */
  readonly cwd: string;
  readonly capabilities?: CapabilitiesSpec;
  readonly rlimits?: readonly { readonly type: string; readonly soft: number; readonly hard: number }[];
  readonly noNewPrivileges?: boolean;
  readonly apparmorProfile?: string;
  /** −1000 … 1000. */
  readonly oomScoreAdj?: number;
  readonly scheduler?: SchedulerSpec;
  readonly selinuxLabel?: string;
  readonly ioPriority?: { readonly class: 'IOPRIO_CLASS_RT' | 'IOPRIO_CLASS_BE' | 'IOPRIO_CLASS_IDLE'; readonly priority: number };
  /** CPU lists for a process that is executed into the container, before and after it joins the cgroup. */
  readonly execCPUAffinity?: { readonly initial?: string; readonly final?: string };
}

/** Spec: "User". */
export interface UserSpec {
  readonly uid: number;
  readonly gid: number;
  readonly umask?: number;
  readonly additionalGids?: readonly number[];
  /** Windows. */
  readonly username?: string;
}

/** Names as in capabilities(7), such as `CAP_NET_BIND_SERVICE`. Spec: "Linux Process", `capabilities`. */
export interface CapabilitiesSpec {
  readonly bounding?: readonly string[];
  readonly effective?: readonly string[];
  readonly inheritable?: readonly string[];
  readonly permitted?: readonly string[];
  readonly ambient?: readonly string[];
}

/** As sched_setattr(2); times in nanoseconds. Spec: "Linux Process", `scheduler`. */
export interface SchedulerSpec {
  readonly policy: 'SCHED_OTHER' | 'SCHED_FIFO' | 'SCHED_RR' | 'SCHED_BATCH' | 'SCHED_ISO' | 'SCHED_IDLE' | 'SCHED_DEADLINE';
  readonly nice?: number;
  readonly priority?: number;
  readonly flags?: readonly string[];
  readonly runtime?: number;
  readonly deadline?: number;
  readonly period?: number;
}

/** Spec: "Root". */
export interface RootSpec {
  /** Absolute, or relative to the bundle. */
  readonly path: string;
  readonly readonly?: boolean;
}

/** Spec: "Mounts". */
export interface MountSpec {
  /** Absolute, in the container. */
  readonly destination: string;
  /** `bind`, `tmpfs`, `proc`, `sysfs`, `cgroup` … */
  readonly type?: string;
  /** A device, or for bind mounts a path of the host, absolute or relative to the bundle. */
  readonly source?: string;
  /** As fstab(5): `ro`, `rbind`, `rprivate` … */
  readonly options?: readonly string[];
  readonly uidMappings?: readonly IdMapping[];
  readonly gidMappings?: readonly IdMapping[];
}

/** Spec: "User namespace mappings". */
export interface IdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** A command at a point of the lifecycle; gets the container's state as JSON on standard input. Spec: "POSIX-platform Hooks". */
export interface Hook {
  /** Absolute. */
  readonly path: string;
  /** As execv(3): the first is the name of the program. */
  readonly args?: readonly string[];
  readonly env?: readonly string[];
  /** Seconds, above 0. */
  readonly timeout?: number;
}

/** Run in the order of each list. Spec: "POSIX-platform Hooks". */
export interface Hooks {
  /** Deprecated, yet still run. */
  readonly prestart?: readonly Hook[];
  readonly createRuntime?: readonly Hook[];
  readonly createContainer?: readonly Hook[];
  readonly startContainer?: readonly Hook[];
  readonly poststart?: readonly Hook[];
  readonly poststop?: readonly Hook[];
}
