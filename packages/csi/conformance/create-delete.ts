import { must } from '@slipway/kernel';
import type { CreateVolumeRequest, Volume } from '../messages/index.ts';
import { accessModes, sameTopology } from '../rules/index.ts';
import { csiCase } from './case.ts';
import { GIB } from './subject.ts';

const createDelete = ['controller', 'controller:CREATE_DELETE_VOLUME'] as const;
const RANGES = 30;
/** As in csi-sanity: the longest name that is legal. */
const longName = (last: string): string => `conformance-${'x'.repeat(128 - 'conformance-'.length - 1)}${last}`;

/** The volume without what may rightly change. */
const identityOf = ({ volumeId, capacityBytes = 0, volumeContext = {} }: Volume): string =>
  JSON.stringify([volumeId, capacityBytes, Object.entries(volumeContext).sort(([a], [b]) => (a < b ? -1 : 1))]);

/** Volumes that come and go. */
export const createDeleteCases = [
  csiCase(
    'create-volume.no-name',
    'createVolume: no name is refused',
    'CreateVolume; csi-sanity CreateVolume: should fail when no name is provided',
    createDelete,
    async (bench) =>
      bench.refused(bench.controller.createVolume(await bench.createRequest({ name: '' })), 'INVALID_ARGUMENT', 'a volume without a name'),
  ),
  csiCase(
    'create-volume.no-capabilities',
    'createVolume: no capabilities are refused',
    'CreateVolume; csi-sanity CreateVolume: should fail when no volume capabilities are provided',
    createDelete,
    async (bench) =>
      bench.refused(
        bench.controller.createVolume(await bench.createRequest({ volumeCapabilities: [] })),
        'INVALID_ARGUMENT',
        'a volume without capabilities',
      ),
  ),
  csiCase(
    'create-volume.no-capacity',
    'createVolume: without a size the driver chooses one',
    'CreateVolume; csi-sanity CreateVolume: should return appropriate values SingleNodeWriter NoCapacity',
    createDelete,
    async (bench) => {
      const { capacityRange: _, ...request } = await bench.createRequest();
      const { volume } = await bench.settle(bench.controller.createVolume(request));
      must(volume.volumeId !== '', 'the volume has an id');
    },
  ),
  csiCase(
    'create-volume.with-capacity',
    'createVolume: the volume is as large as required, if its size is known',
    'CreateVolume; csi-sanity CreateVolume: should return appropriate values SingleNodeWriter WithCapacity 1Gi',
    createDelete,
    async (bench) => {
      const { capacityBytes = 0 } = await bench.create();
      must(capacityBytes === 0 || capacityBytes >= bench.capacityBytes, `${capacityBytes} bytes are at least ${bench.capacityBytes}`);
    },
  ),
  csiCase(
    'create-volume.size-range',
    'createVolume: whatever range is asked for, the size lies in it or the range is refused',
    'CreateVolume; CapacityRange',
    createDelete,
    async (bench) => {
      const { random } = bench.subject;
      for (let round = 0; round < RANGES; round += 1) {
        const requiredBytes = random.integer(0, 64) * GIB + random.pick([0, 0, 1, GIB / 2]);
        const limitBytes = random.chance(1, 2) ? requiredBytes + random.pick([1, GIB, 10 * GIB]) : 0;
        if (requiredBytes + limitBytes === 0) continue;
        const capacityRange = { requiredBytes, limitBytes };
        const outcome = await bench.tried(bench.controller.createVolume(await bench.createRequest({ capacityRange })));
        if ('code' in outcome) {
          must(
            outcome.code === 'OUT_OF_RANGE',
            `${requiredBytes} to ${limitBytes} bytes are refused with OUT_OF_RANGE, not ${outcome.code}`,
          );
          must(limitBytes > 0, `at least ${requiredBytes} bytes are possible`);
          continue;
        }
        const { capacityBytes = 0 } = outcome.answer.volume;
        const fits = capacityBytes === 0 || (capacityBytes >= requiredBytes && (limitBytes === 0 || capacityBytes <= limitBytes));
        must(fits, `${capacityBytes} bytes are from ${requiredBytes} to ${limitBytes || 'any'}`);
      }
    },
  ),
  csiCase(
    'create-volume.repeat',
    'createVolume: the same request again gives the same volume',
    'CreateVolume; csi-sanity CreateVolume: should not fail when requesting to create a volume with already existing name and same capacity; Slipway CSI-05',
    createDelete,
    async (bench) => {
      const request = await bench.createRequest();
      const first = await bench.create(request);
      for (let round = 0; round < 3; round += 1)
        must(identityOf(await bench.create(request)) === identityOf(first), 'the answer is the first one');
      if (!(await bench.has('controller:LIST_VOLUMES'))) return;
      must((await bench.listed()).length === 1, 'one volume is listed');
    },
  ),
  csiCase(
    'create-volume.other-size',
    'createVolume: the same name with another size is refused, and the volume stays',
    'CreateVolume; csi-sanity CreateVolume: should fail when requesting to create a volume with already existing name and different capacity; Slipway CSI-05',
    createDelete,
    async (bench) => {
      const request = await bench.createRequest({ capacityRange: { requiredBytes: bench.capacityBytes, limitBytes: bench.capacityBytes } });
      const first = await bench.create(request);
      if (!first.capacityBytes) return { skipped: 'volumes of the driver have no size' };
      const other = { ...request, capacityRange: { requiredBytes: 2 * bench.capacityBytes, limitBytes: 2 * bench.capacityBytes } };
      await bench.refused(bench.controller.createVolume(other), 'ALREADY_EXISTS', 'the same name with twice the size');
      must(identityOf(await bench.create(request)) === identityOf(first), 'the volume is as before');
      return undefined;
    },
  ),
  csiCase('create-volume.distinct', 'createVolume: two names are two volumes', 'CreateVolume', createDelete, async (bench) => {
    const volumes = [await bench.create(), await bench.create(), await bench.create()];
    must(new Set(volumes.map(({ volumeId }) => volumeId)).size === 3, 'each has an id of its own');
  }),
  csiCase(
    'create-volume.longest-name',
    'createVolume: a name of 128 characters counts to its last one',
    'CreateVolume; csi-sanity CreateVolume: should not fail when creating volume with maximum-length name',
    createDelete,
    async (bench) => {
      const one = await bench.create({ name: longName('1') });
      const other = await bench.create({ name: longName('2') });
      must(one.volumeId !== other.volumeId, 'names that differ at the end are two volumes');
      must((await bench.create({ name: longName('1') })).volumeId === one.volumeId, 'the same name is the same volume');
    },
  ),
  csiCase(
    'create-volume.after-delete',
    'createVolume: the name of a volume that was deleted is free, for any size',
    'CreateVolume; DeleteVolume',
    createDelete,
    async (bench) => {
      const request = await bench.createRequest();
      const { volumeId } = await bench.create(request);
      await bench.settle(bench.controller.deleteVolume({ volumeId }));
      const again = await bench.create({ ...request, capacityRange: { requiredBytes: 2 * bench.capacityBytes } });
      must(!again.capacityBytes || again.capacityBytes >= 2 * bench.capacityBytes, 'it has the new size');
    },
  ),
  csiCase(
    'create-volume.modes',
    'createVolume: a capability is granted and then confirmed, or refused',
    'CreateVolume; ValidateVolumeCapabilities; VolumeCapability',
    createDelete,
    async (bench) => {
      for (const mode of accessModes) {
        for (const kind of [{ mount: {} }, { block: {} }]) {
          const capability = { ...kind, accessMode: { mode } };
          const outcome = await bench.tried(bench.controller.createVolume(await bench.createRequest({ volumeCapabilities: [capability] })));
          const what = `${'block' in kind ? 'block' : 'mount'} ${mode}`;
          if ('code' in outcome) {
            must(outcome.code === 'INVALID_ARGUMENT', `${what} is refused with INVALID_ARGUMENT, not ${outcome.code}`);
            continue;
          }
          const { volumeId, volumeContext = {} } = outcome.answer.volume;
          const request = { volumeId, volumeContext, volumeCapabilities: [capability] };
          const { confirmed } = await bench.settle(bench.controller.validateVolumeCapabilities(request));
          must(confirmed !== undefined, `${what} is confirmed for a volume that was made for it`);
        }
      }
    },
  ),
  csiCase(
    'create-volume.unknown-snapshot',
    'createVolume: a snapshot that does not exist is refused',
    'CreateVolume; csi-sanity CreateVolume: should fail when the volume source snapshot is not found',
    [...createDelete, 'controller:CREATE_DELETE_SNAPSHOT'],
    async (bench) => {
      const request = await bench.createRequest({ volumeContentSource: { snapshot: { snapshotId: 'conformance-no-snapshot' } } });
      await bench.refused(bench.controller.createVolume(request), 'NOT_FOUND', 'an unknown snapshot as source');
    },
  ),
  csiCase(
    'create-volume.unknown-volume',
    'createVolume: a source volume that does not exist is refused',
    'CreateVolume; csi-sanity CreateVolume: should fail when the volume source volume is not found',
    [...createDelete, 'controller:CLONE_VOLUME'],
    async (bench) => {
      const request = await bench.createRequest({ volumeContentSource: { volume: { volumeId: 'conformance-no-volume' } } });
      await bench.refused(bench.controller.createVolume(request), 'NOT_FOUND', 'an unknown volume as source');
    },
  ),
  csiCase(
    'create-volume.topology',
    'createVolume: the volume is reachable from the topology that is required',
    'CreateVolume; TopologyRequirement',
    [...createDelete, 'node', 'plugin:VOLUME_ACCESSIBILITY_CONSTRAINTS'],
    async (bench) => {
      const topology = await bench.topology();
      must(topology !== undefined, 'nodeGetInfo tells where the node is');
      const { accessibleTopology = [] } = await bench.create();
      const keys = Object.entries(topology.segments ?? {});
      const reached = accessibleTopology.some(({ segments = {} }) =>
        Object.entries(segments).every(([key, value]) => keys.some(([own, here]) => own === key && here === value)),
      );
      must(accessibleTopology.length === 0 || reached, 'the volume can be reached from the node');
    },
  ),
  csiCase(
    'create-volume.no-such-topology',
    'createVolume: a topology where nothing can be made is refused',
    'CreateVolume; TopologyRequirement',
    [...createDelete, 'node', 'plugin:VOLUME_ACCESSIBILITY_CONSTRAINTS'],
    async (bench) => {
      const here = await bench.topology();
      const segments = Object.fromEntries(Object.keys(here?.segments ?? {}).map((key) => [key, 'conformance-nowhere']));
      must(Object.keys(segments).length > 0 && !sameTopology({ segments }, here ?? {}), 'nodeGetInfo tells where the node is');
      const request = await bench.createRequest({ accessibilityRequirements: { requisite: [{ segments }] } });
      const codes = ['RESOURCE_EXHAUSTED', 'INVALID_ARGUMENT'];
      await bench.refused(bench.controller.createVolume(request), codes, 'a volume in a place that does not exist');
    },
  ),
  csiCase(
    'create-volume.mutable-parameters',
    'createVolume: mutable parameters are taken, and a repetition gives the same volume',
    'CreateVolume; csi-sanity CreateVolume: should create volume with a volume attribute class',
    [...createDelete, 'controller:MODIFY_VOLUME'],
    async (bench) => {
      const { mutableParameters } = bench.subject;
      if (mutableParameters === undefined) return { skipped: 'the subject names no mutable parameters' };
      const request = await bench.createRequest({ mutableParameters });
      must(identityOf(await bench.create(request)) === identityOf(await bench.create(request)), 'the second volume is the first');
      return undefined;
    },
  ),
  csiCase(
    'create-volume.unknown-mutable-parameter',
    'createVolume: a mutable parameter that the driver does not know is refused, and nothing is made',
    'CreateVolume; csi-sanity CreateVolume: should not create volume with an invalid volume attribute class',
    [...createDelete, 'controller:MODIFY_VOLUME'],
    async (bench) => {
      const request = await bench.createRequest({ mutableParameters: { XXX_FakeKey: 'XXX_FakeValue' } });
      await bench.refused(bench.controller.createVolume(request), 'INVALID_ARGUMENT', 'an unknown mutable parameter');
      if (await bench.has('controller:LIST_VOLUMES')) must((await bench.listed()).length === 0, 'no volume is listed');
    },
  ),
  csiCase(
    'create-volume.secrets',
    'secrets: whatever is sent comes back in no answer and no message',
    'Secrets Requirements',
    createDelete,
    async (bench) => {
      const secrets = { 'conformance.token': 'conformance-s3cr3t' };
      const told: unknown[] = [];
      const request: CreateVolumeRequest = { ...(await bench.createRequest()), secrets };
      const { volume } = await bench.settle(bench.controller.createVolume(request));
      const { volumeId, volumeContext = {} } = volume;
      const volumeCapabilities = request.volumeCapabilities;
      told.push(volume);
      told.push(await bench.settle(bench.controller.validateVolumeCapabilities({ volumeId, volumeContext, volumeCapabilities, secrets })));
      const refusal = bench.controller.createVolume({ ...request, volumeCapabilities: [], secrets });
      told.push(await bench.settle(refusal).catch((error: Error) => error.message));
      told.push(await bench.settle(bench.controller.deleteVolume({ volumeId, secrets })));
      must(!JSON.stringify(told).includes('conformance-s3cr3t'), 'no answer has the secret');
    },
  ),
  csiCase(
    'delete-volume.no-id',
    'deleteVolume: no id is refused',
    'DeleteVolume; csi-sanity DeleteVolume: should fail when no volume id is provided',
    createDelete,
    async (bench) => bench.refused(bench.controller.deleteVolume({ volumeId: '' }), 'INVALID_ARGUMENT', 'deletion without an id'),
  ),
  csiCase(
    'delete-volume.unknown',
    'deleteVolume: a volume that never was is gone',
    'DeleteVolume; csi-sanity DeleteVolume: should succeed when an invalid volume id is used',
    createDelete,
    async (bench) => void (await bench.settle(bench.controller.deleteVolume({ volumeId: 'reallyfakevolumeid' }))),
  ),
  csiCase(
    'delete-volume.repeat',
    'deleteVolume: the volume is gone, and deleting it again succeeds',
    'DeleteVolume; csi-sanity DeleteVolume: should return appropriate values (no optional values added)',
    createDelete,
    async (bench) => {
      const kept = await bench.create();
      const { volumeId } = await bench.create();
      for (let round = 0; round < 3; round += 1) await bench.settle(bench.controller.deleteVolume({ volumeId }));
      const volumeCapabilities = [bench.capability()];
      await bench.refused(bench.controller.validateVolumeCapabilities({ volumeId, volumeCapabilities }), 'NOT_FOUND', 'a deleted volume');
      const still = { volumeId: kept.volumeId, volumeContext: kept.volumeContext ?? {}, volumeCapabilities };
      must(
        (await bench.settle(bench.controller.validateVolumeCapabilities(still))).confirmed !== undefined,
        'the other volume is still there',
      );
    },
  ),
  csiCase(
    'delete-volume.in-use',
    'deleteVolume: a volume that a node has is refused and stays',
    'DeleteVolume; Slipway CSI-07',
    [...createDelete, 'node', 'controller:PUBLISH_UNPUBLISH_VOLUME'],
    async (bench) => {
      const volume = await bench.create();
      const use = await bench.attach(volume);
      const { volumeId } = volume;
      await bench.refused(bench.controller.deleteVolume({ volumeId }), 'FAILED_PRECONDITION', 'deletion of a published volume');
      await bench.settle(bench.controller.controllerPublishVolume(await bench.publishRequest(use)));
      await bench.detach(use);
      await bench.settle(bench.controller.deleteVolume({ volumeId }));
    },
  ),
];
