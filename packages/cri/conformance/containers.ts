import { must, seconds, sleep } from '@slipway/kernel';
import type { ContainerState } from '../messages/index.ts';
import {
  busybox,
  containerConfig,
  criCase,
  forever,
  makeContainer,
  mustFail,
  podConfig,
  runContainer,
  runPod,
  type CriCase,
} from './subject.ts';

/** Containers: life, exit codes, stop, names, lists. */
export const containerCases: readonly CriCase[] = [
  criCase(
    'container.states',
    'container: created, running, exited, in this order, with the times that go with it',
    'ContainerStatus; critest Container: creating, starting, stopping container',
    function* (cri) {
      const { runtime } = cri;
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* makeContainer(cri, podSandboxId, config, containerConfig('main', forever));
      const created = (yield* runtime.containerStatus({ containerId })).status;
      must(
        created.state === 'CONTAINER_CREATED' && created.startedAt === 0n && created.finishedAt === 0n,
        'created: not started, not finished',
      );
      yield* runtime.startContainer({ containerId });
      const running = (yield* runtime.containerStatus({ containerId })).status;
      must(
        running.state === 'CONTAINER_RUNNING' && running.startedAt >= running.createdAt && running.finishedAt === 0n,
        'running: started, not finished',
      );
      yield* runtime.stopContainer({ containerId, timeout: 1 });
      const exited = (yield* runtime.containerStatus({ containerId })).status;
      must(exited.state === 'CONTAINER_EXITED' && exited.finishedAt >= running.startedAt, 'exited: finished');
      must(exited.startedAt === running.startedAt, 'startedAt stays');
    },
  ),
  criCase(
    'container.attributes',
    'container: labels, annotations and metadata come back unaltered',
    'ContainerConfig; critest Container: should support preserving container attributes',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const labels = { 'io.kubernetes.container.name': 'main' };
      const annotations = { 'io.kubernetes.container.hash': 'a1b2' };
      const containerId = yield* makeContainer(
        cri,
        podSandboxId,
        config,
        containerConfig('main', forever, { metadata: { name: 'main', attempt: 3 }, labels, annotations }),
      );
      const { status } = yield* cri.runtime.containerStatus({ containerId });
      const { containers } = yield* cri.runtime.listContainers({ filter: { id: containerId } });
      for (const shown of [status, containers[0]]) {
        must(shown?.metadata.name === 'main' && shown.metadata.attempt === 3, 'metadata is that of the configuration');
        must(JSON.stringify(shown.labels) === JSON.stringify(labels), 'labels are those of the configuration');
        must(JSON.stringify(shown.annotations) === JSON.stringify(annotations), 'annotations are those of the configuration');
      }
      must(containers[0]?.podSandboxId === podSandboxId, 'the list tells its sandbox');
    },
  ),
  criCase('container.exit-zero', 'container: one that ends well is Completed', 'ContainerStatus.reason', function* (cri) {
    const config = podConfig('job');
    const podSandboxId = yield* runPod(cri, config);
    const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', ['sh', '-c', 'exit 0']));
    yield* sleep(seconds(5));
    const { status } = yield* cri.runtime.containerStatus({ containerId });
    must(status.state === 'CONTAINER_EXITED' && status.exitCode === 0, 'it has ended with 0');
    must(status.reason === 'Completed', `the reason is Completed, not ${status.reason}`);
  }),
  criCase('container.exit-code', 'container: another exit code is told, reason Error', 'ContainerStatus.reason', function* (cri) {
    const config = podConfig('job');
    const podSandboxId = yield* runPod(cri, config);
    const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', ['sh', '-c', 'exit 3']));
    yield* sleep(seconds(5));
    const { status } = yield* cri.runtime.containerStatus({ containerId });
    must(status.state === 'CONTAINER_EXITED' && status.exitCode === 3, `it has ended with 3, not ${status.exitCode}`);
    must(status.reason === 'Error', `the reason is Error, not ${status.reason}`);
  }),
  criCase('start-container.once', 'startContainer: a second start is refused', 'StartContainer', function* (cri) {
    const config = podConfig('web');
    const podSandboxId = yield* runPod(cri, config);
    const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
    yield* mustFail(cri.runtime.startContainer({ containerId }), 'a running container cannot be started');
    must((yield* cri.runtime.containerStatus({ containerId })).status.state === 'CONTAINER_RUNNING', 'it runs on');
    yield* cri.runtime.stopContainer({ containerId, timeout: 0 });
    yield* mustFail(cri.runtime.startContainer({ containerId }), 'an ended container cannot be started');
  }),
  criCase(
    'create-container.name-taken',
    'createContainer: the same name and attempt is refused while the container exists',
    'ContainerMetadata; invariant CRI-02',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const first = yield* makeContainer(cri, podSandboxId, config, containerConfig('main', forever));
      yield* mustFail(makeContainer(cri, podSandboxId, config, containerConfig('main', forever)), 'the name is taken');
      yield* makeContainer(cri, podSandboxId, config, containerConfig('main', forever, { metadata: { name: 'main', attempt: 1 } }));
      yield* cri.runtime.removeContainer({ containerId: first });
      yield* makeContainer(cri, podSandboxId, config, containerConfig('main', forever));
    },
  ),
  criCase(
    'create-container.name-freed',
    'createContainer: a failed try leaves the name free',
    'CreateContainer; invariant CRI-02',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const absent = containerConfig('main', forever, { image: { image: 'registry.k8s.io/never-pulled:1' } });
      yield* mustFail(
        cri.runtime.createContainer({ podSandboxId, config: absent, sandboxConfig: config }),
        'an image that is not on the node is refused',
      );
      yield* makeContainer(cri, podSandboxId, config, containerConfig('main', forever));
    },
  ),
  criCase(
    'create-container.sandbox-not-ready',
    'createContainer: a stopped or unknown sandbox is refused',
    'CreateContainer',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      yield* cri.image.pullImage({ image: { image: busybox } });
      yield* cri.runtime.stopPodSandbox({ podSandboxId });
      const request = { podSandboxId, config: containerConfig('main', forever), sandboxConfig: config };
      yield* mustFail(cri.runtime.createContainer(request), 'a stopped sandbox is refused');
      yield* mustFail(cri.runtime.createContainer({ ...request, podSandboxId: 'there-is-none' }), 'an unknown sandbox is refused');
    },
  ),
  criCase(
    'create-container.group-needs-user',
    'createContainer: a group without a user is refused',
    'LinuxContainerSecurityContext; critest Security Context: RunAsGroup without RunAsUser',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const wrong = containerConfig('main', forever, { linux: { securityContext: { runAsGroup: { value: 1000 } } } });
      yield* mustFail(makeContainer(cri, podSandboxId, config, wrong), 'a group needs a user');
    },
  ),
  criCase(
    'create-container.recursive-read-only',
    'createContainer: recursive read-only needs read-only and private propagation',
    'Mount; critest Container Mount Readonly: should reject',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const mount = { containerPath: '/data', hostPath: '/tmp', recursiveReadOnly: true };
      for (const wrong of [
        mount,
        { ...mount, readonly: true, propagation: 'PROPAGATION_HOST_TO_CONTAINER' as const },
        { ...mount, readonly: true, propagation: 'PROPAGATION_BIDIRECTIONAL' as const },
      ]) {
        yield* mustFail(
          makeContainer(cri, podSandboxId, config, containerConfig('main', forever, { mounts: [wrong] })),
          'the mount is refused',
        );
      }
    },
  ),
  criCase(
    'stop-container.repeat',
    'stopContainer: repeating succeeds, and an unknown container is no error',
    'StopContainer; critest Idempotence / StopContainer',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      for (let time = 0; time < 3; time += 1) yield* cri.runtime.stopContainer({ containerId, timeout: 1 });
      yield* cri.runtime.stopContainer({ containerId: 'there-is-none', timeout: 1 });
      must((yield* cri.runtime.containerStatus({ containerId })).status.state === 'CONTAINER_EXITED', 'it has ended');
    },
  ),
  criCase(
    'stop-container.kill',
    'stopContainer: with timeout 0 it is killed at once, exit code 137',
    'StopContainerRequest.timeout',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      yield* cri.runtime.stopContainer({ containerId, timeout: 0 });
      const { status } = yield* cri.runtime.containerStatus({ containerId });
      must(status.state === 'CONTAINER_EXITED' && status.exitCode === 137, `the exit code is 137, not ${status.exitCode}`);
    },
  ),
  ...(['CONTAINER_CREATED', 'CONTAINER_RUNNING', 'CONTAINER_EXITED'] as const satisfies readonly ContainerState[]).map((state) =>
    criCase(
      `remove-container.${state.slice('CONTAINER_'.length).toLowerCase()}`,
      `removeContainer: one in ${state} is gone afterwards`,
      'RemoveContainer; critest Container: should support removing created, running, stopped container',
      function* (cri) {
        const config = podConfig('web');
        const podSandboxId = yield* runPod(cri, config);
        const containerId = yield* makeContainer(cri, podSandboxId, config, containerConfig('main', forever));
        if (state !== 'CONTAINER_CREATED') yield* cri.runtime.startContainer({ containerId });
        if (state === 'CONTAINER_EXITED') yield* cri.runtime.stopContainer({ containerId, timeout: 0 });
        must((yield* cri.runtime.containerStatus({ containerId })).status.state === state, `it is in ${state}`);
        yield* cri.runtime.removeContainer({ containerId });
        yield* cri.runtime.removeContainer({ containerId });
        must((yield* cri.runtime.listContainers({})).containers.length === 0, 'no container is listed');
        must(
          (yield* mustFail(cri.runtime.containerStatus({ containerId }), 'its status is an error')) === 'NOT_FOUND',
          'the code is NOT_FOUND',
        );
      },
    ),
  ),
  criCase('list-containers.filters', 'listContainers: all given filters must match', 'ContainerFilter', function* (cri) {
    const { runtime } = cri;
    const [web, db] = [podConfig('web'), podConfig('db')];
    const [webId, dbId] = [yield* runPod(cri, web), yield* runPod(cri, db)];
    const one = yield* runContainer(cri, webId, web, containerConfig('one', forever, { labels: { role: 'main' } }));
    const two = yield* makeContainer(cri, webId, web, containerConfig('two', forever, { labels: { role: 'side' } }));
    const three = yield* runContainer(cri, dbId, db, containerConfig('three', forever, { labels: { role: 'main' } }));
    const ids = (containers: readonly { readonly id: string }[]): string =>
      containers
        .map(({ id }) => id)
        .sort()
        .join();
    must(ids((yield* runtime.listContainers({})).containers) === [one, two, three].sort().join(), 'without a filter all are listed');
    must(ids((yield* runtime.listContainers({ filter: { podSandboxId: webId } })).containers) === [one, two].sort().join(), 'by sandbox');
    must(
      ids((yield* runtime.listContainers({ filter: { labelSelector: { role: 'main' } } })).containers) === [one, three].sort().join(),
      'by label',
    );
    must(
      ids((yield* runtime.listContainers({ filter: { podSandboxId: webId, state: { state: 'CONTAINER_CREATED' } } })).containers) === two,
      'by sandbox and state',
    );
  }),
  criCase(
    'update-container-resources.told',
    'updateContainerResources: the new limits are told in the status',
    'UpdateContainerResources',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const resources = { cpuShares: 512, memoryLimitInBytes: 64 << 20 };
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever, { linux: { resources } }));
      yield* cri.runtime.updateContainerResources({ containerId, linux: { memoryLimitInBytes: 128 << 20 } });
      const { status } = yield* cri.runtime.containerStatus({ containerId });
      must(status.resources?.linux?.memoryLimitInBytes === 128 << 20, 'the limit is the new one');
      must(status.resources.linux.cpuShares === 512, 'what was not given stays');
    },
  ),
  criCase(
    'container-stats.running',
    'containerStats: running containers are listed, by label too',
    'ListContainerStats; critest Container: should support listing container stats',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const one = yield* runContainer(cri, podSandboxId, config, containerConfig('one', forever, { labels: { role: 'main' } }));
      yield* runContainer(cri, podSandboxId, config, containerConfig('two', forever));
      must((yield* cri.runtime.listContainerStats({})).stats.length === 2, 'both are listed');
      const { stats } = yield* cri.runtime.listContainerStats({ filter: { labelSelector: { role: 'main' } } });
      must(stats.length === 1 && stats[0]?.attributes.id === one, 'the label selects one');
      const { stats: single } = yield* cri.runtime.containerStats({ containerId: one });
      must((single.cpu?.timestamp ?? 0n) > 0n && single.memory?.workingSetBytes !== undefined, 'processor time and memory are told');
      must(
        (yield* mustFail(cri.runtime.containerStats({ containerId: 'there-is-none' }), 'an unknown one is an error')) === 'NOT_FOUND',
        'the code is NOT_FOUND',
      );
    },
  ),
];
