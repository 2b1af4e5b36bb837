import { entries } from './entry.ts';

const SYNC = 'the kubelet tries again at its next sync of the pod, 10 to 15 s later';
const STATS = 'the kubelet has no numbers for this round, which metrics and eviction notice; it asks again next time';
const NO_STREAM = 'the kubelet lists instead';

/** CRI v1, `RuntimeService` (kubernetes/cri-api, api.proto). */
export const runtimeGuide = entries('cri.RuntimeService', (method) => `CRI v1, RuntimeService.${method}`, {
  Version: ['who is the runtime, and does it speak this protocol?', 'the kubelet does not start'],
  RunPodSandbox: [
    'the kubelet sees a pod of its node without a sandbox: it needs a network namespace and a process that holds it',
    'the kubelet reports FailedCreatePodSandBox and tries again at its next sync of the pod, 10 to 15 s later, with a new sandbox id; there is no exponential back-off and no limit',
  ],
  StopPodSandbox: [
    'nothing shall run in the sandbox any more: its network goes back',
    `the pod stays Terminating; ${SYNC}; the call may be repeated as often as needed`,
  ],
  RemovePodSandbox: [
    'the sandbox is garbage: its records go too',
    'it stays as garbage until the next round of container garbage collection, 1 min later',
  ],
  PodSandboxStatus: [
    'the kubelet wants to know the state of the sandbox and the address of the pod',
    `the pod has no address yet; ${SYNC}`,
  ],
  ListPodSandbox: [
    'the relist of each second: which sandboxes are there?',
    'the kubelet relists a second later; after 3 min without a good relist the node is NotReady ("PLEG is not healthy")',
  ],
  StreamPodSandboxes: ['the same list, piece by piece', NO_STREAM],
  CreateContainer: ['image and sandbox are there: the container is prepared', `the container waits with CreateContainerError; ${SYNC}`],
  StartContainer: [
    'the container is prepared: its process may run',
    'the container counts as failed with RunContainerError; it is started anew with back-off, 10 s doubling to 300 s',
  ],
  StopContainer: [
    'the container has to end: first the stop signal, after the grace period the kill signal',
    `the container runs on; ${SYNC}`,
  ],
  RemoveContainer: [
    'the container ended and is kept for nothing any more',
    'it stays as garbage until the next round of container garbage collection, 1 min later',
  ],
  ListContainers: [
    'the relist of each second: which containers are there, and in what state?',
    'the kubelet relists a second later; after 3 min without a good relist the node is NotReady ("PLEG is not healthy")',
  ],
  StreamContainers: ['the same list, piece by piece', NO_STREAM],
  ContainerStatus: [
    'a relist saw the container change, so the kubelet looks closer',
    'the kubelet keeps its old picture of the pod and looks again at the next relist, 1 s later',
  ],
  UpdateContainerResources: [
    'the limits of a running container change in place',
    'the resize stays in progress and is tried again at the next sync of the pod, up to 90 s later',
  ],
  ReopenContainerLog: ['the log file was rotated: write to the new one', 'the container goes on writing to the old file'],
  ExecSync: [
    'a probe or a hook is a command inside the container',
    'a probe counts no verdict when the call itself fails; a failed hook stops the start (PostStartHookError) or is passed over (preStop)',
  ],
  Exec: ['somebody wants a command with a terminal (kubectl exec)', 'the user sees the error; nothing else changes'],
  Attach: ['somebody wants to watch the main process (kubectl attach)', 'the user sees the error; nothing else changes'],
  PortForward: ['somebody wants a port of the pod on their own machine', 'the user sees the error; nothing else changes'],
  ContainerStats: ['how much does this container use?', STATS],
  ListContainerStats: ['how much does each container use?', STATS],
  StreamContainerStats: ['the same numbers, piece by piece', NO_STREAM],
  PodSandboxStats: ['how much does this pod use?', STATS],
  ListPodSandboxStats: ['how much does each pod use?', STATS],
  StreamPodSandboxStats: ['the same numbers, piece by piece', NO_STREAM],
  UpdateRuntimeConfig: [
    'the node has been given a range of pod addresses: the runtime passes it to its network configuration',
    'the runtime keeps the range that it knows, or none',
  ],
  Status: ['are the runtime and its network ready?', 'the kubelet asks every 5 s; after 30 s without a good answer the node is NotReady'],
  CheckpointContainer: ['freeze the container and write its memory to a file', 'the caller sees the error; the container runs on'],
  GetContainerEvents: ['tell me of changes instead of my asking each second', 'the kubelet goes back to its relist of 1 s'],
  ListMetricDescriptors: ['which metrics are there?', STATS],
  ListPodSandboxMetrics: ['the metrics of each pod', STATS],
  StreamPodSandboxMetrics: ['the same metrics, piece by piece', NO_STREAM],
  RuntimeConfig: ['which cgroup driver does the runtime use?', 'the kubelet falls back to the driver of its own configuration'],
  UpdatePodSandboxResources: [
    'the limits of the whole pod change',
    'the runtime keeps the limits that it knows; the resize is tried again',
  ],
});

/** CRI v1, `ImageService`. */
export const imageGuide = entries('cri.ImageService', (method) => `CRI v1, ImageService.${method}`, {
  ListImages: ['which images are on this node?', 'the node status keeps its old list; image garbage collection skips a round of 5 min'],
  StreamImages: ['the same list, piece by piece', NO_STREAM],
  ImageStatus: ['is the image on this node already?', `the container waits with ImageInspectError; ${SYNC}`],
  PullImage: [
    'it is not there, or its policy says Always: the runtime fetches it',
    'the container waits with ErrImagePull, then ImagePullBackOff: back-off 10 s doubling to 300 s, looked at every 10 to 15 s',
  ],
  RemoveImage: ['the disk gets full and nobody uses the image', 'the image stays; the next round is 5 min later'],
  ImageFsInfo: ['how full is the disk of the images?', 'image garbage collection skips a round of 5 min'],
});
