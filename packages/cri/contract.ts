import type { Implementation, Stream, Token } from '@slipway/kernel';
import { token } from '@slipway/kernel';
import type * as m from './messages/index.ts';

/**
 * What runs pods and containers on a node. CRI v1 (kubernetes/cri-api v0.36), "service RuntimeService". The kubelet is the caller;
 * the runtime in its turn calls the network plugins (CNI) and the low-level runtime (OCI).
 *
 * Times are nanoseconds since the epoch, 0 meaning not set. Ids are the runtime's to choose. Every call that stops or removes is safe to
 * repeat, and succeeds for an object that is not there, so that a kubelet that lost an answer can ask again.
 */
export interface RuntimeService {
  /** Name and versions of the runtime. Asked when the kubelet starts and every time it probes the connection. Spec: "Version". */
  version(request: m.VersionRequest): m.VersionResponse;

  /**
   * Makes a sandbox and starts it, network included: on success it is SANDBOX_READY. Not safe to repeat: a second call with the same
   * metadata is refused while the first sandbox exists. A failed call leaves nothing that holds the name.
   *
   * @throws CriError UNKNOWN (network set-up, name in use, unknown handler: runtimes do not classify), INVALID_ARGUMENT. Spec: "RunPodSandbox".
   */
  runPodSandbox(request: m.RunPodSandboxRequest): m.RunPodSandboxResponse;

  /**
   * Kills what still runs in the sandbox and releases its network; the sandbox is then SANDBOX_NOTREADY. Safe to repeat; an unknown
   * sandbox is no error. Comes at least once before `removePodSandbox`.
   *
   * @throws CriError UNKNOWN when the network could not be released; call again. Spec: "StopPodSandbox".
   */
  stopPodSandbox(request: m.StopPodSandboxRequest): m.StopPodSandboxResponse;

  /** Removes the sandbox with all its containers, running ones by force. Safe to repeat; an unknown sandbox is no error. Spec: "RemovePodSandbox". */
  removePodSandbox(request: m.RemovePodSandboxRequest): m.RemovePodSandboxResponse;

  /** One sandbox in full. @throws CriError NOT_FOUND. Spec: "PodSandboxStatus". */
  podSandboxStatus(request: m.PodSandboxStatusRequest): m.PodSandboxStatusResponse;

  /** Sandboxes that match the filter; an empty list when there are none. Spec: "ListPodSandbox". */
  listPodSandbox(request: m.ListPodSandboxRequest): m.ListPodSandboxResponse;

  /** As `listPodSandbox`, in batches of at least one, each sandbox once; then the stream ends. @throws CriError UNIMPLEMENTED. Spec: "StreamPodSandboxes". */
  streamPodSandboxes?(request: m.StreamPodSandboxesRequest): Stream<m.StreamPodSandboxesResponse>;

  /**
   * Makes a container in a ready sandbox without starting it: CONTAINER_CREATED. Not safe to repeat: name and attempt are unique within
   * the sandbox. The image must be on the node.
   *
   * @throws CriError NOT_FOUND (sandbox, image), UNKNOWN (name in use, sandbox not ready), INVALID_ARGUMENT. Spec: "CreateContainer".
   */
  createContainer(request: m.CreateContainerRequest): m.CreateContainerResponse;

  /**
   * Starts a created container: CONTAINER_RUNNING on success. A start that fails leaves it CONTAINER_EXITED, reason `StartError`.
   *
   * @throws CriError NOT_FOUND, UNKNOWN (not in CONTAINER_CREATED, or the process could not be started). Spec: "StartContainer".
   */
  startContainer(request: m.StartContainerRequest): m.StartContainerResponse;

  /**
   * Sends the stop signal, waits at most `timeout` seconds, then kills. Returns when the container has ended. Safe to repeat; an unknown
   * or ended container is no error.
   *
   * @throws CriError DEADLINE_EXCEEDED when not even SIGKILL ended it in time. Spec: "StopContainer".
   */
  stopContainer(request: m.StopContainerRequest): m.StopContainerResponse;

