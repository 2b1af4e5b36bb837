import { all, messageOf } from '@slipway/kernel';
import { describe, expect, test } from 'vitest';
import { CsiBench } from '../../conformance.ts';
import { DriverWorld } from '../testing/driver-world.ts';
import { parseVolumeId, volumeIdOf } from './volume-id.ts';

const MANY = { mount: {}, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' } } as const;

describe('efs', () => {
  test('shared: nodes of all zones see each other’s files at once', async () => {
    const bench = new CsiBench(new DriverWorld('efs'));
    const volume = await bench.create({ volumeCapabilities: [MANY] });
    const uses = [await bench.up(volume, { capability: MANY }), await bench.up(volume, { at: 2, capability: MANY })] as const;
    bench.write(uses[0], 'file', 'shared');
    expect(bench.read(uses[1], 'file')).toBe('shared');
  });

  test('folders: volumes of one file system are apart, and a second one is there sooner than the first', () => {
    const world = new DriverWorld('efs');
    const order = (name: string) =>
      world.controller.createVolume({ name, volumeCapabilities: [MANY], capacityRange: { requiredBytes: 1 } });
    const [first, second] = world.run(all([order('a'), order('b')]));
    const since = world.clouds.kernel.now;
    const third = world.run(order('c'));
    expect(world.clouds.kernel.now - since).toBeLessThan(since / 2);
    const handles = [first, second, third].map((answer) => answer?.volume.volumeId ?? '');
    expect(new Set(handles).size).toBe(3);
    expect(new Set(handles.map((handle) => handle.split(':')[0])).size).toBe(1);
  });

  test('throttling: thirty orders are all carried out, though the cloud takes five and then two a second', () => {
    const world = new DriverWorld('efs', { writes: { burst: 5, perSecond: 2 } });
    const orders = Array.from({ length: 30 }, (_, at) =>
      world.outcome(world.controller.createVolume({ name: `pvc-${at}`, volumeCapabilities: [MANY] })),
    );
    expect(world.run(all(orders)).filter((outcome) => outcome !== 'OK')).toEqual([]);
    expect(world.made.size).toBe(30);
  });

  test('parameters: folders by pattern; wrong ones are refused in upstream’s words', async () => {
    const world = new DriverWorld('efs');
    const bench = new CsiBench(world);
    const refusal = async (parameters: Record<string, string>): Promise<string> =>
      bench.create({ parameters }).then(
        () => 'granted',
        (error: unknown) => messageOf(error),
      );
    expect(await refusal({ provisioningMode: 'efs' })).toMatch(/^Provisioning mode efs is not supported\./);
    expect(await refusal({ provisioningMode: 'efs-ap', fileSystemId: 'fs-00000000000000000' })).toMatch(
      /^File System does not exist: api error/,
    );
    expect(await refusal({ provisioningMode: 'efs-ap', subPathPattern: '${.PVC.colour}' })).toMatch(/contains invalid elements/);
    const pattern = {
      provisioningMode: 'efs-ap',
      basePath: '/teams',
      subPathPattern: '${.PVC.namespace}/${.PVC.name}',
      ensureUniqueDirectory: 'false',
      'csi.storage.k8s.io/pvc/name': 'data',
      'csi.storage.k8s.io/pvc/namespace': 'blue',
    };
    expect(await refusal(pattern)).toBe('granted');
    const { accessPoints } = await world.settle(world.clouds.cloud.describeAccessPoints({}));
    expect(accessPoints.map(({ rootDirectory }) => rootDirectory)).toEqual(['/teams/blue/data']);
  });

  test('handles: what is written is read again; others are told what is wrong', () => {
    const whole = { fileSystemId: 'fs-0123456789', path: '/a', accessPointId: 'fsap-0123456789' };
    expect(parseVolumeId(volumeIdOf(whole))).toEqual(whole);
    expect(parseVolumeId('efs:fs-0123456789')).toEqual({ fileSystemId: 'fs-0123456789' });
    for (const wrong of ['vol-1', 'fs-0123456789::fs-1', 'fs-0123456789:a:fsap-0123456789:b'])
      expect(parseVolumeId(wrong)).toMatch(/invalid/);
  });
});
