export { containerdFlavour, type ContainerdOptions, default as containerd } from './containerd/index.ts';
export { crioFlavour, type CrioOptions, default as crio } from './crio/index.ts';
export { RuntimeCore, type CoreParts } from './runtime-core/core.ts';
export type { Flavour, LogStyle, PullFailure, Words } from './runtime-core/flavour.ts';
export { NodeImageService } from './runtime-core/images/image-service.ts';
export { NodeRuntimeService } from './runtime-core/runtime-service.ts';