  /** Removes the container, by force when it runs. Safe to repeat; an unknown container is no error. Spec: "RemoveContainer". */
  removeContainer(request: m.RemoveContainerRequest): m.RemoveContainerResponse;

  /** Containers that match the filter, in every state; an empty list when there are none. Spec: "ListContainers". */
  listContainers(request: m.ListContainersRequest): m.ListContainersResponse;

  /** As `listContainers`, in batches of at least one, each container once; then the stream ends. @throws CriError UNIMPLEMENTED. Spec: "StreamContainers". */
  streamContainers?(request: m.StreamContainersRequest): Stream<m.StreamContainersResponse>;

  /** One container in full. @throws CriError NOT_FOUND. Spec: "ContainerStatus". */
  containerStatus(request: m.ContainerStatusRequest): m.ContainerStatusResponse;

  /** Changes limits of a created or running container, all of them or none. Safe to repeat. @throws CriError NOT_FOUND, UNKNOWN (has ended). Spec: "UpdateContainerResources". */
  updateContainerResources(request: m.UpdateContainerResourcesRequest): m.UpdateContainerResourcesResponse;

  /** Opens the log file anew after a rotation. Safe to repeat. @throws CriError NOT_FOUND, UNKNOWN (not running; then no file is made). Spec: "ReopenContainerLog". */
  reopenContainerLog(request: m.ReopenContainerLogRequest): m.ReopenContainerLogResponse;

  /**
   * Runs a command in a running container and waits for its end; an exit code other than 0 is an answer, not an error. Not safe to repeat.
   *
   * @throws CriError NOT_FOUND, DEADLINE_EXCEEDED (`timeout` seconds passed; the command was killed), UNKNOWN (not running). Spec: "ExecSync".
   */
  execSync(request: m.ExecSyncRequest): m.ExecSyncResponse;

  /** Prepares a command with live streams and returns a one-time URL. @throws CriError NOT_FOUND, INVALID_ARGUMENT (no stream at all, or tty with stderr). Spec: "Exec". */
  exec(request: m.ExecRequest): m.ExecResponse;

  /** Prepares live streams to the first process and returns a one-time URL. @throws CriError NOT_FOUND, INVALID_ARGUMENT (no stream at all, or tty with stderr). Spec: "Attach". */
  attach(request: m.AttachRequest): m.AttachResponse;

  /** Prepares forwarding to ports of a ready sandbox and returns a one-time URL. @throws CriError NOT_FOUND, UNKNOWN (not ready). Spec: "PortForward". */
  portForward(request: m.PortForwardRequest): m.PortForwardResponse;

  /** Usage of one container. @throws CriError NOT_FOUND. Spec: "ContainerStats". */
  containerStats(request: m.ContainerStatsRequest): m.ContainerStatsResponse;

  /** Usage of all running containers that match the filter. Spec: "ListContainerStats". */
  listContainerStats(request: m.ListContainerStatsRequest): m.ListContainerStatsResponse;

  /** As `listContainerStats`, in batches of at least one; then the stream ends. @throws CriError UNIMPLEMENTED. Spec: "StreamContainerStats". */
  streamContainerStats?(request: m.StreamContainerStatsRequest): Stream<m.StreamContainerStatsResponse>;

  /** Usage of one sandbox and its containers. @throws CriError NOT_FOUND. Spec: "PodSandboxStats". */
  podSandboxStats(request: m.PodSandboxStatsRequest): m.PodSandboxStatsResponse;

  /** Usage of all ready sandboxes that match the filter. Spec: "ListPodSandboxStats". */
  listPodSandboxStats(request: m.ListPodSandboxStatsRequest): m.ListPodSandboxStatsResponse;

  /** As `listPodSandboxStats`, in batches of at least one; then the stream ends. @throws CriError UNIMPLEMENTED. Spec: "StreamPodSandboxStats". */
  streamPodSandboxStats?(request: m.StreamPodSandboxStatsRequest): Stream<m.StreamPodSandboxStatsResponse>;

  /** Hands the node's pod range to the runtime. Safe to repeat. Spec: "UpdateRuntimeConfig". */
  updateRuntimeConfig(request: m.UpdateRuntimeConfigRequest): m.UpdateRuntimeConfigResponse;

