import { codeOf, must } from '@slipway/kernel';
import { accessModes } from '../rules/index.ts';
import { secondPublishVerdict } from '../second-publish.ts';
import type { Bench, Use } from './bench.ts';
import { csiCase } from './case.ts';

const made = ['node', 'controller', 'controller:CREATE_DELETE_VOLUME'] as const;

/** Nothing of a use is left on its machine. */
export function mustBeClean(bench: Bench, { at, target, volume }: Use): void {
  const { files, mounts } = bench.host(at);
  must(!files.exists(target), 'the target path is gone');
  for (const path of [target, bench.stagingPath(volume)]) must(mounts.at(path) === undefined, `nothing is mounted at ${path}`);
}

/** Publishes a volume once more on its node, expects what the tables say, and takes a second path away again. */
async function publishAgain(bench: Bench, first: Use, sameTarget: boolean, sameArguments: boolean): Promise<void> {
  const singleNodeMultiWriter = await bench.has('node:SINGLE_NODE_MULTI_WRITER');
  const { mode } = first.capability.accessMode;
  const wanted = secondPublishVerdict({ mode, singleNodeMultiWriter, sameTarget, sameArguments });
  const target = sameTarget ? first.target : bench.targetPath(first.volume);
  const second = { ...first, target, readonly: sameArguments ? first.readonly : !first.readonly };
  let answer = 'OK';
  try {
    await bench.publish(second);
  } catch (error) {
    answer = codeOf(error);
  }
  // Kubernetes gives a volume of one node to several pods there, and drivers that do not tell the modes apart let it.
  const lenient = !singleNodeMultiWriter && wanted === 'FAILED_PRECONDITION' && answer === 'OK';
  const how = `${sameTarget ? 'at the same path' : 'at another path'}, ${sameArguments ? 'with the same' : 'with other'} arguments`;
  must(answer === wanted || lenient, `${mode} a second time ${how} is answered ${wanted}, not ${answer}`);
  if (answer === 'OK' && !sameTarget) await bench.unpublish(second);
}

/** A volume from its beginning to its end, with what Kubernetes does to it on the way. */
export const lifeCases = [
  csiCase(
    'life.whole',
    'life: a volume is made, used, put away and deleted, and leaves nothing behind',
    'Volume Lifecycle; csi-sanity Node: should work; Controller: volume lifecycle: should work; Node: NodeUnpublishVolume: should remove target path',
    made,
    async (bench) => {
      const use = await bench.up(await bench.create());
      const { files } = bench.host();
      must(files.exists(use.target), 'the target path is there');
      must(files.status(use.target).kind === ('block' in use.capability ? 'file' : 'directory'), 'it is of the right kind');
      await bench.down(use);
      mustBeClean(bench, use);
      await bench.settle(bench.controller.deleteVolume({ volumeId: use.volume.volumeId }));
    },
  ),
  csiCase(
    'life.idempotent',
    'life: every step can be repeated, on the way up and on the way down',
    'Volume Lifecycle; csi-sanity Node: should be idempotent; Slipway CSI-08',
    made,
    async (bench) => {
      const volume = await bench.create();
      const use = await bench.attach(volume);
      const thrice = async (step: () => Promise<void>): Promise<void> => {
        for (let round = 0; round < 3; round += 1) await step();
      };
      await thrice(() => bench.stage(use));
      await thrice(() => bench.publish(use));
      const silent = bench.noFiles(use);
      if (!silent) bench.write(use, 'file', '1');
      await bench.stage(use);
      await bench.publish(use);
      if (!silent) must(bench.read(use, 'file') === '1', 'what was written is still seen');
      await thrice(() => bench.unpublish(use));
      await thrice(() => bench.unstage(use));
      mustBeClean(bench, use);
      await thrice(() => bench.detach(use));
      for (let round = 0; round < 3; round += 1) await bench.settle(bench.controller.deleteVolume({ volumeId: volume.volumeId }));
    },
  ),
  csiCase(
    'life.never-up',
    'nodeUnstageVolume: a volume that is attached but not staged is no error; nor is one to unpublish',
    'NodeUnstageVolume; NodeUnpublishVolume; Slipway CSI-08',
    made,
    async (bench) => {
      const use = await bench.attach(await bench.create());
      await bench.unpublish(use);
      await bench.unstage(use);
      mustBeClean(bench, use);
    },
  ),
  csiCase(
    'life.put-away-after-power-loss',
    'life: after a power loss, which takes the mounts, a volume can be put away and moved',
    'NodeUnpublishVolume; NodeUnstageVolume; Slipway CSI-09',
    [...made, 'two nodes'],
    async (bench) => {
      const use = await bench.up(await bench.create());
      const silent = bench.noFiles(use);
      if (!silent) bench.write(use, 'file', 'kept');
      await bench.machine().powerCycle();
      await bench.down(use);
      mustBeClean(bench, use);
      const there = await bench.up(use.volume, { at: 1 });
      if (!silent) must(bench.read(there, 'file') === 'kept', 'what was synced is there on the other node');
    },
  ),
  csiCase(
    'node-publish.second',
    'nodePublishVolume: a second time is answered as the spec’s tables say',
    'NodePublishVolume, tables; csi-sanity Node: NodePublishVolume: should fail when volume with single node single writer access mode is already mounted at a different target path',
    made,
    async (bench) => {
      let tried = 0;
      for (const mode of accessModes) {
        const capability = bench.capability(mode);
        const outcome = await bench.tried(bench.controller.createVolume(await bench.createRequest({ volumeCapabilities: [capability] })));
        if ('code' in outcome) continue;
        tried += 1;
        const first = await bench.up(outcome.answer.volume, { capability, readonly: mode.endsWith('READER_ONLY') });
        await publishAgain(bench, first, true, true);
        await publishAgain(bench, first, false, true);
        // A mode that only reads has no other way to be used.
        if (!mode.endsWith('READER_ONLY')) {
          await publishAgain(bench, first, true, false);
          await publishAgain(bench, first, false, false);
        }
        must(bench.host().files.exists(first.target), 'the first path is there all the while');
        await bench.down(first);
      }
      return tried > 0 ? undefined : { skipped: 'the driver has no volumes of any mode' };
    },
  ),
];
