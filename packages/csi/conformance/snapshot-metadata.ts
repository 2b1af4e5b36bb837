import { must, type Process, type Stream } from '@slipway/kernel';
import type { BlockMetadata, BlockMetadataType } from '../messages/index.ts';
import type { Bench } from './bench.ts';
import { csiCase } from './case.ts';

const reads = [
  'snapshot metadata',
  'plugin:SNAPSHOT_METADATA_SERVICE',
  'controller',
  'controller:CREATE_DELETE_VOLUME',
  'controller:CREATE_DELETE_SNAPSHOT',
] as const;

/** What both streams are made of. */
interface Message {
  readonly blockMetadataType: BlockMetadataType;
  readonly volumeCapacityBytes: number;
  readonly blockMetadata?: readonly BlockMetadata[];
}

function* drain<M>(call: Process<Stream<M>>): Process<readonly M[]> {
  const stream = yield* call;
  const all: M[] = [];
  for (;;) {
    const batch = yield* stream.take();
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}

/** The rules that hold over a whole stream. Source: csi.proto, `GetMetadataAllocatedResponse` and `BlockMetadata`. */
function legalRuns(messages: readonly Message[], startingOffset: number, maxResults: number): readonly BlockMetadata[] {
  const [first] = messages;
  let end = 0;
  const sizes = new Set<number>();
  const runs: BlockMetadata[] = [];
  for (const { blockMetadataType, volumeCapacityBytes, blockMetadata = [] } of messages) {
    must(blockMetadataType === first?.blockMetadataType, 'every message has the same type');
    must(['FIXED_LENGTH', 'VARIABLE_LENGTH'].includes(blockMetadataType), `the type is known, not ${blockMetadataType}`);
    must(volumeCapacityBytes === first.volumeCapacityBytes, 'every message has the same size of the volume');
    must(maxResults === 0 || blockMetadata.length <= maxResults, `a message has at most ${maxResults} runs`);
    for (const { byteOffset, sizeBytes } of blockMetadata) {
      must(sizeBytes > 0, 'no run is empty');
      must(byteOffset >= end, 'runs ascend and do not overlap');
      must(byteOffset + sizeBytes > startingOffset, 'no run ends before the starting offset');
      end = byteOffset + sizeBytes;
      must(end <= volumeCapacityBytes, 'no run exceeds the volume');
      sizes.add(sizeBytes);
      runs.push({ byteOffset, sizeBytes });
    }
  }
  must(first?.blockMetadataType !== 'FIXED_LENGTH' || sizes.size <= 1, 'runs of fixed length have one length');
  return runs;
}

/** A volume that was written to between two snapshots, where the driver mounts. */
async function twoSnapshots(bench: Bench): Promise<readonly [base: string, target: string]> {
  const volume = await bench.create();
  const use = bench.subject.nodes[0]?.node ? await bench.up(volume) : undefined;
  const write = (name: string): void => {
    if (use && !bench.noFiles(use)) bench.write(use, name, name.repeat(10_000));
  };
  const cut = async (): Promise<string> => {
    const request = { sourceVolumeId: volume.volumeId, name: bench.name('snapshot') };
    return (await bench.settle(bench.controller.createSnapshot(request))).snapshot.snapshotId;
  };
  write('early');
  const base = await cut();
  write('later');
  return [base, await cut()];
}

/** Which blocks snapshots have; a stream's messages are beyond a link's guard. */
export const snapshotMetadataCases = [
  csiCase(
    'metadata.allocated',
    'getMetadataAllocated: runs ascend, and a stream can go on anywhere',
    'GetMetadataAllocated',
    reads,
    async (bench) => {
      const [, snapshotId] = await twoSnapshots(bench);
      const ask = async (startingOffset: number, maxResults: number): Promise<readonly BlockMetadata[]> =>
        legalRuns(
          await bench.settle(drain(bench.metadata.getMetadataAllocated({ snapshotId, startingOffset, maxResults }))),
          startingOffset,
          maxResults,
        );
      const all = await ask(0, 0);
      must(JSON.stringify(await ask(0, 1)) === JSON.stringify(all), 'the size of messages changes nothing');
      const last = all.at(-1);
      if (last) must(JSON.stringify(await ask(last.byteOffset, 0)) === JSON.stringify([last]), 'from the last run on there is one run');
    },
  ),
  csiCase(
    'metadata.delta',
    'getMetadataDelta: runs ascend, and a snapshot does not differ from itself',
    'GetMetadataDelta',
    reads,
    async (bench) => {
      const [base, target] = await twoSnapshots(bench);
      const ask = async (baseSnapshotId: string, targetSnapshotId: string): Promise<readonly BlockMetadata[]> =>
        legalRuns(
          await bench.settle(drain(bench.metadata.getMetadataDelta({ baseSnapshotId, targetSnapshotId, startingOffset: 0 }))),
          0,
          0,
        );
      await ask(base, target);
      must((await ask(target, target)).length === 0, 'there is no difference to itself');
    },
  ),
  csiCase(
    'metadata.unknown',
    'getMetadataAllocated, getMetadataDelta: an unknown snapshot is refused',
    'GetMetadataAllocated; GetMetadataDelta',
    reads,
    async (bench) => {
      const [known] = await twoSnapshots(bench);
      const [unknown, startingOffset] = ['reallyfakesnapshotid', 0];
      const { metadata } = bench;
      await bench.refused(
        drain(metadata.getMetadataAllocated({ snapshotId: unknown, startingOffset })),
        'NOT_FOUND',
        'an unknown snapshot',
      );
      for (const [baseSnapshotId, targetSnapshotId] of [
        [known, unknown],
        [unknown, known],
      ] as const) {
        const call = metadata.getMetadataDelta({ baseSnapshotId, targetSnapshotId, startingOffset });
        await bench.refused(drain(call), 'NOT_FOUND', 'an unknown snapshot');
      }
    },
  ),
  csiCase(
    'metadata.offset',
    'getMetadataAllocated: an offset outside the volume is refused',
    'GetMetadataAllocated',
    reads,
    async (bench) => {
      const [, snapshotId] = await twoSnapshots(bench);
      for (const startingOffset of [-1, 2 ** 53 - 1]) {
        const call = bench.metadata.getMetadataAllocated({ snapshotId, startingOffset });
        await bench.refused(drain(call), 'OUT_OF_RANGE', `offset ${startingOffset}`);
      }
    },
  ),
];
