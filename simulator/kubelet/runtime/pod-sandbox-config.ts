import type { PodSandboxConfig, PortMapping } from '@slipway/cri';
import { dns1123LabelProblems, type Pod, qosClass } from '@slipway/kube';
import { isHostNetwork } from '../decisions/containers.ts';
import { type ClusterDns, dnsConfig } from './dns-config.ts';
import { ConfigError } from './field-values.ts';
import { podLogsDirectory } from './pod-paths.ts';
import { sandboxSecurityContext } from './security-context.ts';

/** Labels by which the runtime's objects are known to belong to a pod. Source: `pkg/kubelet/types/labels.go`. */
export const podLabels = {
  name: 'io.kubernetes.pod.name',
  namespace: 'io.kubernetes.pod.namespace',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
} as const;

/** What a pod's sandbox is made from. Source: `kuberuntime_sandbox.go` generatePodSandboxConfig. */
export function podSandboxConfig(pod: Pod, attempt: number, dns: ClusterDns): PodSandboxConfig {
  const { name, namespace = 'default', uid = '', labels, annotations = {} } = pod.metadata;
  const portMappings = pod.spec.containers.flatMap(({ ports = [] }) =>
    ports
      .filter((port) => (port.hostPort ?? 0) > 0)
      .map(
        ({ hostPort = 0, containerPort, hostIP, protocol = 'TCP' }): PortMapping => ({
          protocol,
          containerPort,
          hostPort,
          ...(hostIP ? { hostIp: hostIP } : {}),
        }),
      ),
  );
  const sysctls = Object.fromEntries((pod.spec.securityContext?.sysctls ?? []).map((sysctl) => [sysctl.name, sysctl.value]));
  return {
    metadata: { name, uid, namespace, attempt },
    ...(isHostNetwork(pod) ? {} : { hostname: hostName(pod, dns.domain).kernelName }),
    logDirectory: podLogsDirectory(pod),
    dnsConfig: dnsConfig(pod, dns),
    ...(portMappings.length > 0 ? { portMappings } : {}),
    labels: { ...labels, [podLabels.name]: name, [podLabels.namespace]: namespace, [podLabels.uid]: uid },
    annotations,
    linux: { cgroupParent: cgroupParent(pod), securityContext: sandboxSecurityContext(pod), sysctls },
  };
}

/** The pod's cgroup: by class of service, then by pod. Source: `pkg/kubelet/cm/pod_container_manager_linux.go` (cgroupfs names). */
export function cgroupParent(pod: Pod): string {
  const classes = { Guaranteed: '', Burstable: '/burstable', BestEffort: '/besteffort' } as const;
  return `/kubepods${classes[pod.status?.qosClass ?? qosClass(pod)]}/pod${pod.metadata.uid ?? ''}`;
}

/** What the pod is called inside itself. */
export interface HostName {
  readonly name: string;
  /** Empty without a subdomain. */
  readonly domain: string;
  /** What `uname -n` says. */
  readonly kernelName: string;
}

const maximumHostNameLength = 63;

/** @throws ConfigError for a name that DNS cannot hold. Source: `kubelet_pods.go` GeneratePodHostNameAndDomain. */
export function hostName(pod: Pod, clusterDomain: string): HostName {
  const { hostname, subdomain, hostnameOverride, setHostnameAsFQDN } = pod.spec;
  if (hostnameOverride) return { name: hostnameOverride, domain: '', kernelName: hostnameOverride };
  for (const [what, label] of [['Hostname', hostname] as const, ['Subdomain', subdomain] as const]) {
    const problems = label ? dns1123LabelProblems(label) : [];
    if (problems.length > 0) throw new ConfigError(`pod ${what} "${label}" is not a valid DNS label: ${problems.join(';')}`);
  }
  const long = hostname || pod.metadata.name;
  // A name must not end in what joins its parts.
  const name = long.length > maximumHostNameLength ? long.slice(0, maximumHostNameLength).replace(/[-.]+$/, '') : long;
  const domain = subdomain ? `${subdomain}.${pod.metadata.namespace ?? 'default'}.svc.${clusterDomain}` : '';
  return { name, domain, kernelName: setHostnameAsFQDN && domain !== '' ? `${name}.${domain}` : name };
}

/** Content of the pod's `/etc/hosts`. Source: `kubelet_pods.go` managedHostsFileContent. */
export function hostsFileContent(pod: Pod, ips: readonly string[], clusterDomain: string): string {
  const { name, domain } = hostName(pod, clusterDomain);
  const own = ips.map((ip) => (domain === '' ? `${ip}\t${name}` : `${ip}\t${name}.${domain}\t${name}`));
  const aliases = pod.spec.hostAliases ?? [];
  return [
    '# Kubernetes-managed hosts file.',
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::0\tip6-localnet',
    'fe00::0\tip6-mcastprefix',
    'fe00::1\tip6-allnodes',
    'fe00::2\tip6-allrouters',
    ...own,
    ...(aliases.length > 0 ? ['', '# Entries added by HostAliases.'] : []),
    ...aliases.map(({ ip, hostnames = [] }) => `${ip}\t${hostnames.join('\t')}`),
    '',
  ].join('\n');
}
