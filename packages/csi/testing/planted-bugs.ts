import type { Host } from '@slipway/host';
import { CsiError } from '../errors.ts';
import type * as m from '../messages/index.ts';
import type { MemoryController } from './memory-controller.ts';
import type { DriverParts } from './memory-driver.ts';
import type { MemoryNode } from './memory-node.ts';

/** Turns a good driver into another. */
export type Breaks = (good: Required<DriverParts>) => DriverParts;

/** The same object with some methods of another kind. */
function changed<T extends object>(good: T, methods: Partial<T>): T {
  return new Proxy(good, {
    get(target, name) {
      const member: unknown = Reflect.get(name in methods ? methods : target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

const controllerBug =
  (bug: (good: MemoryController) => Partial<MemoryController>): Breaks =>
  (good) => ({ ...good, controller: changed(good.controller as MemoryController, bug(good.controller as MemoryController)) });
const nodeBug =
  (bug: (good: MemoryNode, host: Host) => Partial<MemoryNode>): Breaks =>
  (good) => ({
    ...good,
    node(host) {
      const node = good.node(host) as MemoryNode;
      return changed(node, bug(node, host));
    },
  });

/** Drivers with one mistake each, and a case that finds it. */
export const bugs: Readonly<Record<string, readonly [breaks: Breaks, found: string]>> = {
  'a name that ends in a dot': [
    (good) => ({ ...good, identity: changed(good.identity, { getPluginInfo: () => ({ name: 'memory.', vendorVersion: '1' }) }) }),
    'csi.identity.info',
  ],
  'a service that nobody reports': [
    (good) => ({
      ...good,
      identity: changed(good.identity, { getPluginCapabilities: () => ({ capabilities: [{ service: { type: 'CONTROLLER_SERVICE' } }] }) }),
    }),
    'csi.identity.services',
  ],
  'a call that is promised and not there': [
    controllerBug(() => ({
      getSnapshot() {
        throw new CsiError('UNIMPLEMENTED', 'not yet');
      },
    })),
    'csi.identity.no-empty-promise',
  ],
  'a feature without what it hangs on': [
    controllerBug(() => ({
      controllerGetCapabilities: () => ({
        capabilities: (['CREATE_DELETE_VOLUME', 'LIST_VOLUMES', 'LIST_VOLUMES_PUBLISHED_NODES'] as const).map((type) => ({
          rpc: { type },
        })),
      }),
    })),
    'csi.identity.dependencies',
  ],
  'createVolume makes a new volume each time': [
    controllerBug((good) => {
      let count = 0;
      return { createVolume: (request) => good.createVolume({ ...request, name: `${request.name.slice(0, 100)} ${(count += 1)}` }) };
    }),
    'csi.create-volume.repeat',
  ],
  'createVolume forgets the size of what exists': [
    controllerBug((good) => ({
      createVolume(request) {
        const existing = [...good.storage.volumes.values()].find(({ name }) => name === request.name);
        return good.createVolume(existing ? { ...request, capacityRange: { requiredBytes: existing.bytes } } : request);
      },
    })),
    'csi.create-volume.other-size',
  ],
  'createVolume cuts names at 64 characters': [
    controllerBug((good) => ({ createVolume: (request) => good.createVolume({ ...request, name: request.name.slice(0, 64) }) })),
    'csi.create-volume.longest-name',
  ],
  'createVolume rounds sizes down': [
    controllerBug((good) => ({
      createVolume(request) {
        const { volume } = good.createVolume(request);
        return { volume: { ...volume, capacityBytes: Math.floor((volume.capacityBytes ?? 0) / 2 ** 30) * 2 ** 30 } };
      },
    })),
    'csi.create-volume.size-range',
  ],
  'createVolume does not look at topology': [
    controllerBug((good) => ({
      createVolume: ({ accessibilityRequirements: _, ...request }) => good.createVolume(request),
    })),
    'csi.create-volume.no-such-topology',
  ],
  'createVolume from a snapshot is empty': [
    controllerBug((good) => ({
      createVolume({ volumeContentSource: source, ...request }) {
        if (source && 'snapshot' in source) good.storage.snapshot(source.snapshot.snapshotId);
        const { volume } = good.createVolume(request);
        return { volume: source ? { ...volume, contentSource: source } : volume };
      },
    })),
    'csi.create-volume.from-snapshot',
  ],
  'a snapshot shows what the volume has now': [
    controllerBug((good) => ({
      createVolume({ volumeContentSource: source, ...request }) {
        if (!source || !('snapshot' in source)) return good.createVolume(source ? { ...request, volumeContentSource: source } : request);
        const { volumeId } = good.storage.snapshot(source.snapshot.snapshotId);
        const { volume } = good.createVolume({ ...request, volumeContentSource: { volume: { volumeId } } });
        return { volume: { ...volume, contentSource: source } };
      },
    })),
    'csi.create-volume.from-snapshot',
  ],
  'a secret in the volume context': [
    controllerBug((good) => ({
      createVolume(request) {
        const { volume } = good.createVolume(request);
        return { volume: { ...volume, volumeContext: { ...request.secrets } } };
      },
    })),
    'csi.create-volume.secrets',
  ],
  'an unknown mutable parameter is ignored': [
    controllerBug((good) => ({
      controllerModifyVolume: (request) => good.controllerModifyVolume({ ...request, mutableParameters: {} }),
    })),
    'csi.modify.unknown-parameter',
  ],
  'deleteVolume of an unknown volume is NOT_FOUND': [
    controllerBug((good) => ({
      deleteVolume(request) {
        good.storage.volume(request.volumeId);
        return good.deleteVolume(request);
      },
    })),
    'csi.delete-volume.unknown',
  ],
  'deleteVolume takes volumes in use': [
    controllerBug((good) => ({
      deleteVolume({ volumeId }) {
        good.storage.volumes.delete(volumeId);
        return {};
      },
    })),
    'csi.delete-volume.in-use',
  ],
  'deleteVolume does nothing': [controllerBug(() => ({ deleteVolume: () => ({}) })), 'csi.list-volumes.presence'],
  'validateVolumeCapabilities knows every volume': [
    controllerBug(() => ({ validateVolumeCapabilities: ({ volumeCapabilities }) => ({ confirmed: { volumeCapabilities } }) })),
    'csi.validate.unknown',
  ],
  'listVolumes starts anew with a bad token': [
    controllerBug((good) => ({
      listVolumes: ({ startingToken = '', ...rest }) =>
        good.listVolumes(startingToken.startsWith('after:') ? { ...rest, startingToken } : rest),
    })),
    'csi.list-volumes.bad-token',
  ],
  'listVolumes repeats the last volume of a page': [
    controllerBug((good) => ({
      listVolumes(request) {
        const { entries = [], ...next } = good.listVolumes(request);
        const previous = /^after:(.+)$/.exec(request.startingToken ?? '')?.[1];
        const again = previous ? good.listVolumes({}).entries?.filter(({ volume }) => volume.volumeId === previous) : [];
        const page = [...(again ?? []), ...entries];
        return { entries: request.maxEntries ? page.slice(0, request.maxEntries) : page, ...next };
      },
    })),
    'csi.list-volumes.pages',
  ],
  'controllerPublishVolume gives a volume to two nodes': [
    controllerBug((good) => ({
      controllerPublishVolume(request) {
        const capability = { ...request.volumeCapability, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' as const } };
        return good.controllerPublishVolume({ ...request, volumeCapability: capability });
      },
    })),
    'csi.controller-publish.second-node',
  ],
  'controllerPublishVolume fails the second time': [
    controllerBug((good) => ({
      controllerPublishVolume(request) {
        if (good.storage.volume(request.volumeId).attached.has(request.nodeId)) throw new CsiError('ALREADY_EXISTS', 'it is there');
        return good.controllerPublishVolume(request);
      },
    })),
    'csi.controller-publish.repeat',
  ],
  'controllerPublishVolume does not count': [
    controllerBug((good) => ({
      controllerPublishVolume(request) {
        try {
          return good.controllerPublishVolume(request);
        } catch (error) {
          if ((error as CsiError).code !== 'RESOURCE_EXHAUSTED') throw error;
          return {};
        }
      },
    })),
    'csi.controller-publish.node-full',
  ],
  'controllerUnpublishVolume needs a node': [
    controllerBug((good) => ({ controllerUnpublishVolume: (request) => (request.nodeId ? good.controllerUnpublishVolume(request) : {}) })),
    'csi.controller-unpublish.all-nodes',
  ],
  'controllerUnpublishVolume of a deleted volume is NOT_FOUND': [
    controllerBug((good) => ({
      controllerUnpublishVolume(request) {
        good.storage.volume(request.volumeId);
        return good.controllerUnpublishVolume(request);
      },
    })),
    'csi.controller-unpublish.gone',
  ],
  'controllerExpandVolume shrinks': [
    controllerBug((good) => ({
      controllerExpandVolume({ volumeId, capacityRange }) {
        good.storage.volume(volumeId).bytes = capacityRange.requiredBytes ?? 0;
        return { capacityBytes: capacityRange.requiredBytes ?? 0, nodeExpansionRequired: true };
      },
    })),
    'csi.controller-expand.never-shrinks',
  ],
  'createSnapshot takes any volume for the same': [
    controllerBug((good) => ({
      createSnapshot(request) {
        const existing = [...good.storage.snapshots.values()].find(({ name }) => name === request.name);
        return good.createSnapshot(existing ? { ...request, sourceVolumeId: existing.volumeId } : request);
      },
    })),
    'csi.create-snapshot.other-source',
  ],
  'listSnapshots does not filter': [
    controllerBug((good) => ({ listSnapshots: ({ sourceVolumeId: _, ...request }) => good.listSnapshots(request) })),
    'csi.list-snapshots.by-source',
  ],
  'a group that fails halfway leaves snapshots': [
    (good) => {
      const storage = (good.controller as MemoryController).storage;
      const createVolumeGroupSnapshot = (request: m.CreateVolumeGroupSnapshotRequest) => {
        for (const id of request.sourceVolumeIds)
          if (!storage.volumes.has(id)) storage.addSnapshot('rest', [...storage.volumes.values()][0] as never);
        return (good.groupController.createVolumeGroupSnapshot as (wanted: typeof request) => m.CreateVolumeGroupSnapshotResponse)(request);
      };
      const groupController = changed(good.groupController, { createVolumeGroupSnapshot } as Partial<typeof good.groupController>);
      return { ...good, groupController };
    },
    'csi.create-group-snapshot.all-or-none',
  ],
  'snapshot metadata ignores the offset': [
    (good) => ({
      ...good,
      snapshotMetadata: changed(good.snapshotMetadata, {
        getMetadataAllocated: (request) => good.snapshotMetadata.getMetadataAllocated({ ...request, startingOffset: 0 }),
      }),
    }),
    'csi.metadata.allocated',
  ],
  'nodeGetInfo says the same on every node': [
    nodeBug((good) => ({ nodeGetInfo: () => ({ ...good.nodeGetInfo(), nodeId: 'memory-node-1' }) })),
    'csi.node.info',
  ],
  'nodeStageVolume formats the disk each time': [
    nodeBug((good, { devices }) => ({
      nodeStageVolume(request) {
        const disk = devices.get(request.publishContext?.['device'] ?? '');
        for (const name of good.staged.has(request.stagingTargetPath) ? [] : (disk?.list('/') ?? []))
          disk?.remove(`/${name}`, { recursive: true });
        disk?.sync();
        return good.nodeStageVolume(request);
      },
    })),
    'csi.data.after-move',
  ],
  'nodeStageVolume mounts once more when it is repeated': [
    nodeBug((good, { mounts }) => ({
      nodeStageVolume(request) {
        const device = request.publishContext?.['device'] ?? '';
        if (good.staged.has(request.stagingTargetPath)) mounts.mount(device, request.stagingTargetPath, { type: 'ext4' });
        return good.nodeStageVolume(request);
      },
    })),
    'csi.life.idempotent',
  ],
  'nodePublishVolume binds an empty directory': [
    nodeBug((_, { files, mounts }) => ({
      nodePublishVolume({ targetPath }) {
        files.makeDirectory(targetPath, { recursive: true });
        mounts.mount('tmpfs', targetPath, { type: 'tmpfs' });
        return {};
      },
    })),
    'csi.data.after-unpublish',
  ],
  'nodePublishVolume forgets readonly': [
    nodeBug((good) => ({ nodePublishVolume: (request) => good.nodePublishVolume({ ...request, readonly: false }) })),
    'csi.data.read-only',
  ],
  'nodePublishVolume takes any second path': [
    nodeBug((good) => ({
      nodePublishVolume(request) {
        good.publications.clear();
        return good.nodePublishVolume(request);
      },
    })),
    'csi.node-publish.second',
  ],
  'nodePublishVolume does without staging': [
    nodeBug((good) => ({
      nodePublishVolume(request) {
        return good.nodePublishVolume({ ...request, stagingTargetPath: request.stagingTargetPath ?? [...good.staged.keys()][0] ?? '' });
      },
    })),
    'csi.node-publish.not-staged',
  ],
  'nodeUnpublishVolume leaves the directory': [
    nodeBug((good, { mounts }) => ({
      nodeUnpublishVolume({ targetPath }) {
        if (mounts.at(targetPath)) mounts.unmount(targetPath);
        good.publications.delete(targetPath);
        return {};
      },
    })),
    'csi.life.whole',
  ],
  'nodeUnpublishVolume deletes what is in the volume': [
    nodeBug((good, { files }) => ({
      nodeUnpublishVolume(request) {
        const { targetPath } = request;
        if (files.exists(targetPath)) for (const name of files.list(targetPath)) files.remove(`${targetPath}/${name}`, { recursive: true });
        return good.nodeUnpublishVolume(request);
      },
    })),
    'csi.data.after-unpublish',
  ],
  'nodeUnstageVolume fails when nothing is staged': [
    nodeBug((good) => ({
      nodeUnstageVolume(request) {
        if (!good.staged.has(request.stagingTargetPath)) throw new CsiError('NOT_FOUND', 'not staged');
        return good.nodeUnstageVolume(request);
      },
    })),
    'csi.life.put-away-after-power-loss',
  ],
  'nodeUnstageVolume leaves the mount': [nodeBug(() => ({ nodeUnstageVolume: () => ({}) })), 'csi.life.whole'],
  'nodeGetVolumeStats tells of any path': [
    nodeBug((good) => ({
      nodeGetVolumeStats: ({ volumeId }) => ({ usage: [{ unit: 'BYTES', total: good.storage.volume(volumeId).bytes }] }),
    })),
    'csi.node-stats.wrong',
  ],
  'nodeExpandVolume does nothing': [nodeBug(() => ({ nodeExpandVolume: () => ({}) })), 'csi.node-expand.works'],
};
