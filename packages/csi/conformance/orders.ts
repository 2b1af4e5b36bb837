import { must } from '@slipway/kernel';
import type { Use } from './bench.ts';
import { csiCase } from './case.ts';

const STEPS = 60;
const NAMES = 4;

/** Histories in random order, against the simplest model: which names have which volumes, and where they are in use. */
export const orderCases = [
  csiCase(
    'order.create-delete',
    'createVolume and deleteVolume in any order: a name is one volume from its making to its deletion',
    'CreateVolume; DeleteVolume; Slipway CSI-05',
    ['controller', 'controller:CREATE_DELETE_VOLUME'],
    async (bench) => {
      const { random } = bench.subject;
      const names = Array.from({ length: NAMES }, () => bench.name());
      const requests = new Map<string, Awaited<ReturnType<typeof bench.createRequest>>>();
      for (const name of names) requests.set(name, await bench.createRequest({ name }));
      const live = new Map<string, string>();
      const gone: string[] = [];
      for (let step = 0; step < STEPS; step += 1) {
        const name = random.pick(names);
        const volumeId = live.get(name);
        if (random.chance(3, 5)) {
          const volume = await bench.create(requests.get(name) ?? {});
          if (volumeId !== undefined) must(volume.volumeId === volumeId, `${name} is still ${volumeId}`);
          else must(![...live.values()].includes(volume.volumeId), `${name} gets a volume of its own`);
          live.set(name, volume.volumeId);
        } else if (volumeId !== undefined) {
          await bench.settle(bench.controller.deleteVolume({ volumeId }));
          live.delete(name);
          gone.push(volumeId);
        } else if (gone.length > 0) {
          const old = random.pick(gone);
          if (![...live.values()].includes(old)) await bench.settle(bench.controller.deleteVolume({ volumeId: old }));
        }
        if (!(await bench.has('controller:LIST_VOLUMES'))) continue;
        const listed = (await bench.listed()).map(({ volume }) => volume.volumeId).sort();
        must(listed.join() === [...live.values()].sort().join(), `${listed.length} volumes are listed, ${live.size} are there`);
      }
    },
  ),
  csiCase(
    'order.use',
    'use, power loss and moves in any order: each volume has what was last written, and nothing else',
    'Volume Lifecycle; Slipway CSI-08',
    ['node', 'two nodes', 'controller', 'controller:CREATE_DELETE_VOLUME'],
    async (bench) => {
      const { random } = bench.subject;
      const volumes = [await bench.create(), await bench.create()];
      const uses = new Map<string, Use>();
      const written = new Map<string, string>();
      for (let step = 0; step < STEPS; step += 1) {
        const volume = random.pick(volumes);
        const { volumeId } = volume;
        const use = uses.get(volumeId);
        const move = random.integer(0, 9);
        if (use === undefined) {
          const next = await bench.up(volume, { at: random.integer(0, 1) });
          const silent = bench.noFiles(next);
          if (silent) return silent;
          must(bench.read(next, 'file') === written.get(volumeId), `${volumeId} has what was last written`);
          uses.set(volumeId, next);
        } else if (move < 4) {
          const text = `step ${step}`;
          bench.write(use, 'file', text);
          written.set(volumeId, text);
        } else if (move < 7) {
          await bench.down(use);
          uses.delete(volumeId);
        } else if (move < 9) {
          await bench.stage(use);
          await bench.publish(use);
          must(bench.read(use, 'file') === written.get(volumeId), `${volumeId} has what was last written`);
        } else {
          await bench.machine(use.at).powerCycle();
          for (const lost of uses.values()) {
            if (lost.at !== use.at) continue;
            await bench.stage(lost);
            await bench.publish(lost);
            must(bench.read(lost, 'file') === written.get(lost.volume.volumeId), 'a power loss takes nothing that was synced');
          }
        }
      }
      return undefined;
    },
  ),
];
