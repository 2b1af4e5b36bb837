export type { Watched } from './breaches.ts';
export type { Restarts } from './restart.ts';
export * from './cni-subject.ts';
export * from './cpi-subject.ts';
export * from './cri-subject.ts';
export * from './csi-subject.ts';
export * from './mesh-subject.ts';
export * from './oci-subject.ts';
