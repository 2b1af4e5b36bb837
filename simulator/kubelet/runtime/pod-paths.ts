import type { Pod } from '@slipway/kube';

// Where the kubelet keeps what on the node. Source: `pkg/kubelet/kubelet_getters.go`, `pkg/kubelet/kuberuntime/helpers.go`.

const root = '/var/lib/kubelet';

/** Directory of all pods. */
export const podsDirectory = `${root}/pods`;
/** Directory of one pod. */
export const podDirectory = (uid: string): string => `${podsDirectory}/${uid}`;
/** Directory of one pod's volumes of all plugins. */
export const volumesDirectory = (uid: string): string => `${podDirectory(uid)}/volumes`;
/** Directory of one volume. `plugin` as in `kubernetes.io/empty-dir`. */
export const volumeDirectory = (uid: string, plugin: string, name: string): string =>
  `${volumesDirectory(uid)}/${plugin.replaceAll('/', '~')}/${name}`;
/** Directory of the devices of one pod's block volumes. */
export const volumeDevicesDirectory = (uid: string): string => `${podDirectory(uid)}/volumeDevices`;
/** Directory of what a volume plugin keeps for the whole node. */
export const pluginDirectory = (plugin: string): string => `${root}/plugins/${plugin}`;
/** Directory of what one container leaves behind, such as its termination message. */
export const containerDirectory = (uid: string, container: string): string => `${podDirectory(uid)}/containers/${container}`;
/** The pod's hosts file. */
export const hostsFile = (uid: string): string => `${podDirectory(uid)}/etc-hosts`;
/** Directory of the pod's log files. */
export const podLogsDirectory = ({ metadata: { namespace = 'default', name, uid = '' } }: Pod): string =>
  `/var/log/pods/${namespace}_${name}_${uid}`;
/** A container's log file within that directory. */
export const containerLogPath = (container: string, restartCount: number): string => `${container}/${restartCount}.log`;
