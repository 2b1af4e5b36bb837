import { worldFactory } from '../../simulator/wiring/container.ts';
import { seconds, minutes, sleep, Random } from '@slipway/kernel';
const [from, to, faulty, cri] = [
  Number(process.argv[2]),
  Number(process.argv[3]),
  process.argv[4] === 'faults',
  process.argv[5] ?? 'containerd',
];
const factory = worldFactory({ cri: { use: cri } });
const scripts = ['exit 0', 'exit 1', 'sleep 3', 'sleep 3; exit 2', 'sleep 1000', 'trap "exit 0" TERM; sleep 500'];
for (let seed = from; seed < to; seed++) {
  const dump = process.env.DUMP;
  const seen = new Set<string>();
  const world = factory({
    seed,
    ...(dump
      ? {
          trace: {
            onLine: (r: any) => {
              const text =
                (process.env.ACTOR === r.actor ? dump : '') +
                JSON.stringify([r.subject, r.data]) +
                (r.kind === 'answer' || r.kind === 'call'
                  ? JSON.stringify(r.full, (k, v) =>
                      typeof v === 'bigint' ? String(v) : k === 'env' || k === 'envs' || k === 'mounts' ? undefined : v,
                    )
                  : '');
              if (dump.split(',').some((d) => text.includes(d)) && !/Events|events/.test(text + r.name))
                console.log(`${r.at} #${r.seq} c${r.cause} ${r.kind} ${r.actor} ${r.name} ${r.subject} ${r.data.join(' ')}`.slice(0, 220));
            },
          },
        }
      : {}),
    explore: 'swarm',
    nodes: ['node-1', 'node-2', 'node-3'].map((name) => ({ name, capacity: { cpu: '2', memory: '4Gi', pods: '8' } })),
  });
  const random = new Random(seed * 7919 + 1);
  const pick = <T>(list: readonly T[]): T =>
    list[random.below ? (random as any).below(list.length) : (random as any).integer(0, list.length - 1)] as T;
  const int = (n: number) => pick(Array.from({ length: n }, (_, i) => i));
  let count = 0;
  const container = (name: string) => ({
    name,
    image: pick(['busybox', 'nginx']),
    command: ['sh', '-c', pick(scripts)],
    resources: { requests: { cpu: pick(['100m', '300m']), memory: '64Mi' } },
  });
  world.user.spawn(
    'chaos',
    (function* () {
      yield* sleep(seconds(1));
      for (let step = 0; step < 60; step++) {
        yield* sleep(seconds(int(8)));
        const what = int(faulty ? 14 : 8);
        try {
          if (what < 4) {
            const inits = int(3);
            const pod: any = {
              apiVersion: 'v1',
              kind: 'Pod',
              metadata: { name: `p${count++}`, namespace: 'default', ...(int(6) === 0 ? { finalizers: ['example.com/hold'] } : {}) },
              spec: {
                restartPolicy: pick(['Always', 'OnFailure', 'Never']),
                terminationGracePeriodSeconds: pick([0, 1, 5, 30]),
                initContainers: Array.from({ length: inits }, (_, i) => ({
                  ...container(`i${i}`),
                  command: ['sh', '-c', pick(['exit 0', 'exit 0', 'sleep 2', 'exit 1'])],
                  ...(int(4) === 0 ? { restartPolicy: 'Always', command: ['sh', '-c', pick(scripts)] } : {}),
                })),
                containers: Array.from({ length: 1 + int(2) }, (_, i) => ({
                  ...container(`c${i}`),
                  ...(int(5) === 0 ? { ports: [{ containerPort: 80, hostPort: 8080 }] } : {}),
                })),
              },
            };
            yield* world.api.pods.create(pod);
          } else if (what < 6) {
            const name = `p${int(Math.max(1, count))}`;
            yield* world.api.pods.delete({ namespace: 'default', name, ...(int(3) === 0 ? { gracePeriodSeconds: 0 } : {}) });
          } else if (what === 6) {
            const name = `p${int(Math.max(1, count))}`;
            yield* world.api.pods.patch({ namespace: 'default', name, type: 'merge', patch: { metadata: { finalizers: null } } });
          } else if (what === 7) {
            const name = `p${int(Math.max(1, count))}`;
            yield* world.api.pods.patch({
              namespace: 'default',
              name,
              type: 'strategic',
              patch: { spec: { containers: [{ name: 'c0', image: pick(['busybox:1', 'nginx:2']) }] } },
            });
          } else if (what === 8) {
            const node = world.nodes.get(pick(['node-1', 'node-2', 'node-3']))!;
            node.powerOff();
            yield* sleep(seconds(1 + int(60)));
            node.powerOn();
          } else if (what <= 11) {
            const node = world.nodes.get(pick(['node-1', 'node-2', 'node-3']))!;
            const link = node.links.get(pick(['oci.Runtime', 'cni.Plugin', 'cri.RuntimeService', 'cri.ImageService']))!;
            link.faults = [
              {
                kind: pick<any>([
                  { error: { code: link.service.interface === 'cni' ? '100' : 'UNKNOWN' } },
                  { loseAnswer: true },
                  { delay: '3s' },
                  { refuse: {} },
                  { duplicate: true },
                  { hang: true },
                ]),
                odds: [1, 3],
                times: 5,
              },
            ];
            yield* sleep(seconds(int(30)));
            link.faults = [];
          } else if (what === 12) {
            yield* world.api.pods.deleteCollection({ namespace: 'default' });
          } else {
            for (const [, n] of world.nodes) for (const [, l] of n.links) l.cutStreams();
          }
        } catch (e: any) {
          if (!['NotFound', 'Invalid', 'Forbidden', 'Conflict'].includes(e?.code ?? e?.reason))
            console.log('chaos', seed, String(e).slice(0, 200));
        }
      }
    })(),
    () => {},
  );
  const t = performance.now();
  try {
    world.kernel.run({ until: minutes(25) });
  } catch (e: any) {
    console.log('RUN', seed, String(e?.stack ?? e).slice(0, 600));
    continue;
  }
  world.invariants.atRest();
  const { violations } = world.invariants;
  const ids: Record<string, number> = {};
  for (const v of violations) ids[v.id] = (ids[v.id] ?? 0) + 1;
  console.log(
    seed,
    Math.round(performance.now() - t) + 'ms',
    count,
    'pods',
    world.recorder.count,
    JSON.stringify(ids),
    violations.slice(0, 3).map((v) => `${v.id}@${v.at} ${v.message}`),
    world.crashes.length,
    world.breaches.length,
    world.breaches.slice(0, 2).map((b) => b.call + b.rule + b.message),
  );
}
