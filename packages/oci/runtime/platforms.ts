import type { NamespaceType } from './linux.ts';

// Platforms that Slipway carries as data but does not run. Runtime-spec 1.3.0, config-solaris.md, config-windows.md, config-vm.md,
// config-zos.md, config-freebsd.md.

/** Spec: "Solaris Application Container Configuration". */
export interface SolarisSpec {
  readonly milestone?: string;
  readonly limitpriv?: string;
  readonly maxShmMemory?: string;
  readonly cappedCPU?: { readonly ncpus?: string };
  readonly cappedMemory?: { readonly physical?: string; readonly swap?: string };
  readonly anet?: readonly {
    readonly linkname?: string;
    readonly lowerLink?: string;
    readonly allowedAddress?: string;
    readonly configureAllowedAddress?: string;
    readonly defrouter?: string;
    readonly macAddress?: string;
    readonly linkProtection?: string;
  }[];
}

/** Spec: "Windows-specific Container Configuration". */
export interface WindowsSpec {
  /** Base layer last. */
  readonly layerFolders: readonly string[];
  readonly devices?: readonly { readonly id: string; readonly idType: string }[];
  readonly resources?: {
    readonly memory?: { readonly limit?: number };
    readonly cpu?: { readonly count?: number; readonly shares?: number; readonly maximum?: number };
    readonly storage?: { readonly iops?: number; readonly bps?: number; readonly sandboxSize?: number };
  };
  readonly network?: {
    readonly endpointList?: readonly string[];
    readonly allowUnqualifiedDNSQuery?: boolean;
    readonly DNSSearchList?: readonly string[];
    readonly networkSharedContainerName?: string;
    readonly networkNamespace?: string;
  };
  readonly credentialSpec?: Readonly<Record<string, unknown>>;
  readonly servicing?: boolean;
  readonly ignoreFlushesDuringBoot?: boolean;
  readonly hyperv?: { readonly utilityVMPath?: string };
}

/** Spec: "Virtual-machine-specific Container Configuration". */
export interface VmSpec {
  readonly hypervisor?: { readonly path: string; readonly parameters?: readonly string[] };
  readonly kernel: { readonly path: string; readonly parameters?: readonly string[]; readonly initrd?: string };
  readonly image?: { readonly path: string; readonly format: 'raw' | 'qcow2' | 'vdi' | 'vmdk' | 'vhd' };
  readonly hwConfig?: {
    readonly deviceTree?: string;
    readonly vcpus?: number;
    readonly memory?: number;
    readonly dtdevs?: readonly string[];
    readonly iomems?: readonly { readonly firstGFN?: number; readonly firstMFN: number; readonly nrMFNs: number }[];
    readonly irqs?: readonly number[];
  };
}

/** Spec: "z/OS Container Configuration". */
export interface ZosSpec {
  readonly namespaces?: readonly { readonly type: Extract<NamespaceType, 'pid' | 'mount' | 'ipc' | 'uts'>; readonly path?: string }[];
}

/** Spec: "FreeBSD Container Configuration". */
export interface FreebsdSpec {
  readonly devices?: readonly { readonly path: string; readonly mode?: number }[];
  readonly jail?: Readonly<Record<string, unknown>>;
}
