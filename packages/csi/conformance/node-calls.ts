import { must } from '@slipway/kernel';
import type { NodePublishVolumeRequest, NodeStageVolumeRequest } from '../messages/index.ts';
import { csiCase } from './case.ts';
import { GIB } from './subject.ts';

const made = ['node', 'controller', 'controller:CREATE_DELETE_VOLUME'] as const;
const staging = [...made, 'node:STAGE_UNSTAGE_VOLUME'] as const;
const stats = [...made, 'node:GET_VOLUME_STATS'] as const;
const expands = [...made, 'node:EXPAND_VOLUME'] as const;

/** What the node service says of itself and of wrong requests, and how volumes fill and grow on a node. */
export const nodeCallCases = [
  csiCase(
    'node.capabilities',
    'nodeGetCapabilities: known capabilities, the same each time and on every node',
    'NodeGetCapabilities; csi-sanity Node: NodeGetCapabilities: should return appropriate capabilities',
    ['node'],
    async (bench) => {
      const ask = async (at: number): Promise<string> => {
        const { capabilities = [] } = await bench.settle(bench.node(at).nodeGetCapabilities({}));
        const types = capabilities.map(({ rpc }) => rpc.type);
        must(!types.includes('UNKNOWN') && new Set(types).size === types.length, 'each is known and told once');
        return [...types].sort().join(' ');
      };
      const first = await ask(0);
      for (const at of bench.subject.nodes.keys()) must((await ask(at)) === first, 'every node says the same');
    },
  ),
  csiCase(
    'node.info',
    'nodeGetInfo: each node has an id of its own, which outlives power, and a place if places count',
    'NodeGetInfo; csi-sanity Node: NodeGetInfo: should return appropriate values',
    ['node'],
    async (bench) => {
      const ids: string[] = [];
      for (const [at, machine] of bench.subject.nodes.entries()) {
        const before = await bench.settle(bench.node(at).nodeGetInfo({}));
        must(before.nodeId !== '', 'the id is not empty');
        if (await bench.has('plugin:VOLUME_ACCESSIBILITY_CONSTRAINTS'))
          must(Object.keys(before.accessibleTopology?.segments ?? {}).length > 0, 'the place is told');
        await machine.powerCycle();
        must((await bench.nodeId(at)) === before.nodeId, 'the id is the same after a power cycle');
        ids.push(before.nodeId);
      }
      must(new Set(ids).size === ids.length, 'no two nodes have the same id');
    },
  ),
  csiCase(
    'node-stage.wrong',
    'nodeStageVolume: no volume id, no path and no capability are each refused',
    'NodeStageVolume; csi-sanity Node: NodeStageVolume: should fail when no volume id, no staging target path, no volume capability is provided',
    staging,
    async (bench) => {
      const use = await bench.attach(await bench.create());
      const { volumeCapability: _, ...bare } = bench.stageRequest(use);
      const requests: readonly NodeStageVolumeRequest[] = [
        { ...bench.stageRequest(use), volumeId: '' },
        { ...bench.stageRequest(use), stagingTargetPath: '' },
        bare as NodeStageVolumeRequest,
      ];
      for (const request of requests)
        await bench.refused(bench.node().nodeStageVolume(request), 'INVALID_ARGUMENT', 'an incomplete request');
    },
  ),
  csiCase(
    'node-unstage.wrong',
    'nodeUnstageVolume: no volume id and no path are each refused',
    'NodeUnstageVolume; csi-sanity Node: NodeUnstageVolume: should fail when no volume id, no staging target path is provided',
    ['node', 'node:STAGE_UNSTAGE_VOLUME'],
    async (bench) => {
      for (const request of [
        { volumeId: '', stagingTargetPath: '/conformance/staging' },
        { volumeId: 'id', stagingTargetPath: '' },
      ])
        await bench.refused(bench.node().nodeUnstageVolume(request), 'INVALID_ARGUMENT', 'an incomplete request');
    },
  ),
  csiCase(
    'node-publish.wrong',
    'nodePublishVolume: no volume id, no path and no capability are each refused',
    'NodePublishVolume; csi-sanity Node: NodePublishVolume: should fail when no volume id, no target path, no volume capability is provided',
    made,
    async (bench) => {
      const use = await bench.attach(await bench.create());
      await bench.stage(use);
      const whole = await bench.nodePublishRequest(use);
      const { volumeCapability: _, ...bare } = whole;
      for (const request of [{ ...whole, volumeId: '' }, { ...whole, targetPath: '' }, bare as NodePublishVolumeRequest])
        await bench.refused(bench.node().nodePublishVolume(request), 'INVALID_ARGUMENT', 'an incomplete request');
      must(!bench.host().files.exists(use.target), 'nothing is at the target path');
    },
  ),
  csiCase(
    'node-publish.not-staged',
    'nodePublishVolume: without a staging path it is refused by a driver that stages',
    'NodePublishVolume; Slipway CSI-02',
    staging,
    async (bench) => {
      const use = await bench.attach(await bench.create());
      await bench.stage(use);
      const { stagingTargetPath: _, ...request } = await bench.nodePublishRequest(use);
      // The table says FAILED_PRECONDITION; a field that is missing is INVALID_ARGUMENT by the general rule, and drivers differ.
      const codes = ['FAILED_PRECONDITION', 'INVALID_ARGUMENT'];
      await bench.refused(bench.node().nodePublishVolume(request), codes, 'a request without a staging path');
    },
  ),
  csiCase(
    'node-unpublish.wrong',
    'nodeUnpublishVolume: no volume id and no path are each refused',
    'NodeUnpublishVolume; csi-sanity Node: NodeUnpublishVolume: should fail when no volume id, no target path is provided',
    ['node'],
    async (bench) => {
      for (const request of [
        { volumeId: '', targetPath: '/conformance/target' },
        { volumeId: 'id', targetPath: '' },
      ])
        await bench.refused(bench.node().nodeUnpublishVolume(request), 'INVALID_ARGUMENT', 'an incomplete request');
    },
  ),
  csiCase(
    'node-stats.wrong',
    'nodeGetVolumeStats: no volume id and no path are each refused, and what is not found is said so',
    'NodeGetVolumeStats; csi-sanity Node: NodeGetVolumeStats: should fail when no volume id, no volume path is provided, volume is not found, volume does not exist on the specified path',
    stats,
    async (bench) => {
      const use = await bench.up(await bench.create());
      const { volumeId } = use.volume;
      const node = bench.node();
      await bench.refused(
        node.nodeGetVolumeStats({ volumeId: '', volumePath: 'some/path' }),
        'INVALID_ARGUMENT',
        'a request without an id',
      );
      await bench.refused(node.nodeGetVolumeStats({ volumeId, volumePath: '' }), 'INVALID_ARGUMENT', 'a request without a path');
      await bench.refused(node.nodeGetVolumeStats({ volumeId: 'foobar', volumePath: 'some/path' }), 'NOT_FOUND', 'an unknown volume');
      await bench.refused(node.nodeGetVolumeStats({ volumeId, volumePath: 'some/path' }), 'NOT_FOUND', 'a volume that is not there');
    },
  ),
  csiCase(
    'node-stats.usage',
    'nodeGetVolumeStats: what is written is counted, in bytes and in files',
    'NodeGetVolumeStats; VolumeUsage',
    stats,
    async (bench) => {
      const use = await bench.up(await bench.create());
      const silent = bench.noFiles(use);
      const ask = async (unit: string) => {
        const request = { volumeId: use.volume.volumeId, volumePath: use.target };
        return ((await bench.settle(bench.node().nodeGetVolumeStats(request))).usage ?? []).find((usage) => usage.unit === unit);
      };
      const before = await ask('BYTES');
      if (!before) return { skipped: 'the driver does not count bytes' };
      must(before.total > 0, 'the total is more than nothing');
      if (silent) return silent;
      const files = await ask('INODES');
      bench.write(use, 'file', 'x'.repeat(100_000));
      const after = await ask('BYTES');
      must((after?.used ?? 0) >= (before.used ?? 0) + 100_000 || before.used === undefined, 'the bytes in use are more');
      must((after?.available ?? 0) <= (before.available ?? 0) - 100_000 || before.available === undefined, 'the bytes left are less');
      if (files?.used !== undefined) must(((await ask('INODES'))?.used ?? 0) === files.used + 1, 'one more file is in use');
      return undefined;
    },
  ),
  csiCase(
    'node-expand.wrong',
    'nodeExpandVolume: no volume id and no path are each refused, and an unknown volume is said so',
    'NodeExpandVolume; csi-sanity Node: NodeExpandVolume: should fail when no volume id, no volume path is provided, volume is not found',
    expands,
    async (bench) => {
      const use = await bench.up(await bench.create());
      const { volumeId } = use.volume;
      const node = bench.node();
      await bench.refused(node.nodeExpandVolume({ volumeId: '', volumePath: use.target }), 'INVALID_ARGUMENT', 'a request without an id');
      await bench.refused(node.nodeExpandVolume({ volumeId, volumePath: '' }), 'INVALID_ARGUMENT', 'a request without a path');
      const capacityRange = { requiredBytes: 10 * GIB };
      const unknown = { volumeId: 'foobar', volumePath: 'some/path', capacityRange };
      await bench.refused(node.nodeExpandVolume(unknown), 'NOT_FOUND', 'an unknown volume');
    },
  ),
  csiCase(
    'node-expand.works',
    'nodeExpandVolume: after the volume has grown, the file system has too, as often as it is asked',
    'NodeExpandVolume; csi-sanity Node: NodeExpandVolume: should work if node-expand is called after node-publish; Slipway CSI-14',
    [...expands, 'controller:EXPAND_VOLUME'],
    async (bench) => {
      const volume = await bench.create();
      const { volumeId } = volume;
      const capacityRange = { requiredBytes: 2 * bench.capacityBytes };
      const online = await bench.has('expansion:ONLINE');
      let use = await bench.up(volume);
      const silent = bench.noFiles(use);
      if (!silent) bench.write(use, 'file', 'kept');
      if (!online) await bench.down(use);
      const { nodeExpansionRequired } = await bench.settle(bench.controller.controllerExpandVolume({ volumeId, capacityRange }));
      if (!online) use = await bench.up(volume);
      if (!nodeExpansionRequired) return { skipped: 'the driver needs no step on the node' };
      const stagingTargetPath = (await bench.has('node:STAGE_UNSTAGE_VOLUME')) ? { stagingTargetPath: bench.stagingPath(volume) } : {};
      const request = { volumeId, volumePath: use.target, capacityRange, volumeCapability: use.capability, ...stagingTargetPath };
      for (let round = 0; round < 2; round += 1) {
        const { capacityBytes = 0 } = await bench.settle(bench.node().nodeExpandVolume(request));
        must(
          capacityBytes === 0 || capacityBytes >= capacityRange.requiredBytes,
          `${capacityBytes} bytes are at least ${capacityRange.requiredBytes}`,
        );
      }
      if (!silent) must(bench.read(use, 'file') === 'kept', 'files stay as they are');
      if (!(await bench.has('node:GET_VOLUME_STATS'))) return undefined;
      const { usage = [] } = await bench.settle(bench.node().nodeGetVolumeStats({ volumeId, volumePath: use.target }));
      const total = usage.find(({ unit }) => unit === 'BYTES')?.total;
      // A file system keeps a few per cent for itself.
      must(total === undefined || total > 1.5 * bench.capacityBytes, `the file system has grown to ${total} bytes`);
      return undefined;
    },
  ),
];
