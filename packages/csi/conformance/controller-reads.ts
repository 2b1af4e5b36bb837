import { must } from '@slipway/kernel';
import { csiCase } from './case.ts';

const withVolumes = ['controller', 'controller:CREATE_DELETE_VOLUME'] as const;
const lists = [...withVolumes, 'controller:LIST_VOLUMES'] as const;

/** What the controller service tells of itself and its volumes. */
export const controllerReadCases = [
  csiCase(
    'controller.capabilities',
    'controllerGetCapabilities: known capabilities, the same each time',
    'ControllerGetCapabilities; csi-sanity Controller: ControllerGetCapabilities: should return appropriate capabilities',
    ['controller'],
    async (bench) => {
      const ask = async (): Promise<string> => {
        const { capabilities = [] } = await bench.settle(bench.controller.controllerGetCapabilities({}));
        const types = capabilities.map(({ rpc }) => rpc.type);
        must(!types.includes('UNKNOWN') && new Set(types).size === types.length, 'each is known and told once');
        return [...types].sort().join(' ');
      };
      must((await ask()) === (await ask()), 'the second answer is the first');
    },
  ),
  csiCase(
    'validate.no-id',
    'validateVolumeCapabilities: no id is refused',
    'ValidateVolumeCapabilities; csi-sanity ValidateVolumeCapabilities: should fail when no volume id is provided',
    ['controller'],
    async (bench) => {
      const request = { volumeId: '', volumeCapabilities: [bench.capability()] };
      await bench.refused(bench.controller.validateVolumeCapabilities(request), 'INVALID_ARGUMENT', 'validation without an id');
    },
  ),
  csiCase(
    'validate.no-capabilities',
    'validateVolumeCapabilities: no capabilities are refused',
    'ValidateVolumeCapabilities; csi-sanity ValidateVolumeCapabilities: should fail when no volume capabilities are provided',
    withVolumes,
    async (bench) => {
      const { volumeId } = await bench.create();
      const request = { volumeId, volumeCapabilities: [] };
      await bench.refused(bench.controller.validateVolumeCapabilities(request), 'INVALID_ARGUMENT', 'validation without capabilities');
    },
  ),
  csiCase(
    'validate.confirmed',
    'validateVolumeCapabilities: what a volume was made for is confirmed, word for word',
    'ValidateVolumeCapabilities; csi-sanity ValidateVolumeCapabilities: should return appropriate values (no optional values added)',
    withVolumes,
    async (bench) => {
      const { volumeId, volumeContext = {} } = await bench.create();
      const volumeCapabilities = [bench.capability()];
      const { confirmed } = await bench.settle(
        bench.controller.validateVolumeCapabilities({ volumeId, volumeContext, volumeCapabilities }),
      );
      must(confirmed !== undefined, 'it is confirmed');
      must(confirmed.volumeCapabilities.length === 1, 'the capability is repeated');
      must(confirmed.volumeCapabilities[0]?.accessMode.mode === bench.capability().accessMode.mode, 'the mode is that of the request');
    },
  ),
  csiCase(
    'validate.unknown',
    'validateVolumeCapabilities: an unknown volume is refused',
    'ValidateVolumeCapabilities; csi-sanity ValidateVolumeCapabilities: should fail when the requested volume does not exist',
    ['controller'],
    async (bench) => {
      const request = { volumeId: 'some-vol-id', volumeCapabilities: [bench.capability()] };
      await bench.refused(bench.controller.validateVolumeCapabilities(request), 'NOT_FOUND', 'an unknown volume');
    },
  ),
  csiCase(
    'list-volumes.presence',
    'listVolumes: volumes that were made are in the list, and deleted ones are not',
    'ListVolumes; csi-sanity ListVolumes: should return appropriate values; check the presence of new volumes and absence of deleted ones in the volume list',
    lists,
    async (bench) => {
      must((await bench.listed()).length === 0, 'there is no volume yet');
      const volumes = [await bench.create(), await bench.create(), await bench.create()];
      const [first, gone] = volumes;
      must(first !== undefined && gone !== undefined, 'there are volumes');
      await bench.settle(bench.controller.deleteVolume({ volumeId: gone.volumeId }));
      const ids = (await bench.listed()).map(({ volume }) => volume.volumeId);
      const wanted = volumes.filter((volume) => volume !== gone).map(({ volumeId }) => volumeId);
      must([...ids].sort().join() === [...wanted].sort().join(), `${wanted.join(', ')} are listed, not ${ids.join(', ')}`);
    },
  ),
  csiCase(
    'list-volumes.pages',
    'listVolumes: in pages of any size, each volume comes once',
    'ListVolumes; csi-sanity ListVolumes: pagination',
    lists,
    async (bench) => {
      const wanted: string[] = [];
      for (let count = 0; count < 5; count += 1) wanted.push((await bench.create()).volumeId);
      for (const size of [1, 2, 3, 5, 7]) {
        const ids = (await bench.listed(size)).map(({ volume }) => volume.volumeId);
        must([...ids].sort().join() === [...wanted].sort().join(), `pages of ${size} have each volume once`);
      }
      const { entries = [], nextToken = '' } = await bench.settle(bench.controller.listVolumes({ maxEntries: 2 }));
      must(entries.length === 2 && nextToken !== '', 'a page of 2 of 5 has 2 volumes and a token');
    },
  ),
  csiCase(
    'list-volumes.bad-token',
    'listVolumes: a token that nobody gave out is refused',
    'ListVolumes; csi-sanity ListVolumes: should fail when an invalid starting_token is passed',
    lists,
    async (bench) => bench.refused(bench.controller.listVolumes({ startingToken: 'invalid-token' }), 'ABORTED', 'an invalid token'),
  ),
  csiCase(
    'list-volumes.published',
    'listVolumes: tells which nodes have a volume',
    'ListVolumes; LIST_VOLUMES_PUBLISHED_NODES; Slipway CSI-15',
    [...lists, 'node', 'controller:LIST_VOLUMES_PUBLISHED_NODES', 'controller:PUBLISH_UNPUBLISH_VOLUME'],
    async (bench) => {
      const volume = await bench.create();
      const nodes = async (): Promise<string> => ((await bench.listed())[0]?.status?.publishedNodeIds ?? []).join();
      must((await nodes()) === '', 'no node has it');
      const use = await bench.attach(volume);
      must((await nodes()) === (await bench.nodeId()), 'the node has it');
      await bench.detach(use);
      must((await nodes()) === '', 'no node has it any more');
    },
  ),
  csiCase(
    'get-capacity.honest',
    'getCapacity: what is left does not grow when a volume is made',
    'GetCapacity; csi-sanity GetCapacity: should return capacity (no optional values added); Slipway CSI-13',
    [...withVolumes, 'controller:GET_CAPACITY'],
    async (bench) => {
      const before = (await bench.settle(bench.controller.getCapacity({}))).availableCapacity;
      const { volumeId } = await bench.create();
      const after = (await bench.settle(bench.controller.getCapacity({}))).availableCapacity;
      must(after <= before, `${after} bytes are no more than ${before}`);
      await bench.settle(bench.controller.deleteVolume({ volumeId }));
      must((await bench.settle(bench.controller.getCapacity({}))).availableCapacity >= after, 'a deleted volume takes no room');
    },
  ),
  csiCase(
    'get-volume.known',
    'controllerGetVolume: tells the volume as createVolume did, and who has it',
    'ControllerGetVolume',
    [...withVolumes, 'controller:GET_VOLUME'],
    async (bench) => {
      const made = await bench.create();
      const { volume, status } = await bench.settle(bench.controller.controllerGetVolume({ volumeId: made.volumeId }));
      must(
        volume.volumeId === made.volumeId && (volume.capacityBytes ?? 0) === (made.capacityBytes ?? 0),
        'id and size are those of the volume',
      );
      must((status.publishedNodeIds ?? []).length === 0, 'no node has it');
    },
  ),
  csiCase(
    'get-volume.unknown',
    'controllerGetVolume: an unknown volume is refused',
    'ControllerGetVolume',
    ['controller', 'controller:GET_VOLUME'],
    async (bench) =>
      bench.refused(bench.controller.controllerGetVolume({ volumeId: 'reallyfakevolumeid' }), 'NOT_FOUND', 'an unknown volume'),
  ),
];
