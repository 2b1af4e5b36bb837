import { codeOf, must } from '@slipway/kernel';
import { containerConfig, criCase, forever, podConfig, runContainer, runPod, type CriCase } from './subject.ts';

/** The runtime itself: version, health, restart, reboot. */
export const runtimeCases: readonly CriCase[] = [
  criCase(
    'version.named',
    'version: name and versions are told',
    'Version; critest Runtime info: should return version info',
    function* ({ runtime }) {
      const { runtimeName, runtimeVersion, runtimeApiVersion } = yield* runtime.version({ version: 'v1' });
      must(runtimeName !== '' && runtimeVersion !== '' && runtimeApiVersion === 'v1', 'all are told');
    },
  ),
  criCase(
    'status.conditions',
    'status: runtime and network are ready',
    'Status; critest Runtime info: should return runtime conditions',
    function* ({ runtime }) {
      const { status, info } = yield* runtime.status({});
      for (const wanted of ['RuntimeReady', 'NetworkReady']) {
        must(status.conditions.find(({ type }) => type === wanted)?.status === true, `${wanted} holds`);
      }
      must(Object.keys(info ?? {}).length === 0, 'without verbose there is no extra information');
      for (const value of Object.values((yield* runtime.status({ verbose: true })).info ?? {})) JSON.parse(value);
    },
  ),
  criCase('runtime-config.cgroup-driver', 'runtimeConfig: the cgroup driver is told', 'RuntimeConfig', function* ({ runtime }) {
    const { linux } = yield* runtime.runtimeConfig({});
    must(linux === undefined || linux.cgroupDriver === 'SYSTEMD' || linux.cgroupDriver === 'CGROUPFS', 'it is one of the two');
    yield* runtime.updateRuntimeConfig({ runtimeConfig: { networkConfig: { podCidr: '10.244.0.0/24' } } });
  }),
  criCase('metrics.described', 'listPodSandboxMetrics: only described metrics are told', 'ListMetricDescriptors', function* (cri) {
    const config = podConfig('web');
    const podSandboxId = yield* runPod(cri, config);
    yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
    try {
      const { descriptors } = yield* cri.runtime.listMetricDescriptors({});
      const labels = new Map(descriptors.map(({ name, labelKeys }) => [name, labelKeys.length]));
      const { podMetrics } = yield* cri.runtime.listPodSandboxMetrics({});
      must(
        podMetrics.some((pod) => pod.podSandboxId === podSandboxId),
        'the sandbox is told of',
      );
      for (const pod of podMetrics) {
        for (const metric of [...pod.metrics, ...pod.containerMetrics.flatMap(({ metrics }) => metrics)]) {
          must(labels.get(metric.name) === metric.labelValues.length, `${metric.name} is described, with as many labels`);
        }
      }
      return undefined;
    } catch (error) {
      if (codeOf(error) !== 'UNIMPLEMENTED') throw error;
      return 'the runtime has no metrics';
    }
  }),
  criCase(
    'restart.containers-go-on',
    'restart: sandboxes and containers go on',
    'ContainerStatus; containerd, cri/server/restart.go',
    function* (cri) {
      if (!cri.restart) return 'the runtime cannot be restarted';
      const config = podConfig('web', { labels: { app: 'web' } });
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      const before = yield* cri.runtime.containerStatus({ containerId });
      cri.restart();
      must((yield* cri.runtime.podSandboxStatus({ podSandboxId })).status.state === 'SANDBOX_READY', 'the sandbox is ready');
      const { status } = yield* cri.runtime.containerStatus({ containerId });
      must(status.state === 'CONTAINER_RUNNING' && status.startedAt === before.status.startedAt, 'the container runs as before');
      yield* cri.runtime.stopContainer({ containerId, timeout: 0 });
      must((yield* cri.runtime.containerStatus({ containerId })).status.exitCode === 137, 'its end is noticed');
      return undefined;
    },
  ),
  criCase(
    'reboot.nothing-runs',
    'reboot: what ran has ended, and all can be removed',
    'ContainerStatus; invariant OCI-03',
    function* (cri) {
      if (!cri.reboot) return 'the machine cannot be rebooted';
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      cri.reboot();
      for (const { state } of (yield* cri.runtime.listPodSandbox({})).items) must(state === 'SANDBOX_NOTREADY', 'no sandbox is ready');
      for (const { state } of (yield* cri.runtime.listContainers({})).containers) must(state !== 'CONTAINER_RUNNING', 'no container runs');
      for (const { id } of (yield* cri.runtime.listPodSandbox({})).items) {
        yield* cri.runtime.stopPodSandbox({ podSandboxId: id });
        yield* cri.runtime.removePodSandbox({ podSandboxId: id });
      }
      must((yield* cri.runtime.listContainers({})).containers.length === 0, 'nothing is left');
      yield* runPod(cri, config);
      return undefined;
    },
  ),
];
