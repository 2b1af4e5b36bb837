// The programs that run beside a CSI driver and stand between it and Kubernetes. Each is a controller like any other.
export type { DriverConnection } from './driver-info.ts';
export { externalAttacher } from './external-attacher/external-attacher.ts';
export { externalProvisioner } from './external-provisioner/external-provisioner.ts';
export { externalResizer } from './external-resizer/external-resizer.ts';
export { externalSnapshotter } from './external-snapshotter/external-snapshotter.ts';
export { nodeDriverRegistrar, type DriverRegistry, type RegistrarOptions } from './node-driver-registrar.ts';
