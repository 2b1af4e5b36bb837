import type { Micros, Scalar } from '@slipway/kernel';
import { hours, minutes, seconds, service } from '@slipway/kernel';
import type { ImageService, RuntimeService } from './contract.ts';
import { CriError } from './errors.ts';
import type { ImageSpec, PodSandboxConfig } from './messages/index.ts';
import { imageMethods, runtimeMethods } from './methods.ts';
import * as rules from './rules.ts';

/** `runtimeRequestTimeout` of the kubelet. Source: kubernetes, staging/src/k8s.io/cri-client/pkg/remote_runtime.go. */
const requestTimeout = minutes(2);

/**
 * How long the kubelet waits for `stopContainer`: its usual time-out on top of the grace period. A descriptor's deadline is fixed, so the
 * link's own bound is generous, and a caller that wants the exact one wraps the call in `timeout`.
 */
export function stopContainerDeadline(timeoutSeconds: number): Micros {
  return requestTimeout + seconds(timeoutSeconds);
}

const options = {
  interface: 'cri',
  deadline: requestTimeout,
  error: (code: ConstructorParameters<typeof CriError>[0], message: string) => new CriError(code, message),
};

/** Tolerates what the guard is about to refuse: the trace names the call all the same. */
const podOf = (config: PodSandboxConfig | undefined): string =>
  config?.metadata ? `${config.metadata.namespace}/${config.metadata.name}` : '';
const bySandbox = (request: { readonly podSandboxId: string }): string => request.podSandboxId;
const byContainer = (request: { readonly containerId: string }): string => request.containerId;
const byImage = (request: { readonly image: ImageSpec }): string => request.image?.image ?? '';

/** Calls about one sandbox or container say its id when they are sent, and nothing more when they are answered. */
const idOfSandbox = (request: { readonly podSandboxId: string }, response: unknown): readonly Scalar[] =>
  response === undefined ? [request.podSandboxId] : [];
const idOfContainer = (request: { readonly containerId: string }, response: unknown): readonly Scalar[] =>
  response === undefined ? [request.containerId] : [];
const nothing = (): readonly Scalar[] => [];

const facts = <Facts extends { readonly rpc: string; readonly heartbeat?: true }>({
  rpc,
  heartbeat,
}: Facts): { readonly source: string; readonly heartbeat: boolean } => ({
  source: rpc,
  heartbeat: heartbeat ?? false,
});

