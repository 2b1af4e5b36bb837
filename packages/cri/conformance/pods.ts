import { must } from '@slipway/kernel';
import { containerConfig, criCase, forever, mustFail, podConfig, runContainer, runPod, type CriCase } from './subject.ts';

/** Sandboxes: life, attributes, names, lists. */
export const podCases: readonly CriCase[] = [
  criCase(
    'run-pod-sandbox.ready',
    'runPodSandbox: the sandbox is ready and listed',
    'RunPodSandbox; critest PodSandbox: should support running PodSandbox',
    function* (cri) {
      const id = yield* runPod(cri, podConfig('web'));
      const { status } = yield* cri.runtime.podSandboxStatus({ podSandboxId: id });
      must(status.state === 'SANDBOX_READY', 'the sandbox is ready');
      must(status.createdAt > 0n, 'createdAt is set');
      const { items } = yield* cri.runtime.listPodSandbox({ filter: { id } });
      must(items.length === 1 && items[0]?.id === id && items[0].state === 'SANDBOX_READY', 'the list has it, ready');
    },
  ),
  criCase(
    'run-pod-sandbox.attributes',
    'runPodSandbox: labels and annotations come back unaltered',
    'PodSandboxConfig; critest PodSandbox: should support preserving PodSandbox attributes',
    function* (cri) {
      const labels = { app: 'web', 'example.com/tier': 'front' };
      const annotations = { note: 'a b=c, "d"' };
      const id = yield* runPod(cri, podConfig('web', { labels, annotations }));
      const { status } = yield* cri.runtime.podSandboxStatus({ podSandboxId: id });
      const { items } = yield* cri.runtime.listPodSandbox({ filter: { id } });
      for (const shown of [status, items[0]]) {
        must(JSON.stringify(shown?.labels) === JSON.stringify(labels), 'labels are those of the configuration');
        must(JSON.stringify(shown?.annotations) === JSON.stringify(annotations), 'annotations are those of the configuration');
        must(shown?.metadata.name === 'web' && shown.metadata.uid === 'uid-of-web', 'metadata is that of the configuration');
      }
    },
  ),
  criCase('run-pod-sandbox.address', 'runPodSandbox: two sandboxes have two addresses', 'PodSandboxNetworkStatus', function* (cri) {
    const addresses: string[] = [];
    for (const name of ['one', 'two']) {
      const id = yield* runPod(cri, podConfig(name));
      addresses.push((yield* cri.runtime.podSandboxStatus({ podSandboxId: id })).status.network?.ip ?? '');
    }
    must(
      addresses.every((address) => address !== ''),
      'each has an address',
    );
    must(addresses[0] !== addresses[1], 'the addresses differ');
  }),
  criCase(
    'run-pod-sandbox.host-network',
    'runPodSandbox: on the host network there is no address of its own',
    'NamespaceOption; critest Security Context: HostNetwork is true',
    function* (cri) {
      const id = yield* runPod(cri, podConfig('host', { linux: { securityContext: { namespaceOptions: { network: 'NODE' } } } }));
      const { status } = yield* cri.runtime.podSandboxStatus({ podSandboxId: id });
      must((status.network?.ip ?? '') === '', 'no address is told');
      must(status.linux?.namespaces?.options?.network === 'NODE', 'the namespace mode is told');
    },
  ),
  criCase(
    'run-pod-sandbox.unknown-handler',
    'runPodSandbox: an unknown handler is refused and leaves nothing',
    'RunPodSandboxRequest',
    function* (cri) {
      const config = podConfig('web');
      yield* mustFail(cri.runtime.runPodSandbox({ config, runtimeHandler: 'there-is-none' }), 'an unknown handler is refused');
      must((yield* cri.runtime.listPodSandbox({})).items.length === 0, 'nothing is listed');
      yield* runPod(cri, config);
    },
  ),
  criCase(
    'run-pod-sandbox.name-taken',
    'runPodSandbox: the same pod and attempt is refused while its sandbox exists',
    'PodSandboxMetadata; invariant CRI-02',
    function* (cri) {
      const config = podConfig('web');
      const first = yield* runPod(cri, config);
      yield* mustFail(cri.runtime.runPodSandbox({ config }), 'a second sandbox of the name is refused');
      const second = yield* runPod(cri, { ...config, metadata: { ...config.metadata, attempt: 1 } });
      must(first !== second, 'the next attempt is another sandbox');
      yield* cri.runtime.stopPodSandbox({ podSandboxId: first });
      yield* cri.runtime.removePodSandbox({ podSandboxId: first });
      must((yield* runPod(cri, config)) !== first, 'once removed, the name is free and the id new');
    },
  ),
  criCase(
    'stop-pod-sandbox.not-ready',
    'stopPodSandbox: the sandbox is not ready and its containers have ended',
    'StopPodSandbox; critest PodSandbox: should support stopping PodSandbox',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      yield* cri.runtime.stopPodSandbox({ podSandboxId });
      must((yield* cri.runtime.podSandboxStatus({ podSandboxId })).status.state === 'SANDBOX_NOTREADY', 'the sandbox is not ready');
      must((yield* cri.runtime.containerStatus({ containerId })).status.state === 'CONTAINER_EXITED', 'the container has ended');
    },
  ),
  criCase(
    'stop-pod-sandbox.repeat',
    'stopPodSandbox: repeating succeeds',
    'StopPodSandbox; critest Idempotence: should not return an error if already stopped',
    function* (cri) {
      const podSandboxId = yield* runPod(cri, podConfig('web'));
      for (let time = 0; time < 3; time += 1) yield* cri.runtime.stopPodSandbox({ podSandboxId });
      yield* cri.runtime.removePodSandbox({ podSandboxId });
      yield* cri.runtime.stopPodSandbox({ podSandboxId });
    },
  ),
  criCase(
    'stop-pod-sandbox.unknown',
    'stopPodSandbox: an unknown sandbox is no error',
    'StopPodSandbox; critest Idempotence: should not return an error if not found',
    function* (cri) {
      yield* cri.runtime.stopPodSandbox({ podSandboxId: 'there-is-none' });
    },
  ),
  criCase(
    'remove-pod-sandbox.gone',
    'removePodSandbox: sandbox and containers are gone',
    'RemovePodSandbox; critest PodSandbox: should support removing PodSandbox',
    function* (cri) {
      const config = podConfig('web');
      const podSandboxId = yield* runPod(cri, config);
      yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
      yield* cri.runtime.stopPodSandbox({ podSandboxId });
      yield* cri.runtime.removePodSandbox({ podSandboxId });
      must((yield* cri.runtime.listPodSandbox({})).items.length === 0, 'no sandbox is listed');
      must((yield* cri.runtime.listContainers({})).containers.length === 0, 'no container is listed');
      must(
        (yield* mustFail(cri.runtime.podSandboxStatus({ podSandboxId }), 'its status is an error')) === 'NOT_FOUND',
        'the code is NOT_FOUND',
      );
    },
  ),
  criCase('remove-pod-sandbox.running', 'removePodSandbox: what still runs is ended by force', 'RemovePodSandbox', function* (cri) {
    const config = podConfig('web');
    const podSandboxId = yield* runPod(cri, config);
    yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
    yield* cri.runtime.removePodSandbox({ podSandboxId });
    must((yield* cri.runtime.listContainers({})).containers.length === 0, 'no container is left');
  }),
  criCase(
    'remove-pod-sandbox.unknown',
    'removePodSandbox: an unknown sandbox is no error',
    'RemovePodSandbox; critest Idempotence: should not return an error if not found',
    function* (cri) {
      yield* cri.runtime.removePodSandbox({ podSandboxId: 'there-is-none' });
    },
  ),
  criCase('list-pod-sandbox.filters', 'listPodSandbox: all given filters must match', 'PodSandboxFilter', function* (cri) {
    const web = yield* runPod(cri, podConfig('web', { labels: { app: 'web', tier: 'front' } }));
    const db = yield* runPod(cri, podConfig('db', { labels: { app: 'db', tier: 'back' } }));
    yield* cri.runtime.stopPodSandbox({ podSandboxId: db });
    const { runtime } = cri;
    const ids = (items: readonly { readonly id: string }[]): string =>
      items
        .map(({ id }) => id)
        .sort()
        .join();
    must(ids((yield* runtime.listPodSandbox({})).items) === [web, db].sort().join(), 'without a filter all are listed');
    must(ids((yield* runtime.listPodSandbox({ filter: { state: { state: 'SANDBOX_READY' } } })).items) === web, 'by state');
    must(ids((yield* runtime.listPodSandbox({ filter: { labelSelector: { app: 'db', tier: 'back' } } })).items) === db, 'by labels');
    must(
      ids((yield* runtime.listPodSandbox({ filter: { labelSelector: { app: 'db', tier: 'front' } } })).items) === '',
      'every label must match',
    );
    must(
      ids((yield* runtime.listPodSandbox({ filter: { id: web, state: { state: 'SANDBOX_NOTREADY' } } })).items) === '',
      'id and state together',
    );
  }),
  criCase('pod-sandbox-status.unknown', 'podSandboxStatus: an unknown sandbox is NOT_FOUND', 'PodSandboxStatus', function* (cri) {
    const code = yield* mustFail(cri.runtime.podSandboxStatus({ podSandboxId: 'there-is-none' }), 'it is an error');
    must(code === 'NOT_FOUND', `the code is NOT_FOUND, not ${code}`);
  }),
  criCase('pod-sandbox-stats.containers', 'podSandboxStats: running containers are in it', 'PodSandboxStats', function* (cri) {
    const config = podConfig('web', { labels: { app: 'web' } });
    const podSandboxId = yield* runPod(cri, config);
    const containerId = yield* runContainer(cri, podSandboxId, config, containerConfig('main', forever));
    const { stats } = yield* cri.runtime.podSandboxStats({ podSandboxId });
    must(stats.attributes.id === podSandboxId && stats.attributes.labels['app'] === 'web', 'the attributes are the sandbox’s');
    must(stats.linux?.containers?.some(({ attributes }) => attributes.id === containerId) ?? false, 'the container is in it');
    must((yield* cri.runtime.listPodSandboxStats({})).stats.length === 1, 'the list has it');
  }),
];
