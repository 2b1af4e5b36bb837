import type { Process } from '@slipway/kernel';
import type { Service } from '@slipway/kube';
import { type PluginChoices, type World, worldFactory } from '@slipway/simulator';
import { type Measured, timed } from '../measurement.ts';
import { boot, createPods, nodeNames, PodCount, podNamed } from '../worlds.ts';

const NODES = 3;
const PODS = 6;
const REQUESTS = 5_000;

const service: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};

/** Requests of one pod to a Service of six others: name, Service, network, and the mesh where there is one. */
function requests(plugins: PluginChoices): Measured {
  const world = worldFactory(plugins)({ nodes: nodeNames(NODES).map((name) => ({ name })) });
  boot(world);
  const count = new PodCount(world);
  const pods = Array.from({ length: PODS + 1 }, (_, index) => {
    const pod = podNamed(`web-${index}`, { image: 'nginx:1.27', ports: [{ containerPort: 80 }] });
    const labels = { app: index === PODS ? 'client' : 'web' };
    return { ...pod, metadata: { ...pod.metadata, labels, annotations: { 'linkerd.io/inject': 'enabled' } } };
  });
  world.kernel.complete(world.user, 'service', world.api.services.create(service));
  world.user.spawn('create', createPods(world, pods));
  count.untilRunning(PODS + 1);
  world.kernel.run({ until: world.kernel.now + 30_000_000 });
  let delivered = 0;
  const { seconds } = timed(() =>
    world.kernel.complete(
      world.user,
      'ask',
      ask(world, () => (delivered += 1)),
    ),
  );
  if (delivered !== REQUESTS) throw new Error(`${delivered} of ${REQUESTS} requests were delivered`);
  return { value: REQUESTS / seconds };
}

function* ask({ traffic }: World, onDelivered: () => void): Process {
  for (let request = 0; request < REQUESTS; request++) {
    const outcome = yield* traffic.request({ from: { pod: `default/web-${PODS}` }, to: 'http://web/' });
    if (outcome.delivered) onDelivered();
  }
}

export const requestsThroughService = (): Measured => requests({});
export const requestsThroughMesh = (): Measured => requests({ smi: { use: 'linkerd' } });
