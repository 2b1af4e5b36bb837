import type { Process } from '@slipway/kernel';
import type * as m from '../../messages/index.ts';
import type { Container } from '../runtime-core/containers/container.ts';
import { NodeRuntimeService } from '../runtime-core/runtime-service.ts';
import type { Sandbox } from '../runtime-core/sandboxes/sandbox.ts';
import { nanos } from '../runtime-core/timestamps.ts';

const SANDBOX_LABELS = ['id', 'name', 'image'];

/** Names as cAdvisor has them, which CRI metrics replace. Source: CRI-O, internal/lib/stats/descriptors.go. */
const descriptors: readonly m.MetricDescriptor[] = [
  { name: 'container_cpu_usage_seconds_total', help: 'Cumulative cpu time consumed in seconds.', labelKeys: SANDBOX_LABELS },
  { name: 'container_memory_working_set_bytes', help: 'Current working set in bytes.', labelKeys: SANDBOX_LABELS },
  { name: 'container_processes', help: 'Number of processes running inside the container.', labelKeys: SANDBOX_LABELS },
];

/** CRI-O also serves metrics, which containerd leaves to the kubelet's own. */
export class CrioRuntimeService extends NodeRuntimeService {
  listMetricDescriptors(): m.ListMetricDescriptorsResponse {
    return { descriptors };
  }

  listPodSandboxMetrics(): m.ListPodSandboxMetricsResponse | Process<m.ListPodSandboxMetricsResponse> {
    return this.core.whenReady(() => ({
      podMetrics: [...this.core.store.sandboxes.values()].filter(({ ready }) => ready).map((sandbox) => this.#metricsOf(sandbox)),
    }));
  }

  #metricsOf(sandbox: Sandbox): m.PodSandboxMetrics {
    const timestamp = nanos(this.core.host.kernel.unixMicros);
    const running = [...sandbox.containers.values()].filter(({ process }) => process !== undefined);
    return {
      podSandboxId: sandbox.id,
      metrics: [],
      containerMetrics: running.map((container) => ({ containerId: container.id, metrics: containerMetrics(container, timestamp) })),
    };
  }
}

function containerMetrics({ id, process, record }: Container, timestamp: bigint): readonly m.Metric[] {
  if (!process) return [];
  const labelValues = [id, record.config.metadata.name, record.config.image.image];
  return [
    {
      name: 'container_cpu_usage_seconds_total',
      timestamp,
      metricType: 'COUNTER',
      labelValues,
      value: { value: Math.floor(process.cpuNanos / 1_000_000_000) },
    },
    { name: 'container_memory_working_set_bytes', timestamp, metricType: 'GAUGE', labelValues, value: { value: process.memoryBytes } },
    { name: 'container_processes', timestamp, metricType: 'GAUGE', labelValues, value: { value: 1 } },
  ];
}
