import type { ImageService, RuntimeService } from './contract.ts';

/** What one RPC is like, beyond its types: for the descriptors, for docs and for `slipway explain`. */
export interface MethodFacts {
  /** Name in api.proto, which is also the section that the docs name. */
  readonly rpc: string;
  /** A read changes nothing; the others change sandboxes, containers, images or the runtime's own settings. */
  readonly kind: 'read' | 'change' | 'session';
  /** The answer is a stream. */
  readonly streaming?: true;
  /** The kubelet asks on a fixed grid and normally learns nothing new. */
  readonly heartbeat?: true;
}

/** The 35 RPCs of `runtime.v1.RuntimeService`, in the order of api.proto. */
export const runtimeMethods = {
  version: { rpc: 'Version', kind: 'read', heartbeat: true },
  runPodSandbox: { rpc: 'RunPodSandbox', kind: 'change' },
  stopPodSandbox: { rpc: 'StopPodSandbox', kind: 'change' },
  removePodSandbox: { rpc: 'RemovePodSandbox', kind: 'change' },
  podSandboxStatus: { rpc: 'PodSandboxStatus', kind: 'read' },
  listPodSandbox: { rpc: 'ListPodSandbox', kind: 'read', heartbeat: true },
  streamPodSandboxes: { rpc: 'StreamPodSandboxes', kind: 'read', streaming: true, heartbeat: true },
  createContainer: { rpc: 'CreateContainer', kind: 'change' },
  startContainer: { rpc: 'StartContainer', kind: 'change' },
  stopContainer: { rpc: 'StopContainer', kind: 'change' },
  removeContainer: { rpc: 'RemoveContainer', kind: 'change' },
  listContainers: { rpc: 'ListContainers', kind: 'read', heartbeat: true },
  streamContainers: { rpc: 'StreamContainers', kind: 'read', streaming: true, heartbeat: true },
  containerStatus: { rpc: 'ContainerStatus', kind: 'read' },
  updateContainerResources: { rpc: 'UpdateContainerResources', kind: 'change' },
  reopenContainerLog: { rpc: 'ReopenContainerLog', kind: 'change' },
  execSync: { rpc: 'ExecSync', kind: 'session' },
  exec: { rpc: 'Exec', kind: 'session' },
  attach: { rpc: 'Attach', kind: 'session' },
  portForward: { rpc: 'PortForward', kind: 'session' },
  containerStats: { rpc: 'ContainerStats', kind: 'read', heartbeat: true },
  listContainerStats: { rpc: 'ListContainerStats', kind: 'read', heartbeat: true },
  streamContainerStats: { rpc: 'StreamContainerStats', kind: 'read', streaming: true, heartbeat: true },
  podSandboxStats: { rpc: 'PodSandboxStats', kind: 'read', heartbeat: true },
  listPodSandboxStats: { rpc: 'ListPodSandboxStats', kind: 'read', heartbeat: true },
  streamPodSandboxStats: { rpc: 'StreamPodSandboxStats', kind: 'read', streaming: true, heartbeat: true },
  updateRuntimeConfig: { rpc: 'UpdateRuntimeConfig', kind: 'change' },
  status: { rpc: 'Status', kind: 'read', heartbeat: true },
  checkpointContainer: { rpc: 'CheckpointContainer', kind: 'change' },
  getContainerEvents: { rpc: 'GetContainerEvents', kind: 'read', streaming: true },
  listMetricDescriptors: { rpc: 'ListMetricDescriptors', kind: 'read' },
  listPodSandboxMetrics: { rpc: 'ListPodSandboxMetrics', kind: 'read', heartbeat: true },
  streamPodSandboxMetrics: { rpc: 'StreamPodSandboxMetrics', kind: 'read', streaming: true, heartbeat: true },
  runtimeConfig: { rpc: 'RuntimeConfig', kind: 'read' },
  updatePodSandboxResources: { rpc: 'UpdatePodSandboxResources', kind: 'change' },
} as const satisfies { readonly [M in keyof RuntimeService]-?: MethodFacts };

/** The 6 RPCs of `runtime.v1.ImageService`, in the order of api.proto. */
export const imageMethods = {
  listImages: { rpc: 'ListImages', kind: 'read', heartbeat: true },
  streamImages: { rpc: 'StreamImages', kind: 'read', streaming: true, heartbeat: true },
  imageStatus: { rpc: 'ImageStatus', kind: 'read' },
  pullImage: { rpc: 'PullImage', kind: 'change' },
  removeImage: { rpc: 'RemoveImage', kind: 'change' },
  imageFsInfo: { rpc: 'ImageFsInfo', kind: 'read', heartbeat: true },
} as const satisfies { readonly [M in keyof ImageService]-?: MethodFacts };
