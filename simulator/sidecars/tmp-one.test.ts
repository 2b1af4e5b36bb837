import { minutes, seconds } from '@slipway/kernel';
import { it } from 'vitest';
import { StorageWorld } from './testing/storage-world.ts';
it('repro', () => {
  const world = new StorageWorld({ kernel: { seed: 1 }, without: ['resizer'] });
  const add = (n: string, c: string) => { world.addClaim(n, c); world.addPod(n, [n]); };
  add('x1', 'wait');
  world.pass(seconds(0.336));
  world.restartSidecar('provisioner');
  add('x2', 'wait');
  world.deletePod('x1');
  world.set('provisioner', [{ kind: { error: { code: 'INTERNAL' } }, times: 1, after: 0 }]);
  add('x3', 'now');
  world.restartControllers();
  world.heal();
  world.pass(minutes(12));
  console.log(JSON.stringify(world.attachments.map((a) => [a.metadata.name, a.spec, a.status]), null, 1));
  world.deletePod('x2'); world.deletePod('x3');
  for (const n of ['x1', 'x2', 'x3']) world.deleteClaim(n);
  for (let i = 0; i < 40; i++) {
    world.pass(seconds(i < 30 ? 0.2 : 60));
    console.log(i, world.kernel.now / 1e6, JSON.stringify(world.attachments.map((a) => [a.metadata.name.slice(0, 8), a.metadata.deletionTimestamp, a.status])), JSON.stringify(world.stored('nodes').map((n: any) => [n.metadata.name, n.status.volumesAttached, n.status.volumesInUse])), JSON.stringify(world.volumes.map((v) => [v.metadata.name, v.status?.phase, v.metadata.deletionTimestamp])), JSON.stringify(world.stored('pods').map((p) => p.metadata.name)));
  }
});
