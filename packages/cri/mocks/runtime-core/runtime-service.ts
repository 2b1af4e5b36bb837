import { seconds, type Implementation, type Process, type Stream } from '@slipway/kernel';
import type { RuntimeService } from '../../contract.ts';
import type * as m from '../../messages/index.ts';
import type { Container } from './containers/container.ts';
import type { RuntimeCore } from './core.ts';
import { createContainer } from './containers/create-container.ts';
import { execSync } from './containers/exec.ts';
import { removeContainer } from './containers/remove-container.ts';
import { runPodSandbox } from './sandboxes/run-sandbox.ts';
import type { Sandbox } from './sandboxes/sandbox.ts';
import { startContainer } from './containers/start-container.ts';
import { containerStats, podSandboxStats } from './stats.ts';
import { stopContainer } from './containers/stop-container.ts';
import { removePodSandbox, stopPodSandbox } from './sandboxes/stop-sandbox.ts';
import { hasLabels } from './store.ts';
import { nanos } from './timestamps.ts';
import { updateResources } from './containers/update-resources.ts';

const NOTHING = {} as const;

function* answering(action: Process | undefined): Process<typeof NOTHING> {
  if (action) yield* action;
  return NOTHING;
}

/**
 * CRI's runtime service as containerd and CRI-O have it in common. The list streams of 0.36 are left out, as both leave them out: callers
 * then use the lists.
 */
export class NodeRuntimeService implements Implementation<RuntimeService> {
  protected readonly core: RuntimeCore;

  constructor(core: RuntimeCore) {
    this.core = core;
  }

  version(): m.VersionResponse {
    const { runtimeName, runtimeVersion } = this.core.flavour;
    return { version: '0.1.0', runtimeName, runtimeVersion, runtimeApiVersion: 'v1' };
  }

  runPodSandbox(request: m.RunPodSandboxRequest): Process<m.RunPodSandboxResponse> {
    return this.core.serve(() => runPodSandbox(this.core, request));
  }

  stopPodSandbox({ podSandboxId }: m.StopPodSandboxRequest): Process<m.StopPodSandboxResponse> {
    return this.#withSandbox(podSandboxId, (sandbox) => stopPodSandbox(this.core, sandbox));
  }

  removePodSandbox({ podSandboxId }: m.RemovePodSandboxRequest): Process<m.RemovePodSandboxResponse> {
    return this.#withSandbox(podSandboxId, (sandbox) => removePodSandbox(this.core, sandbox));
  }

  podSandboxStatus({ podSandboxId, verbose }: m.PodSandboxStatusRequest): m.PodSandboxStatusResponse | Process<m.PodSandboxStatusResponse> {
    return this.core.whenReady(() => {
      const sandbox = this.#sandbox(podSandboxId);
      return {
        status: sandbox.status,
        ...(verbose ? { info: { info: JSON.stringify({ pid: sandbox.process?.pid ?? 0, netNamespace: sandbox.record.netns }) } } : {}),
        containersStatuses: [...sandbox.containers.values()].map(({ status }) => status),
        timestamp: nanos(this.core.host.kernel.unixMicros),
      };
    });
  }

  listPodSandbox({ filter }: m.ListPodSandboxRequest): m.ListPodSandboxResponse | Process<m.ListPodSandboxResponse> {
    return this.core.whenReady(() => ({ items: this.core.store.listSandboxes(filter) }));
  }

  createContainer(request: m.CreateContainerRequest): Process<m.CreateContainerResponse> {
    return this.core.serve(() => createContainer(this.core, request));
  }

