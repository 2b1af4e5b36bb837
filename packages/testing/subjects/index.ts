export type { Watched } from './breaches.ts';
export * from './cni-subject.ts';
export * from './cri-subject.ts';
export * from './csi-subject.ts';
