// Container Network Interface 1.1.0. Source: containernetworking/cni SPEC.md. One plugin is one executable in life and one object here.

/** A network plugin. A runtime calls it; the kubelet never does. Calls reach it over a link, which adds delay and faults. */
export interface Cni {
  /**
   * Joins a container to the network: makes the interface `ifname` inside `netns`, or adjusts it.
   *
   * Must fail when the container already has an interface of that name, and must leave nothing behind when it fails.
   *
   * @returns what was made; a chained plugin (`config.prevResult` is there) returns that, with its own changes.
   * @throws CniError 4 (bad parameters), 7 (bad configuration), 11 (try again later), 100 and above (its own). Spec: "ADD".
   */
  add(request: AddRequest): Result;
  /**
   * Undoes `add`. Succeeds any number of times, also when the namespace, the interface or `config.prevResult` is gone.
   *
   * @throws CniError 11 (try again later) when something could not be freed. Spec: "DEL".
   */
  del(request: DelRequest): void;
  /**
   * Answers when the attachment is as `config.prevResult` says. Since 0.4.0.
   *
   * @throws CniError 100 and above naming what is missing or wrong; 3 (never added). Spec: "CHECK".
   */
  check?(request: CheckRequest): void;
  /**
   * Frees what belongs to attachments of this network that are not in `config['cni.dev/valid-attachments']`, and nothing else. Goes
   * on past errors and reports them at the end. Since 1.1.0. Spec: "GC".
   */
  gc?(request: GcRequest): void;
  /**
   * Answers when the plugin can serve `add`. Since 1.1.0.
   *
   * @throws CniError 50 (cannot serve ADD), 51 (and containers that run may have limited connectivity). Spec: "STATUS".
   */
  status?(request: StatusRequest): void;
  /** Says which versions of the protocol the plugin speaks. Left out: whatever it is asked in. Spec: "VERSION". */
  version?(request: VersionRequest): VersionResult;
}

/** What the runtime says of one attachment: the environment of the process in life, and its standard input as `config`. */
export interface AttachmentRequest {
  /** `CNI_CONTAINERID`: a letter or digit, then letters, digits, `_`, `.` or `-`. The runtime's id of the sandbox. */
  readonly containerId: string;
  /** `CNI_NETNS`: path of the network namespace, such as `/var/run/netns/cni-1`. */
  readonly netns: string;
  /** `CNI_IFNAME`: name of the interface inside the namespace, 1 to 15 characters; `eth0` for a pod. */
  readonly ifname: string;
  /** `CNI_ARGS`: generic arguments. Under Kubernetes K8S_POD_NAMESPACE, K8S_POD_NAME, K8S_POD_INFRA_CONTAINER_ID and K8S_POD_UID. */
  readonly args?: Readonly<Record<string, string>>;
  /** `CNI_PATH`: folders with plugins. */
  readonly path?: readonly string[];
  readonly config: PluginConfig;
}

/** `CNI_COMMAND=ADD`. */
export interface AddRequest extends AttachmentRequest {}

/** `CNI_COMMAND=DEL`. */
export interface DelRequest extends Omit<AttachmentRequest, 'netns'> {
  /** Left out (or empty) once the namespace is gone. */
  readonly netns?: string;
}

/** `CNI_COMMAND=CHECK`. `config.prevResult` is the result of the last ADD of the whole list. */
export interface CheckRequest extends AttachmentRequest {}

/** `CNI_COMMAND=GC`. */
export interface GcRequest {
  readonly path?: readonly string[];
  /** Has `cni.dev/valid-attachments`. */
  readonly config: PluginConfig;
}

/** `CNI_COMMAND=STATUS`. */
export interface StatusRequest {
  readonly path?: readonly string[];
  readonly config: PluginConfig;
}

/** `CNI_COMMAND=VERSION`. */
export interface VersionRequest {
  /** The version that the answer shall be written in. */
  readonly cniVersion: string;
}

/** Answer to VERSION. Spec: "VERSION Success". */
export interface VersionResult {
  readonly cniVersion: string;
  readonly supportedVersions: readonly string[];
}

/** Name and address range settings of the plugin that hands out addresses. Spec: "Plugin configuration objects". */
export interface IpamConfig {
  /** Name of the IPAM plugin, such as `host-local`. */
  readonly type?: string;
  readonly [key: string]: unknown;
}

