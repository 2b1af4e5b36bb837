export { Kubelet, type KubeletDependencies, startKubelet } from './kubelet.ts';
export type { KubeletOptions } from './options.ts';
export type { KubeletDecisions, KubeletParts, Replacement } from './plugin.ts';
export type { CsiDriverRegistry } from './volumes/csi/driver-registry.ts';
