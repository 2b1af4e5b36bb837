import { must } from '@slipway/kernel';
import type { ControllerPublishVolumeRequest, Volume } from '../messages/index.ts';
import { csiCase } from './case.ts';

const publishes = ['controller', 'node', 'controller:CREATE_DELETE_VOLUME', 'controller:PUBLISH_UNPUBLISH_VOLUME'] as const;
/** A case that fills a node makes so many volumes at most. */
const MOST = 64;

/** Volumes that are given to nodes. */
export const publishCases = [
  csiCase(
    'controller-publish.no-volume-id',
    'controllerPublishVolume: no volume id is refused',
    'ControllerPublishVolume; csi-sanity ControllerPublishVolume: should fail when no volume id is provided',
    publishes,
    async (bench) => {
      const request = { volumeId: '', nodeId: await bench.nodeId(), volumeCapability: bench.capability(), readonly: false };
      await bench.refused(bench.controller.controllerPublishVolume(request), 'INVALID_ARGUMENT', 'publishing without a volume id');
    },
  ),
  csiCase(
    'controller-publish.no-node-id',
    'controllerPublishVolume: no node id is refused',
    'ControllerPublishVolume; csi-sanity ControllerPublishVolume: should fail when no node id is provided',
    publishes,
    async (bench) => {
      const { volumeId } = await bench.create();
      const request = { volumeId, nodeId: '', volumeCapability: bench.capability(), readonly: false };
      await bench.refused(bench.controller.controllerPublishVolume(request), 'INVALID_ARGUMENT', 'publishing without a node id');
    },
  ),
  csiCase(
    'controller-publish.no-capability',
    'controllerPublishVolume: no capability is refused',
    'ControllerPublishVolume; csi-sanity ControllerPublishVolume: should fail when no volume capability is provided',
    publishes,
    async (bench) => {
      const { volumeId } = await bench.create();
      // Only a caller without types can leave it out.
      const request = { volumeId, nodeId: await bench.nodeId(), readonly: false } as ControllerPublishVolumeRequest;
      await bench.refused(bench.controller.controllerPublishVolume(request), 'INVALID_ARGUMENT', 'publishing without a capability');
    },
  ),
  csiCase(
    'controller-publish.unknown-volume',
    'controllerPublishVolume: an unknown volume is refused',
    'ControllerPublishVolume; csi-sanity ControllerPublishVolume: should fail when the volume does not exist',
    publishes,
    async (bench) => {
      const known = { nodeId: await bench.nodeId(), volumeCapability: bench.capability(), readonly: false };
      for (const nodeId of [known.nodeId, 'some-fake-node-id']) {
        const request = { ...known, nodeId, volumeId: 'some-fake-volume-id' };
        await bench.refused(bench.controller.controllerPublishVolume(request), 'NOT_FOUND', 'an unknown volume');
      }
    },
  ),
  csiCase(
    'controller-publish.unknown-node',
    'controllerPublishVolume: an unknown node is refused',
    'ControllerPublishVolume; csi-sanity ControllerPublishVolume: should fail when the node does not exist',
    publishes,
    async (bench) => {
      const { volumeId } = await bench.create();
      const request = { volumeId, nodeId: 'some-fake-node-id', volumeCapability: bench.capability(), readonly: false };
      await bench.refused(bench.controller.controllerPublishVolume(request), 'NOT_FOUND', 'an unknown node');
    },
  ),
  csiCase(
    'controller-publish.repeat',
    'controllerPublishVolume: repeating succeeds, with the same context',
    'ControllerPublishVolume; csi-sanity Controller: volume lifecycle: should be idempotent',
    publishes,
    async (bench) => {
      const use = await bench.attach(await bench.create());
      const request = await bench.publishRequest(use);
      for (let round = 0; round < 3; round += 1) {
        const { publishContext = {} } = await bench.settle(bench.controller.controllerPublishVolume(request));
        must(sorted(publishContext) === sorted(use.publishContext), 'publishContext is that of the first answer');
      }
    },
  ),
  csiCase(
    'controller-publish.incompatible',
    'controllerPublishVolume: the same node with another readonly flag is refused',
    'ControllerPublishVolume; csi-sanity ControllerPublishVolume: should fail when the volume is already published but is incompatible',
    [...publishes, 'controller:PUBLISH_READONLY'],
    async (bench) => {
      const use = await bench.attach(await bench.create());
      const request = { ...(await bench.publishRequest(use)), readonly: true };
      await bench.refused(bench.controller.controllerPublishVolume(request), 'ALREADY_EXISTS', 'another readonly flag');
      await bench.settle(bench.controller.controllerPublishVolume({ ...request, readonly: false }));
    },
  ),
  csiCase(
    'controller-publish.second-node',
    'controllerPublishVolume: a volume for one node goes to no second one before the first has let go',
    'ControllerPublishVolume; Slipway CSI-01',
    [...publishes, 'two nodes'],
    async (bench) => {
      const capability = bench.capability('SINGLE_NODE_WRITER');
      const outcome = await bench.tried(bench.controller.createVolume(await bench.createRequest({ volumeCapabilities: [capability] })));
      if ('code' in outcome) return { skipped: 'the driver has no volumes for a single writer' };
      const { volume } = outcome.answer;
      const first = await bench.attach(volume, { capability });
      const second = await bench.publishRequest({ ...first, at: 1 });
      await bench.refused(bench.controller.controllerPublishVolume(second), 'FAILED_PRECONDITION', 'a second node');
      await bench.detach(first);
      await bench.settle(bench.controller.controllerPublishVolume(second));
      await bench.refused(
        bench.controller.controllerPublishVolume(await bench.publishRequest(first)),
        'FAILED_PRECONDITION',
        'the first node, once the second has it',
      );
      return undefined;
    },
  ),
  csiCase(
    'controller-publish.node-full',
    'controllerPublishVolume: a node takes as many volumes as it says, and no more',
    'ControllerPublishVolume; csi-sanity ControllerPublishVolume: should fail when publishing more volumes than the node max attach limit; Slipway SCH-15',
    publishes,
    async (bench) => {
      const { maxVolumesPerNode: most = 0 } = await bench.settle(bench.node().nodeGetInfo({}));
      if (most === 0) return { skipped: 'the driver names no limit' };
      if (most > MOST) return { skipped: `the limit of ${most} volumes is too high to try` };
      const volumes: Volume[] = [];
      for (let count = 0; count < most; count += 1) {
        const volume = await bench.create();
        await bench.attach(volume);
        volumes.push(volume);
      }
      const late = await bench.create();
      const request = { volumeId: late.volumeId, nodeId: await bench.nodeId(), volumeCapability: bench.capability(), readonly: false };
      await bench.refused(bench.controller.controllerPublishVolume(request), 'RESOURCE_EXHAUSTED', `volume number ${most + 1}`);
      const [first] = volumes;
      if (first) await bench.detach({ volume: first, at: 0 });
      await bench.attach(late);
      return undefined;
    },
  ),
  csiCase(
    'controller-unpublish.no-volume-id',
    'controllerUnpublishVolume: no volume id is refused',
    'ControllerUnpublishVolume; csi-sanity ControllerUnpublishVolume: should fail when no volume id is provided',
    publishes,
    async (bench) => {
      const request = { volumeId: '', nodeId: await bench.nodeId() };
      await bench.refused(bench.controller.controllerUnpublishVolume(request), 'INVALID_ARGUMENT', 'unpublishing without a volume id');
    },
  ),
  csiCase(
    'controller-unpublish.repeat',
    'controllerUnpublishVolume: repeating succeeds, and so does a volume that was never published',
    'ControllerUnpublishVolume; csi-sanity Controller: volume lifecycle: should be idempotent',
    publishes,
    async (bench) => {
      const volume = await bench.create();
      await bench.detach({ volume, at: 0 });
      const use = await bench.attach(volume);
      for (let round = 0; round < 3; round += 1) await bench.detach(use);
    },
  ),
  csiCase(
    'controller-unpublish.gone',
    'controllerUnpublishVolume: of a volume that is deleted succeeds, so that detaching comes to an end',
    'ControllerUnpublishVolume; Slipway CSI-09',
    publishes,
    async (bench) => {
      const volume = await bench.create();
      const use = await bench.attach(volume);
      await bench.detach(use);
      await bench.settle(bench.controller.deleteVolume({ volumeId: volume.volumeId }));
      await bench.detach(use);
    },
  ),
  csiCase(
    'controller-unpublish.all-nodes',
    'controllerUnpublishVolume: without a node id it takes the volume from all nodes',
    'ControllerUnpublishVolume',
    [...publishes, 'two nodes'],
    async (bench) => {
      const capability = bench.capability('SINGLE_NODE_WRITER');
      const outcome = await bench.tried(bench.controller.createVolume(await bench.createRequest({ volumeCapabilities: [capability] })));
      if ('code' in outcome) return { skipped: 'the driver has no volumes for a single writer' };
      const first = await bench.attach(outcome.answer.volume, { capability });
      await bench.settle(bench.controller.controllerUnpublishVolume({ volumeId: first.volume.volumeId }));
      await bench.settle(bench.controller.controllerPublishVolume(await bench.publishRequest({ ...first, at: 1 })));
      return undefined;
    },
  ),
];

const sorted = (map: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1)));