  /** Whether runtime and network are ready. The kubelet asks every 5 s and posts the node not ready when either is not. Spec: "Status". */
  status(request: m.StatusRequest): m.StatusResponse;

  /** Writes a running container's state to an archive; the container goes on. @throws CriError NOT_FOUND, UNIMPLEMENTED. Spec: "CheckpointContainer". */
  checkpointContainer?(request: m.CheckpointContainerRequest): m.CheckpointContainerResponse;

  /** Every later step of every container, until the caller cancels. @throws CriError UNIMPLEMENTED. Spec: "GetContainerEvents". */
  getContainerEvents?(request: m.GetEventsRequest): Stream<m.ContainerEventResponse>;

  /** The metrics that exist; never changes while the runtime runs. Spec: "ListMetricDescriptors". */
  listMetricDescriptors?(request: m.ListMetricDescriptorsRequest): m.ListMetricDescriptorsResponse;

  /** Metrics of all ready sandboxes; only described ones. Spec: "ListPodSandboxMetrics". */
  listPodSandboxMetrics?(request: m.ListPodSandboxMetricsRequest): m.ListPodSandboxMetricsResponse;

  /** As `listPodSandboxMetrics`, in batches of at least one; then the stream ends. @throws CriError UNIMPLEMENTED. Spec: "StreamPodSandboxMetrics". */
  streamPodSandboxMetrics?(request: m.StreamPodSandboxMetricsRequest): Stream<m.StreamPodSandboxMetricsResponse>;

  /** How the runtime is set up; read once when the kubelet starts, which then uses the same cgroup driver. Spec: "RuntimeConfig". */
  runtimeConfig(request: m.RuntimeConfigRequest): m.RuntimeConfigResponse;

  /** Tells the runtime the pod's new resources, after all containers were changed; best effort. @throws CriError NOT_FOUND. Spec: "UpdatePodSandboxResources". */
  updatePodSandboxResources(request: m.UpdatePodSandboxResourcesRequest): m.UpdatePodSandboxResourcesResponse;
}

/**
 * What keeps images on a node. CRI v1, "service ImageService". Often the same program as the runtime.
 *
 * `PullImageResponse.imageRef`, `Image.id` and a container's `imageId` agree for the same image.
 */
export interface ImageService {
  /** Images that match the filter; an empty list when there are none. Spec: "ListImages". */
  listImages(request: m.ListImagesRequest): m.ListImagesResponse;

  /** As `listImages`, in batches of at least one, each image once; then the stream ends. @throws CriError UNIMPLEMENTED. Spec: "StreamImages". */
  streamImages?(request: m.StreamImagesRequest): Stream<m.StreamImagesResponse>;

  /** One image, by tag, digest or id. An image that is not there is an answer without `image`, not an error. Spec: "ImageStatus". */
  imageStatus(request: m.ImageStatusRequest): m.ImageStatusResponse;

  /**
   * Fetches an image, or finds that it is there already. Safe to repeat.
   *
   * @throws CriError NOT_FOUND (no such image), UNAUTHENTICATED or PERMISSION_DENIED (credentials), UNAVAILABLE (registry out of reach),
   *   INVALID_ARGUMENT (no image name), UNKNOWN; runtimes classify differently, so kubelets look at no more than whether it failed.
   *   Spec: "PullImage".
   */
  pullImage(request: m.PullImageRequest): m.PullImageResponse;

  /** Removes an image with every name that it has. Safe to repeat; an unknown image is no error. Spec: "RemoveImage". */
  removeImage(request: m.RemoveImageRequest): m.RemoveImageResponse;

  /** Where images and writable layers live and how much they take. Spec: "ImageFsInfo". */
  imageFsInfo(request: m.ImageFsInfoRequest): m.ImageFsInfoResponse;
}

/** What a CRI plugin makes, once per node. */
export const RUNTIME_SERVICE: Token<Implementation<RuntimeService>> = token('@slipway/cri/RuntimeService');
/** What a CRI plugin makes, once per node. */
export const IMAGE_SERVICE: Token<Implementation<ImageService>> = token('@slipway/cri/ImageService');