/** Descriptor of `RuntimeService`, for `link`. */
export const runtimeService = service<RuntimeService>('runtime.v1.RuntimeService', options, {
  version: {
    ...facts(runtimeMethods.version),
    guard: rules.versionRules,
    summary: (_, response) => (response ? [response.runtimeName, response.runtimeVersion] : []),
  },
  runPodSandbox: {
    ...facts(runtimeMethods.runPodSandbox),
    guard: rules.runPodSandboxRules,
    deadline: 2 * requestTimeout,
    summary: (request, response) =>
      response ? [response.podSandboxId] : [podOf(request.config), request.config?.metadata?.attempt ?? 0, request.runtimeHandler ?? ''],
    subject: (request) => podOf(request.config),
  },
  stopPodSandbox: { ...facts(runtimeMethods.stopPodSandbox), guard: rules.stopPodSandboxRules, summary: idOfSandbox, subject: bySandbox },
  removePodSandbox: {
    ...facts(runtimeMethods.removePodSandbox),
    guard: rules.removePodSandboxRules,
    summary: idOfSandbox,
    subject: bySandbox,
  },
  podSandboxStatus: {
    ...facts(runtimeMethods.podSandboxStatus),
    guard: rules.podSandboxStatusRules,
    summary: (request, response) => (response ? [response.status.state, response.status.network?.ip ?? ''] : [request.podSandboxId]),
    subject: bySandbox,
  },
  listPodSandbox: {
    ...facts(runtimeMethods.listPodSandbox),
    guard: rules.listPodSandboxRules,
    summary: (_, response) => (response ? [response.items.length] : []),
  },
  streamPodSandboxes: { ...facts(runtimeMethods.streamPodSandboxes), guard: rules.anyRules, summary: nothing, optional: true },
  createContainer: {
    ...facts(runtimeMethods.createContainer),
    guard: rules.createContainerRules,
    summary: (request, response) =>
      response
        ? [response.containerId]
        : [
            request.podSandboxId,
            request.config?.metadata?.name ?? '',
            request.config?.metadata?.attempt ?? 0,
            request.config?.image?.image ?? '',
          ],
    subject: (request) => podOf(request.sandboxConfig),
  },
  startContainer: {
    ...facts(runtimeMethods.startContainer),
    guard: rules.startContainerRules,
    summary: idOfContainer,
    subject: byContainer,
  },
  stopContainer: {
    ...facts(runtimeMethods.stopContainer),
    guard: rules.stopContainerRules,
    deadline: stopContainerDeadline(hours(1) / seconds(1)),
    summary: (request, response) => (response ? [] : [request.containerId, request.timeout ?? 0]),
    subject: byContainer,
  },
  removeContainer: {
    ...facts(runtimeMethods.removeContainer),
    guard: rules.removeContainerRules,
    summary: idOfContainer,
    subject: byContainer,
  },
  listContainers: {
    ...facts(runtimeMethods.listContainers),
    guard: rules.listContainersRules,
    summary: (_, response) => (response ? [response.containers.length] : []),
  },
  streamContainers: { ...facts(runtimeMethods.streamContainers), guard: rules.anyRules, summary: nothing, optional: true },
  containerStatus: {
    ...facts(runtimeMethods.containerStatus),
    guard: rules.containerStatusRules,
    summary: (request, response) =>
      response ? [response.status.state, response.status.exitCode, response.status.reason ?? ''] : [request.containerId],
    subject: byContainer,
  },
  updateContainerResources: {
    ...facts(runtimeMethods.updateContainerResources),
    guard: rules.updateContainerResourcesRules,
    summary: idOfContainer,
    subject: byContainer,
  },
  reopenContainerLog: {
    ...facts(runtimeMethods.reopenContainerLog),
    guard: rules.reopenContainerLogRules,
    summary: idOfContainer,
    subject: byContainer,
  },
  execSync: {
    ...facts(runtimeMethods.execSync),
    guard: rules.execSyncRules,
    summary: (request, response) => (response ? [response.exitCode] : [request.containerId, (request.cmd ?? []).join(' ')]),
    subject: byContainer,
  },
  exec: {
    ...facts(runtimeMethods.exec),
    guard: rules.execRules,
    summary: (request, response) => (response ? [response.url] : [request.containerId, (request.cmd ?? []).join(' ')]),
    subject: byContainer,
  },
  attach: {
    ...facts(runtimeMethods.attach),
    guard: rules.attachRules,
    summary: (request, response) => [response ? response.url : request.containerId],
    subject: byContainer,
  },
  portForward: {
    ...facts(runtimeMethods.portForward),
    guard: rules.portForwardRules,
    summary: (request, response) => [response ? response.url : request.podSandboxId],
    subject: bySandbox,
  },
  containerStats: {
    ...facts(runtimeMethods.containerStats),
    guard: rules.containerStatsRules,
    summary: idOfContainer,
    subject: byContainer,
  },
  listContainerStats: {
    ...facts(runtimeMethods.listContainerStats),
    guard: rules.anyRules,
    summary: (_, response) => (response ? [response.stats.length] : []),
  },
  streamContainerStats: { ...facts(runtimeMethods.streamContainerStats), guard: rules.anyRules, summary: nothing, optional: true },
  podSandboxStats: {
    ...facts(runtimeMethods.podSandboxStats),
    guard: rules.podSandboxStatsRules,
    summary: idOfSandbox,
    subject: bySandbox,
  },
  listPodSandboxStats: {
    ...facts(runtimeMethods.listPodSandboxStats),
    guard: rules.anyRules,
    summary: (_, response) => (response ? [response.stats.length] : []),
  },
  streamPodSandboxStats: { ...facts(runtimeMethods.streamPodSandboxStats), guard: rules.anyRules, summary: nothing, optional: true },
  updateRuntimeConfig: {
    ...facts(runtimeMethods.updateRuntimeConfig),
    guard: rules.anyRules,
    summary: (request, response) => (response ? [] : [request.runtimeConfig?.networkConfig?.podCidr ?? '']),
  },
  status: {
    ...facts(runtimeMethods.status),
    guard: rules.statusRules,
    summary: (_, response) => (response ? response.status.conditions.map(({ type, status }) => `${type}=${status}`) : []),
  },
  checkpointContainer: {
    ...facts(runtimeMethods.checkpointContainer),
    guard: rules.checkpointContainerRules,
    summary: idOfContainer,
    subject: byContainer,
    optional: true,
  },
  getContainerEvents: { ...facts(runtimeMethods.getContainerEvents), guard: rules.anyRules, summary: nothing, optional: true },
  listMetricDescriptors: {
    ...facts(runtimeMethods.listMetricDescriptors),
    guard: rules.anyRules,
    summary: (_, response) => (response ? [response.descriptors.length] : []),
    optional: true,
  },
  listPodSandboxMetrics: {
    ...facts(runtimeMethods.listPodSandboxMetrics),
    guard: rules.anyRules,
    summary: (_, response) => (response ? [response.podMetrics.length] : []),
    optional: true,
  },
  streamPodSandboxMetrics: { ...facts(runtimeMethods.streamPodSandboxMetrics), guard: rules.anyRules, summary: nothing, optional: true },
  runtimeConfig: {
    ...facts(runtimeMethods.runtimeConfig),
    guard: rules.anyRules,
    summary: (_, response) => (response?.linux ? [response.linux.cgroupDriver] : []),
  },
  updatePodSandboxResources: {
    ...facts(runtimeMethods.updatePodSandboxResources),
    guard: rules.updatePodSandboxResourcesRules,
    summary: idOfSandbox,
    subject: bySandbox,
  },
});

/** Descriptor of `ImageService`, for `link`. */
export const imageService = service<ImageService>('runtime.v1.ImageService', options, {
  listImages: {
    ...facts(imageMethods.listImages),
    guard: rules.anyRules,
    summary: (_, response) => (response ? [response.images.length] : []),
  },
  streamImages: { ...facts(imageMethods.streamImages), guard: rules.anyRules, summary: nothing, optional: true },
  imageStatus: {
    ...facts(imageMethods.imageStatus),
    guard: rules.imageStatusRules,
    summary: (request, response) => [response ? (response.image?.id ?? 'not present') : byImage(request)],
    subject: byImage,
  },
  pullImage: {
    ...facts(imageMethods.pullImage),
    guard: rules.pullImageRules,
    // Some images take hours; the kubelet's own answer is to wait without limit.
    deadline: null,
    summary: (request, response) => [response ? response.imageRef : byImage(request)],
    subject: byImage,
  },
  removeImage: {
    ...facts(imageMethods.removeImage),
    guard: rules.removeImageRules,
    summary: (request, response) => (response ? [] : [byImage(request)]),
    subject: byImage,
  },
  imageFsInfo: {
    ...facts(imageMethods.imageFsInfo),
    guard: rules.anyRules,
    summary: (_, response) => (response ? [response.imageFilesystems[0]?.usedBytes?.value ?? 0] : []),
  },
});
