import { worldFactory } from '../../simulator/wiring/container.ts';
import { seconds } from '@slipway/kernel';
const [nodes, pods, off, until] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4], Number(process.argv[5] ?? 60)];
const list = Array.from({ length: nodes }, (_, i) => ({ name: `node-${i}` }));
const t0 = performance.now();
const heavy: any = { cni: { use: 'flannel', with: { peers: 'lookup', network: nodes > 250 ? '100.64.0.0/10' : '10.244.0.0/16' } } };
const world = worldFactory(heavy)({
  nodes: list,
  ...(off === 'off' ? { withoutInvariants: true as const } : off && off !== 'on' ? { withoutInvariants: off.split(',') } : {}),
});
world.kernel.run({ until: seconds(3) });
const t1 = performance.now();
world.user.spawn(
  'x',
  (function* () {
    yield* world.api.deployments.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      spec: {
        replicas: pods,
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [
              { name: 'c', image: 'nginx', ports: [{ containerPort: 80 }], resources: { requests: { cpu: '10m', memory: '16Mi' } } },
            ],
          },
        },
      },
    } as never);
    yield* world.api.services.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'default' },
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80 }] },
    } as never);
  })(),
  () => {},
);
world.kernel.run({ until: seconds(until) });
world.invariants.atRest();
const t2 = performance.now();
const running = [...world.server.objects('pods')].filter((p: any) => p.status?.phase === 'Running').length;
console.log(
  {
    nodes,
    pods,
    off,
    running,
    boot: Math.round(t1 - t0),
    run: Math.round(t2 - t1),
    events: world.kernel.eventCount,
    trace: world.recorder.count,
    heap: Math.round(process.memoryUsage().heapUsed / 1e6),
  },
  world.invariants.violations.slice(0, 5),
  world.crashes.slice(0, 3),
  world.breaches.slice(0, 3),
);
