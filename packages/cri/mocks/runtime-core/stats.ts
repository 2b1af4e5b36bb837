import type * as m from '../../messages/index.ts';
import type { HostProcess } from '@slipway/host';
import type { Container } from './containers/container.ts';
import type { RuntimeCore } from './core.ts';
import type { Sandbox } from './sandboxes/sandbox.ts';
import { nanos } from './timestamps.ts';

// Usage as the host's cgroups would tell: what the processes say that they use. Source: containerd, internal/cri/server/container_stats_list.go.

/** Usage of one container; an ended one uses nothing. */
export function containerStats(core: RuntimeCore, container: Container): m.ContainerStats {
  const { id, config } = container.record;
  const { process } = container;
  const timestamp = nanos(core.host.kernel.unixMicros);
  return {
    attributes: { id, metadata: config.metadata, labels: config.labels ?? {}, annotations: config.annotations ?? {} },
    cpu: cpuOf(timestamp, process ? [process] : []),
    memory: memoryOf(timestamp, process ? [process] : [], container.progress.value.resources?.memoryLimitInBytes ?? 0),
    writableLayer: { timestamp, fsId: { mountpoint: core.flavour.writableMountpoint } },
  };
}

/** Usage of one sandbox with all that runs in it. */
export function podSandboxStats(core: RuntimeCore, sandbox: Sandbox): m.PodSandboxStats {
  const { id, config } = sandbox;
  const running = [...sandbox.containers.values()].filter(({ state }) => state === 'running');
  const processes = running.map(({ process }) => process).filter((process): process is HostProcess => process !== undefined);
  if (sandbox.process) processes.push(sandbox.process);
  const timestamp = nanos(core.host.kernel.unixMicros);
  return {
    attributes: { id, metadata: config.metadata, labels: config.labels ?? {}, annotations: config.annotations ?? {} },
    linux: {
      cpu: cpuOf(timestamp, processes),
      memory: memoryOf(timestamp, processes, config.linux?.resources?.memoryLimitInBytes ?? 0),
      process: { timestamp, processCount: { value: processes.length } },
      containers: running.map((container) => containerStats(core, container)),
    },
  };
}

function cpuOf(timestamp: bigint, processes: readonly HostProcess[]): m.CpuUsage {
  return {
    timestamp,
    usageCoreNanoSeconds: { value: sum(processes, ({ cpuNanos }) => cpuNanos) },
    usageNanoCores: { value: sum(processes, ({ cpuNanocores }) => cpuNanocores) },
  };
}

function memoryOf(timestamp: bigint, processes: readonly HostProcess[], limitBytes: number): m.MemoryUsage {
  const workingSet = sum(processes, ({ memoryBytes }) => memoryBytes);
  return {
    timestamp,
    workingSetBytes: { value: workingSet },
    usageBytes: { value: workingSet },
    rssBytes: { value: workingSet },
    // Without a limit nothing is "available": the field is 0 upstream too.
    availableBytes: { value: limitBytes > workingSet ? limitBytes - workingSet : 0 },
  };
}

const sum = (processes: readonly HostProcess[], pick: (process: HostProcess) => number): number =>
  processes.reduce((total, process) => total + pick(process), 0);
