import { worldFactory } from '../../simulator/wiring/container.ts';
import { seconds } from '@slipway/kernel';
import { writeSync } from 'node:fs';
let n = 0;
const world = worldFactory()({ nodes: [{ name: 'node-1' }, { name: 'node-2' }], trace: { onLine: (r) => { n++; if (n < 400 || n > 3000 && n < 3020) writeSync(1, `${r.at} ${r.seq} ${r.kind} ${r.actor} ${r.name} ${r.subject} c${r.cause} ${r.data.join(' ')}`.slice(0,200) + '\n'); } } });
world.user.spawn('x', (function* () {
  yield* world.api.pods.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'nginx' }] } } as never);
})(), () => {});
for (let t = 0; t < 300; t++) { world.kernel.run({ until: seconds(t / 10) }); if (t%50===0) console.log('t', t / 10, world.kernel.eventCount); }
console.log(world.recorder.count, world.invariants.violations, world.crashes, world.warnings, world.breaches);