  startContainer({ containerId }: m.StartContainerRequest): Process<m.StartContainerResponse> {
    return this.core.serve(() => answering(startContainer(this.core, this.#container(containerId))));
  }

  stopContainer({ containerId, timeout = 0 }: m.StopContainerRequest): Process<m.StopContainerResponse> {
    return this.#withContainer(containerId, (container) => stopContainer(this.core, container, seconds(timeout)));
  }

  removeContainer({ containerId }: m.RemoveContainerRequest): Process<m.RemoveContainerResponse> {
    return this.#withContainer(containerId, (container) => removeContainer(this.core, container));
  }

  listContainers({ filter }: m.ListContainersRequest): m.ListContainersResponse | Process<m.ListContainersResponse> {
    return this.core.whenReady(() => ({ containers: this.core.store.selectContainers(filter).map(({ listed }) => listed) }));
  }

  containerStatus({ containerId, verbose }: m.ContainerStatusRequest): m.ContainerStatusResponse | Process<m.ContainerStatusResponse> {
    return this.core.whenReady(() => {
      const container = this.#container(containerId);
      const { sandboxId, logPath } = container.record;
      return {
        status: container.status,
        ...(verbose ? { info: { info: JSON.stringify({ sandboxID: sandboxId, pid: container.process?.pid ?? 0, logPath }) } } : {}),
      };
    });
  }

  updateContainerResources({ containerId, linux = {} }: m.UpdateContainerResourcesRequest): Process<m.UpdateContainerResourcesResponse> {
    return this.core.serve(() => answering(updateResources(this.core, this.#container(containerId), linux)));
  }

  reopenContainerLog({ containerId }: m.ReopenContainerLogRequest): m.ReopenContainerLogResponse | Process<m.ReopenContainerLogResponse> {
    return this.core.whenReady(() => {
      const container = this.#container(containerId);
      if (container.state !== 'running') throw this.core.flavour.words.notRunning(container.id, container.criState);
      container.log?.open();
      return NOTHING;
    });
  }

  execSync(request: m.ExecSyncRequest): Process<m.ExecSyncResponse> {
    return this.core.serve(() => execSync(this.core, this.#container(request.containerId), request));
  }

  exec(request: m.ExecRequest): m.ExecResponse | Process<m.ExecResponse> {
    return this.core.whenReady(() => {
      this.#running(request.containerId);
      return { url: this.core.sessions.open({ kind: 'exec', request }) };
    });
  }

  attach(request: m.AttachRequest): m.AttachResponse | Process<m.AttachResponse> {
    return this.core.whenReady(() => {
      this.#running(request.containerId);
      return { url: this.core.sessions.open({ kind: 'attach', request }) };
    });
  }

  portForward(request: m.PortForwardRequest): m.PortForwardResponse | Process<m.PortForwardResponse> {
    return this.core.whenReady(() => {
      const sandbox = this.#sandbox(request.podSandboxId);
      if (!sandbox.ready) throw this.core.flavour.words.sandboxNotReady(sandbox.id);
      return { url: this.core.sessions.open({ kind: 'portforward', request }) };
    });
  }

  containerStats({ containerId }: m.ContainerStatsRequest): m.ContainerStatsResponse | Process<m.ContainerStatsResponse> {
    return this.core.whenReady(() => ({ stats: containerStats(this.core, this.#container(containerId)) }));
  }

  listContainerStats({ filter }: m.ListContainerStatsRequest): m.ListContainerStatsResponse | Process<m.ListContainerStatsResponse> {
    return this.core.whenReady(() => ({
      stats: this.core.store
        .selectContainers(filter)
        .filter(({ state }) => state === 'running' || state === 'created')
        .map((container) => containerStats(this.core, container)),
    }));
  }

  podSandboxStats({ podSandboxId }: m.PodSandboxStatsRequest): m.PodSandboxStatsResponse | Process<m.PodSandboxStatsResponse> {
    return this.core.whenReady(() => ({ stats: podSandboxStats(this.core, this.#sandbox(podSandboxId)) }));
  }

  listPodSandboxStats({ filter }: m.ListPodSandboxStatsRequest): m.ListPodSandboxStatsResponse | Process<m.ListPodSandboxStatsResponse> {
    return this.core.whenReady(() => {
      const { store } = this.core;
      const one = filter?.id ? store.sandbox(filter.id) : undefined;
      const pool = filter?.id ? (one ? [one] : []) : [...store.sandboxes.values()];
      const selected = pool.filter((sandbox) => sandbox.ready && hasLabels(sandbox.config.labels ?? {}, filter?.labelSelector));
      return { stats: selected.map((sandbox) => podSandboxStats(this.core, sandbox)) };
    });
  }

  updateRuntimeConfig({ runtimeConfig }: m.UpdateRuntimeConfigRequest): m.UpdateRuntimeConfigResponse {
    this.core.podCidr = runtimeConfig.networkConfig?.podCidr ?? this.core.podCidr;
    return NOTHING;
  }

  status({ verbose = false }: m.StatusRequest): Process<m.StatusResponse> {
    return this.core.serve(() => this.#status(verbose));
  }

  *#status(verbose: boolean): Process<m.StatusResponse> {
    const { core } = this;
    const { flavour } = core;
    const networkProblem = yield* core.network.notReady();
    const network: m.RuntimeCondition =
      networkProblem === undefined
        ? { type: 'NetworkReady', status: true }
        : { type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message: networkProblem };
    const features = { recursiveReadOnlyMounts: true, userNamespaces: false };
    return {
      status: { conditions: [{ type: 'RuntimeReady', status: true }, network, ...flavour.conditions] },
      ...(verbose
        ? {
            info: {
              config: JSON.stringify({ sandboxImage: flavour.pauseImage, cgroupDriver: flavour.cgroupDriver, podCIDR: core.podCidr }),
            },
          }
        : {}),
      runtimeHandlers: ['', ...flavour.handlers].map((name) => ({ name, features })),
      features: { supplementalGroupsPolicy: true },
    };
  }

  getContainerEvents(): Stream<m.ContainerEventResponse> | Process<Stream<m.ContainerEventResponse>> {
    return this.core.whenReady(() => this.core.events.subscribe());
  }

  runtimeConfig(): m.RuntimeConfigResponse {
    return { linux: { cgroupDriver: this.core.flavour.cgroupDriver } };
  }

  updatePodSandboxResources({
    podSandboxId,
    overhead,
    resources,
  }: m.UpdatePodSandboxResourcesRequest): m.UpdatePodSandboxResourcesResponse | Process<m.UpdatePodSandboxResourcesResponse> {
    return this.core.whenReady(() => {
      const sandbox = this.#sandbox(podSandboxId);
      const { config } = sandbox;
      const linux = { ...config.linux, ...(overhead ? { overhead } : {}), ...(resources ? { resources } : {}) };
      this.core.store.changeSandbox(sandbox, { config: { ...config, linux } });
      return NOTHING;
    });
  }

  /** Calls that succeed for a sandbox that is not there. */
  #withSandbox(id: string, action: (sandbox: Sandbox) => Process): Process<typeof NOTHING> {
    return this.core.serve(() => {
      const sandbox = this.core.store.sandbox(id);
      return answering(sandbox && action(sandbox));
    });
  }

  /** Calls that succeed for a container that is not there. */
  #withContainer(id: string, action: (container: Container) => Process): Process<typeof NOTHING> {
    return this.core.serve(() => {
      const container = this.core.store.container(id);
      return answering(container && action(container));
    });
  }

  #sandbox(id: string): Sandbox {
    const sandbox = this.core.store.sandbox(id);
    if (!sandbox) throw this.core.flavour.words.noSandbox(id);
    return sandbox;
  }

  #container(id: string): Container {
    const container = this.core.store.container(id);
    if (!container) throw this.core.flavour.words.noContainer(id);
    return container;
  }

  #running(id: string): Container {
    const container = this.#container(id);
    if (container.state !== 'running') throw this.core.flavour.words.notRunning(container.id, container.criState);
    return container;
  }
}
