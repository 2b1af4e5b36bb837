import type { Guard, Rule } from '@slipway/kernel';
import type * as m from './messages/index.ts';
import type { CriCode } from './errors.ts';

// What the spec demands of each call, for the link's guard. Sources name the message or RPC of api.proto (kubernetes/cri-api v0.36) whose
// comment says so. What a runtime has to find out itself (unknown handler, wrong state, mounts that cannot be) is not here.

/** CRI names few codes and forbids none, so every code of gRPC may come back from every method. */
export const grpcCodes: readonly CriCode[] = [
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

function guard<Q, R>(...rules: readonly Rule<Q, R>[]): Guard<Q, R> {
  return { rules, codes: grpcCodes };
}

/** A text that must be there and not empty. Typed callers can still send less: plugins and scenario files are read at run time. */
function required<Q, R>(id: string, source: string, field: string, pick: (request: Q) => string | undefined): Rule<Q, R> {
  return { id, source, request: (request) => (pick(request) ? undefined : `${field} is required`) };
}

const sandboxId = <Q extends { readonly podSandboxId: string }, R>(method: string): Rule<Q, R> =>
  required(`cri.${method}.pod-sandbox-id-required`, method, 'pod_sandbox_id', (request) => request.podSandboxId);

const containerId = <Q extends { readonly containerId: string }, R>(method: string): Rule<Q, R> =>
  required(`cri.${method}.container-id-required`, method, 'container_id', (request) => request.containerId);

const imageName = <Q extends { readonly image: m.ImageSpec }, R>(method: string): Rule<Q, R> =>
  required(`cri.${method}.image-required`, 'ImageSpec', 'image.image', (request) => request.image?.image);

/** int64 travels as a JavaScript number here, which is exact up to 2^53 - 1 only. */
function wholeSeconds(field: string, seconds: number | undefined): string | undefined {
  if (seconds === undefined) return undefined;
  return Number.isSafeInteger(seconds) && seconds >= 0
    ? undefined
    : `${field} must be a whole number of seconds from 0 to 2^53 - 1, not ${seconds}`;
}

const resourceFields = ['cpuPeriod', 'cpuQuota', 'cpuShares', 'memoryLimitInBytes', 'oomScoreAdj', 'memorySwapLimitInBytes'] as const;

function wholeResources(resources: m.LinuxContainerResources | undefined): string | undefined {
  if (!resources) return undefined;
  for (const field of resourceFields) {
    const value = resources[field];
    if (value !== undefined && !Number.isSafeInteger(value)) return `${field} must be a whole number within 2^53 - 1, not ${value}`;
  }
  const adjustment = resources.oomScoreAdj ?? 0;
  return adjustment < -1000 || adjustment > 1000 ? `oomScoreAdj must be from -1000 to 1000, not ${adjustment}` : undefined;
}

function streams(request: {
  readonly tty?: boolean;
  readonly stdin?: boolean;
  readonly stdout?: boolean;
  readonly stderr?: boolean;
}): string | undefined {
  if (!request.stdin && !request.stdout && !request.stderr) return 'one of stdin, stdout, or stderr must be set';
  return request.tty && request.stderr ? 'tty and stderr cannot both be true' : undefined;
}

function portWrong({ containerPort, hostPort = 0 }: m.PortMapping): boolean {
  return (
    !Number.isInteger(containerPort) ||
    containerPort < 0 ||
    containerPort > 65535 ||
    !Number.isInteger(hostPort) ||
    hostPort < 0 ||
    hostPort > 65535
  );
}

export const versionRules: Guard<m.VersionRequest, m.VersionResponse> = guard({
  id: 'cri.version.names-itself',
  source: 'VersionResponse',
  response: (_, { runtimeName, runtimeVersion, runtimeApiVersion }) =>
    runtimeName && runtimeVersion && runtimeApiVersion === 'v1'
      ? undefined
      : 'runtimeName and runtimeVersion must be given and runtimeApiVersion must be v1',
});

export const runPodSandboxRules: Guard<m.RunPodSandboxRequest, m.RunPodSandboxResponse> = guard(
  {
    id: 'cri.run-pod-sandbox.metadata-required',
    source: 'PodSandboxConfig',
    request: ({ config }) =>
      config?.metadata?.name && config.metadata.namespace && config.metadata.uid
        ? undefined
        : 'config.metadata with name, namespace and uid is required',
  },
  {
    id: 'cri.run-pod-sandbox.ports-legal',
    source: 'PortMapping',
    request: ({ config }) => (config?.portMappings?.some(portWrong) ? 'ports must be from 0 to 65535' : undefined),
  },
  {
    id: 'cri.run-pod-sandbox.resources-whole',
    source: 'LinuxContainerResources',
    request: ({ config }) => wholeResources(config?.linux?.resources) ?? wholeResources(config?.linux?.overhead),
  },
  {
    id: 'cri.run-pod-sandbox.answers-id',
    source: 'RunPodSandboxResponse',
    response: (_, { podSandboxId }) => (podSandboxId ? undefined : 'podSandboxId must not be empty'),
  },
);

export const stopPodSandboxRules: Guard<m.StopPodSandboxRequest, m.StopPodSandboxResponse> = guard(sandboxId('stop-pod-sandbox'));
export const removePodSandboxRules: Guard<m.RemovePodSandboxRequest, m.RemovePodSandboxResponse> = guard(sandboxId('remove-pod-sandbox'));

export const podSandboxStatusRules: Guard<m.PodSandboxStatusRequest, m.PodSandboxStatusResponse> = guard(sandboxId('pod-sandbox-status'), {
  id: 'cri.pod-sandbox-status.complete',
  source: 'PodSandboxStatus',
  response: ({ podSandboxId }, { status }) =>
    status?.id.startsWith(podSandboxId) && status.metadata && status.createdAt > 0n
      ? undefined
      : 'status must have the id that was asked for, metadata and createdAt',
});

export const listPodSandboxRules: Guard<m.ListPodSandboxRequest, m.ListPodSandboxResponse> = guard({
  id: 'cri.list-pod-sandbox.filtered',
  source: 'PodSandboxFilter',
  response: ({ filter }, { items }) =>
    filter?.state && items.some(({ state }) => state !== filter.state?.state)
      ? `only sandboxes in ${filter.state.state} were asked for`
      : undefined,
});

export const createContainerRules: Guard<m.CreateContainerRequest, m.CreateContainerResponse> = guard(
  sandboxId('create-container'),
  required('cri.create-container.metadata-required', 'ContainerConfig', 'config.metadata.name', ({ config }) => config?.metadata?.name),
  required('cri.create-container.image-required', 'ContainerConfig', 'config.image.image', ({ config }) => config?.image?.image),
  required(
    'cri.create-container.sandbox-config-required',
    'CreateContainerRequest',
    'sandbox_config',
    ({ sandboxConfig }) => sandboxConfig?.metadata?.name,
  ),
  {
    id: 'cri.create-container.resources-whole',
    source: 'LinuxContainerResources',
    request: ({ config }) => wholeResources(config?.linux?.resources),
  },
  {
    id: 'cri.create-container.answers-id',
    source: 'CreateContainerResponse',
    response: (_, response) => (response.containerId ? undefined : 'containerId must not be empty'),
  },
);

export const startContainerRules: Guard<m.StartContainerRequest, m.StartContainerResponse> = guard(containerId('start-container'));

export const stopContainerRules: Guard<m.StopContainerRequest, m.StopContainerResponse> = guard(containerId('stop-container'), {
  id: 'cri.stop-container.timeout-whole',
  source: 'StopContainerRequest',
  request: ({ timeout }) => wholeSeconds('timeout', timeout),
});

export const removeContainerRules: Guard<m.RemoveContainerRequest, m.RemoveContainerResponse> = guard(containerId('remove-container'));

export const listContainersRules: Guard<m.ListContainersRequest, m.ListContainersResponse> = guard({
  id: 'cri.list-containers.filtered',
  source: 'ContainerFilter',
  response: ({ filter }, { containers }) =>
    filter?.state && containers.some(({ state }) => state !== filter.state?.state)
      ? `only containers in ${filter.state.state} were asked for`
      : undefined,
});

/** Times follow the state; see the fields of `ContainerStatus`. */
function timesWrong({ state, createdAt, startedAt, finishedAt }: m.ContainerStatus): string | undefined {
  if (createdAt <= 0n) return 'createdAt must be set';
  if (state === 'CONTAINER_CREATED' && (startedAt !== 0n || finishedAt !== 0n))
    return 'a created container has neither startedAt nor finishedAt';
  if (state === 'CONTAINER_RUNNING' && (startedAt === 0n || finishedAt !== 0n))
    return 'a running container has startedAt and no finishedAt';
  return state === 'CONTAINER_EXITED' && finishedAt === 0n ? 'an exited container has finishedAt' : undefined;
}

export const containerStatusRules: Guard<m.ContainerStatusRequest, m.ContainerStatusResponse> = guard(containerId('container-status'), {
  id: 'cri.container-status.times-follow-state',
  source: 'ContainerStatus',
  response: (request, { status }) =>
    status?.id.startsWith(request.containerId) ? timesWrong(status) : 'status must have the id that was asked for',
});

export const updateContainerResourcesRules: Guard<m.UpdateContainerResourcesRequest, m.UpdateContainerResourcesResponse> = guard(
  containerId('update-container-resources'),
  {
    id: 'cri.update-container-resources.resources-whole',
    source: 'LinuxContainerResources',
    request: ({ linux }) => wholeResources(linux),
  },
);

export const reopenContainerLogRules: Guard<m.ReopenContainerLogRequest, m.ReopenContainerLogResponse> = guard(
  containerId('reopen-container-log'),
);

/** Most that `execSync` answers of each stream. */
export const execSyncOutputBytes = 16 * 1024 * 1024;

export const execSyncRules: Guard<m.ExecSyncRequest, m.ExecSyncResponse> = guard(
  containerId('exec-sync'),
  { id: 'cri.exec-sync.command-required', source: 'ExecSyncRequest', request: ({ cmd }) => (cmd?.length ? undefined : 'cmd is required') },
  { id: 'cri.exec-sync.timeout-whole', source: 'ExecSyncRequest', request: ({ timeout }) => wholeSeconds('timeout', timeout) },
  {
    id: 'cri.exec-sync.output-bounded',
    source: 'ExecSyncResponse',
    response: (_, { stdout, stderr }) =>
      stdout.length > execSyncOutputBytes || stderr.length > execSyncOutputBytes ? 'more than 16 MiB of output' : undefined,
  },
);

export const execRules: Guard<m.ExecRequest, m.ExecResponse> = guard(
  containerId('exec'),
  { id: 'cri.exec.command-required', source: 'ExecRequest', request: ({ cmd }) => (cmd?.length ? undefined : 'cmd is required') },
  { id: 'cri.exec.streams', source: 'ExecRequest', request: streams },
);

export const attachRules: Guard<m.AttachRequest, m.AttachResponse> = guard(containerId('attach'), {
  id: 'cri.attach.streams',
  source: 'AttachRequest',
  request: streams,
});

export const portForwardRules: Guard<m.PortForwardRequest, m.PortForwardResponse> = guard(sandboxId('port-forward'));
export const containerStatsRules: Guard<m.ContainerStatsRequest, m.ContainerStatsResponse> = guard(containerId('container-stats'));
export const podSandboxStatsRules: Guard<m.PodSandboxStatsRequest, m.PodSandboxStatsResponse> = guard(sandboxId('pod-sandbox-stats'));
export const updatePodSandboxResourcesRules: Guard<m.UpdatePodSandboxResourcesRequest, m.UpdatePodSandboxResourcesResponse> = guard(
  sandboxId('update-pod-sandbox-resources'),
  {
    id: 'cri.update-pod-sandbox-resources.resources-whole',
    source: 'LinuxContainerResources',
    request: ({ overhead, resources }) => wholeResources(overhead) ?? wholeResources(resources),
  },
);

export const statusRules: Guard<m.StatusRequest, m.StatusResponse> = guard({
  id: 'cri.status.conditions-required',
  source: 'RuntimeStatus',
  response: (_, { status }) =>
    ['RuntimeReady', 'NetworkReady'].every((type) => status?.conditions.some((condition) => condition.type === type))
      ? undefined
      : 'the conditions RuntimeReady and NetworkReady are required',
});

export const checkpointContainerRules: Guard<m.CheckpointContainerRequest, m.CheckpointContainerResponse> = guard(
  containerId('checkpoint-container'),
  {
    id: 'cri.checkpoint-container.location-absolute',
    source: 'CheckpointContainerRequest',
    request: ({ location }) => (location && !location.startsWith('/') ? 'location must be an absolute path' : undefined),
  },
  {
    id: 'cri.checkpoint-container.timeout-whole',
    source: 'CheckpointContainerRequest',
    request: ({ timeout }) => wholeSeconds('timeout', timeout),
  },
);

/** For calls whose request and answer have nothing to check. */
export const anyRules: Guard<unknown, unknown> = guard();

export const imageStatusRules: Guard<m.ImageStatusRequest, m.ImageStatusResponse> = guard(imageName('image-status'), {
  id: 'cri.image-status.image-complete',
  source: 'Image',
  response: (_, { image }) => (!image || (image.id && image.size > 0) ? undefined : 'an image must have an id and a size above 0'),
});

export const pullImageRules: Guard<m.PullImageRequest, m.PullImageResponse> = guard(imageName('pull-image'), {
  id: 'cri.pull-image.answers-reference',
  source: 'PullImageResponse',
  response: (_, { imageRef }) => (imageRef ? undefined : 'imageRef must not be empty'),
});

export const removeImageRules: Guard<m.RemoveImageRequest, m.RemoveImageResponse> = guard(imageName('remove-image'));