/**
 * What one plugin reads on standard input: its object of the network configuration, with what the runtime adds. Keys that the spec
 * does not know are the plugin's own and come through unchanged. Spec: "Deriving request configuration from plugin configuration".
 */
export interface PluginConfig {
  /** Version of the protocol that this call is in. Set by the runtime. */
  readonly cniVersion: string;
  /** Name of the network: a letter or digit, then letters, digits, `_`, `.` or `-`. Set by the runtime. */
  readonly name: string;
  /** Name of the plugin, without path separators. */
  readonly type: string;
  /** Masquerade what leaves the network, if the plugin can. */
  readonly ipMasq?: boolean;
  readonly ipam?: IpamConfig;
  readonly dns?: Dns;
  /** Values for the capabilities that the plugin declared. Set by the runtime. */
  readonly runtimeConfig?: RuntimeConfig;
  /** Arguments from the runtime; superseded by `runtimeConfig`. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** ADD: result of the plugin before; absent for the first. DEL and CHECK: the final result of the list's last ADD. */
  readonly prevResult?: Result;
  /** GC only: the attachments that are still wanted. */
  readonly 'cni.dev/valid-attachments'?: readonly Attachment[];
  readonly [key: string]: unknown;
}

/** One attachment, within one network. Spec: "GC". */
export interface Attachment {
  readonly containerID: string;
  readonly ifname: string;
}

/** Values of the well-known capabilities; others pass through. Source: CONVENTIONS.md, "Dynamic Plugin specific Fields". */
export interface RuntimeConfig {
  readonly portMappings?: readonly PortMapping[];
  /** One list of ranges per address wanted. */
  readonly ipRanges?: readonly (readonly AddressRange[])[];
  readonly bandwidth?: Bandwidth;
  readonly dns?: { readonly servers?: readonly string[]; readonly searches?: readonly string[]; readonly options?: readonly string[] };
  /** Addresses wanted, with or without prefix length. */
  readonly ips?: readonly string[];
  readonly mac?: string;
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  readonly cgroupPath?: string;
  readonly [capability: string]: unknown;
}

/** A port of the host that leads into the container. */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol?: 'tcp' | 'udp' | 'sctp';
  readonly hostIP?: string;
}

/** Where addresses come from. Both ends are included; the gateway is never handed out. */
export interface AddressRange {
  /** CIDR of the network, without host bits. */
  readonly subnet: string;
  /** Left out: the first address after the network's. */
  readonly rangeStart?: string;
  /** Left out: the last address before the broadcast's (IPv4), or the last (IPv6). */
  readonly rangeEnd?: string;
  /** Left out: the first address after the network's. */
  readonly gateway?: string;
}

/** Limits in bits a second, bursts in bits. */
export interface Bandwidth {
  readonly ingressRate?: number;
  readonly ingressBurst?: number;
  readonly egressRate?: number;
  readonly egressBurst?: number;
}

/** Answer to ADD. Spec: "ADD Success". An IPAM plugin leaves `interfaces` out. */
export interface Result {
  /** The version of the request. */
  readonly cniVersion: string;
  readonly interfaces?: readonly ResultInterface[];
  readonly ips?: readonly ResultIp[];
  readonly routes?: readonly ResultRoute[];
  readonly dns?: Dns;
}

/** An interface that the attachment has, in the container or on the host. */
export interface ResultInterface {
  readonly name: string;
  readonly mac?: string;
  /** Bytes. Since 1.1.0. */
  readonly mtu?: number;
  /** Path of the namespace that it is in; left out on the host. */
  readonly sandbox?: string;
  /** Socket file of a vhost-user interface. Since 1.1.0. */
  readonly socketPath?: string;
  /** PCI address. Since 1.1.0. */
  readonly pciID?: string;
}

/** An address that the attachment was given. */
export interface ResultIp {
  /** CIDR, such as `10.244.1.5/24`. */
  readonly address: string;
  readonly gateway?: string;
  /** Index into `interfaces`. */
  readonly interface?: number;
  /** Family, in versions below 1.0.0 only. */
  readonly version?: '4' | '6';
}

/** A route inside the container. */
export interface ResultRoute {
  /** CIDR. */
  readonly dst: string;
  /** Next hop; left out: the gateway of the address of that family. */
  readonly gw?: string;
  readonly mtu?: number;
  readonly advmss?: number;
  /** Lower wins. */
  readonly priority?: number;
  readonly table?: number;
  /** 0 global, 253 link, 254 host. */
  readonly scope?: number;
}

/** Name resolution inside the container. */
export interface Dns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}
