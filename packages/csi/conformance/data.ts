import { codeOf, must } from '@slipway/kernel';
import { csiCase } from './case.ts';
import { mustBeClean } from './life.ts';

const made = ['node', 'controller', 'controller:CREATE_DELETE_VOLUME'] as const;

/** What workloads write, and what becomes of it; skipped for drivers that mount nothing. */
export const dataCases = [
  csiCase(
    'data.after-unpublish',
    'data: what is written is there after unpublish, unstage, stage and publish',
    'NodeUnpublishVolume; NodeUnstageVolume',
    made,
    async (bench) => {
      const volume = await bench.create();
      const first = await bench.up(volume);
      const silent = bench.noFiles(first);
      if (silent) return silent;
      bench.write(first, 'file', 'kept');
      await bench.unpublish(first);
      await bench.publish(first);
      must(bench.read(first, 'file') === 'kept', 'it is there after unpublish and publish');
      await bench.unpublish(first);
      await bench.unstage(first);
      await bench.stage(first);
      await bench.publish(first);
      must(bench.read(first, 'file') === 'kept', 'it is there after unstage and stage');
      await bench.down(first);
      must(bench.read(await bench.up(volume), 'file') === 'kept', 'it is there after detach and attach');
      return undefined;
    },
  ),
  csiCase('data.own', 'data: two volumes on a node do not see each other', 'NodePublishVolume', made, async (bench) => {
    const [one, other] = [await bench.up(await bench.create()), await bench.up(await bench.create())];
    const silent = bench.noFiles(one);
    if (silent) return silent;
    bench.write(one, 'file', 'one');
    must(bench.read(other, 'file') === undefined, 'the other volume does not have the file');
    await bench.down(other);
    must(bench.read(one, 'file') === 'one', 'putting one away leaves the other as it is');
    return undefined;
  }),
  csiCase(
    'data.after-move',
    'data: what is written on one node is there on the next',
    'ControllerUnpublishVolume; ControllerPublishVolume',
    [...made, 'two nodes'],
    async (bench) => {
      const volume = await bench.create();
      const here = await bench.up(volume);
      const silent = bench.noFiles(here);
      if (silent) return silent;
      bench.write(here, 'file', 'moved');
      await bench.down(here);
      const there = await bench.up(volume, { at: 1 });
      must(bench.read(there, 'file') === 'moved', 'it is there on the other node');
      bench.write(there, 'file', 'moved back');
      await bench.down(there);
      must(bench.read(await bench.up(volume), 'file') === 'moved back', 'and back again');
      return undefined;
    },
  ),
  csiCase(
    'data.after-power-loss',
    'data: what was synced is there after power came back and the volume was staged and published anew',
    'NodeStageVolume; Slipway: power loss',
    made,
    async (bench) => {
      const use = await bench.up(await bench.create());
      const silent = bench.noFiles(use);
      if (silent) return silent;
      bench.write(use, 'file', 'kept');
      await bench.machine().powerCycle();
      await bench.stage(use);
      await bench.publish(use);
      must(bench.read(use, 'file') === 'kept', 'it is there');
      await bench.down(use);
      mustBeClean(bench, use);
      return undefined;
    },
  ),
  csiCase('data.read-only', 'nodePublishVolume: read-only means that nothing can be written', 'NodePublishVolume', made, async (bench) => {
    const volume = await bench.create();
    const first = await bench.up(volume);
    const silent = bench.noFiles(first);
    if (silent) return silent;
    bench.write(first, 'file', 'kept');
    await bench.unpublish(first);
    const use = { ...first, readonly: true };
    await bench.publish(use);
    must(bench.read(use, 'file') === 'kept', 'it can be read');
    let code = 'success';
    try {
      bench.write(use, 'file', 'changed');
    } catch (error) {
      code = codeOf(error);
    }
    must(code === 'EROFS', `writing fails with EROFS, not ${code}`);
    return undefined;
  }),
  csiCase(
    'data.shared',
    'data: with MULTI_NODE_MULTI_WRITER two nodes see each other’s files at once',
    'AccessMode; ControllerPublishVolume',
    [...made, 'two nodes'],
    async (bench) => {
      const capability = { mount: {}, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' } } as const;
      const outcome = await bench.tried(bench.controller.createVolume(await bench.createRequest({ volumeCapabilities: [capability] })));
      if ('code' in outcome) return { skipped: 'the driver has no file systems for many writers' };
      const { volume } = outcome.answer;
      const here = await bench.up(volume, { capability });
      const there = await bench.up(volume, { capability, at: 1 });
      const silent = bench.noFiles(here);
      if (silent) return silent;
      bench.write(here, 'from-here', '1');
      bench.write(there, 'from-there', '2');
      must(bench.read(there, 'from-here') === '1' && bench.read(here, 'from-there') === '2', 'each sees what the other wrote');
      await bench.down(here);
      must(bench.read(there, 'from-here') === '1', 'it stays when the writer lets go');
      return undefined;
    },
  ),
];
