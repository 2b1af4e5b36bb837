import { must } from '@slipway/kernel';
import type { ControllerExpandVolumeRequest } from '../messages/index.ts';
import { csiCase } from './case.ts';

const expands = ['controller', 'controller:CREATE_DELETE_VOLUME', 'controller:EXPAND_VOLUME'] as const;
const modifies = ['controller', 'controller:CREATE_DELETE_VOLUME', 'controller:MODIFY_VOLUME'] as const;

/** Volumes that grow and change. */
export const expandModifyCases = [
  csiCase(
    'controller-expand.no-id',
    'controllerExpandVolume: no id is refused',
    'ControllerExpandVolume; csi-sanity ExpandVolume: should fail if no volume id is given',
    ['controller', 'controller:EXPAND_VOLUME'],
    async (bench) => {
      const request = { volumeId: '', capacityRange: { requiredBytes: bench.capacityBytes } };
      await bench.refused(bench.controller.controllerExpandVolume(request), 'INVALID_ARGUMENT', 'expansion without an id');
    },
  ),
  csiCase(
    'controller-expand.no-range',
    'controllerExpandVolume: no size is refused',
    'ControllerExpandVolume; csi-sanity ExpandVolume: should fail if no capacity range is given',
    expands,
    async (bench) => {
      // Only a caller without types can leave it out.
      const request = { volumeId: (await bench.create()).volumeId } as ControllerExpandVolumeRequest;
      await bench.refused(bench.controller.controllerExpandVolume(request), 'INVALID_ARGUMENT', 'expansion without a size');
    },
  ),
  csiCase(
    'controller-expand.unknown',
    'controllerExpandVolume: an unknown volume is refused',
    'ControllerExpandVolume',
    ['controller', 'controller:EXPAND_VOLUME'],
    async (bench) => {
      const request = { volumeId: 'reallyfakevolumeid', capacityRange: { requiredBytes: bench.capacityBytes } };
      await bench.refused(bench.controller.controllerExpandVolume(request), 'NOT_FOUND', 'an unknown volume');
    },
  ),
  csiCase(
    'controller-expand.works',
    'controllerExpandVolume: the volume has the size that was asked for, and keeps it when asked again',
    'ControllerExpandVolume; csi-sanity ExpandVolume: should work; Slipway CSI-14',
    expands,
    async (bench) => {
      const { volumeId } = await bench.create();
      const capacityRange = { requiredBytes: 2 * bench.capacityBytes };
      for (let round = 0; round < 2; round += 1) {
        const { capacityBytes } = await bench.settle(bench.controller.controllerExpandVolume({ volumeId, capacityRange }));
        must(capacityBytes === capacityRange.requiredBytes, `it has ${capacityRange.requiredBytes} bytes, not ${capacityBytes}`);
      }
    },
  ),
  csiCase(
    'controller-expand.never-shrinks',
    'controllerExpandVolume: a smaller size leaves the volume as it is',
    'ControllerExpandVolume; Slipway CSI-14',
    expands,
    async (bench) => {
      const { volumeId, capacityBytes: before = 0 } = await bench.create();
      const request = { volumeId, capacityRange: { requiredBytes: bench.capacityBytes / 2 } };
      const { capacityBytes } = await bench.settle(bench.controller.controllerExpandVolume(request));
      must(capacityBytes >= before, `${capacityBytes} bytes are no less than ${before}`);
    },
  ),
  csiCase(
    'controller-expand.in-use',
    'controllerExpandVolume: a volume in use grows if the driver says so, and is refused if not',
    'ControllerExpandVolume; PluginCapability.VolumeExpansion',
    [...expands, 'node'],
    async (bench) => {
      const use = await bench.up(await bench.create());
      const { volumeId } = use.volume;
      const request = { volumeId, capacityRange: { requiredBytes: 2 * bench.capacityBytes }, volumeCapability: use.capability };
      const grow = bench.controller.controllerExpandVolume(request);
      if (await bench.has('expansion:ONLINE')) {
        must((await bench.settle(grow)).capacityBytes >= request.capacityRange.requiredBytes, 'it has grown');
        return;
      }
      await bench.refused(grow, 'FAILED_PRECONDITION', 'expansion of a volume in use');
      await bench.down(use);
      must(
        (await bench.settle(bench.controller.controllerExpandVolume(request))).capacityBytes >= request.capacityRange.requiredBytes,
        'it has grown',
      );
    },
  ),
  csiCase(
    'modify.no-id',
    'controllerModifyVolume: no id is refused',
    'ControllerModifyVolume; csi-sanity ModifyVolume: should fail if no volume id is given',
    ['controller', 'controller:MODIFY_VOLUME'],
    async (bench) => {
      const request = { volumeId: '', mutableParameters: {} };
      await bench.refused(bench.controller.controllerModifyVolume(request), 'INVALID_ARGUMENT', 'a change without an id');
    },
  ),
  csiCase(
    'modify.unknown-volume',
    'controllerModifyVolume: an unknown volume is refused',
    'ControllerModifyVolume; csi-sanity ModifyVolume: should fail if volume does not exist',
    ['controller', 'controller:MODIFY_VOLUME'],
    async (bench) => {
      const request = { volumeId: 'reallyfakevolumeid', mutableParameters: bench.subject.mutableParameters ?? {} };
      await bench.refused(bench.controller.controllerModifyVolume(request), 'NOT_FOUND', 'an unknown volume');
    },
  ),
  csiCase(
    'modify.unknown-parameter',
    'controllerModifyVolume: a parameter that the driver does not know is refused',
    'ControllerModifyVolume; csi-sanity ModifyVolume: should fail if specified mutable parameters are not supported by the volume',
    modifies,
    async (bench) => {
      for (const mutableParameters of [{}, bench.subject.mutableParameters ?? {}]) {
        const { volumeId } = await bench.create({ mutableParameters });
        const request = { volumeId, mutableParameters: { ...mutableParameters, XXX_FakeKey: 'XXX_FakeValue' } };
        await bench.refused(bench.controller.controllerModifyVolume(request), 'INVALID_ARGUMENT', 'an unknown mutable parameter');
      }
    },
  ),
  csiCase(
    'modify.works',
    'controllerModifyVolume: known parameters are taken, again and again, and none at all too',
    'ControllerModifyVolume; csi-sanity ModifyVolume: should modify a volume created with, and without, a volume attribute class',
    modifies,
    async (bench) => {
      const { mutableParameters = {} } = bench.subject;
      for (const atFirst of [{}, mutableParameters]) {
        const { volumeId } = await bench.create({ mutableParameters: atFirst });
        for (const next of [mutableParameters, mutableParameters, {}])
          await bench.settle(bench.controller.controllerModifyVolume({ volumeId, mutableParameters: next }));
      }
    },
  ),
];
