import { csiController, csiNode } from '@slipway/csi';
import type { Guard } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as arbitraries from './csi.ts';

/** What the spec's rules have against a request. */
const wrong = <Q, R>(guard: Guard<Q, R> | undefined, request: Q): readonly string[] =>
  (guard?.rules ?? []).flatMap((rule) => rule.request?.(request) ?? []);

const { methods: controller } = csiController;
const { methods: node } = csiNode;

describe('CSI arbitraries', () => {
  it('createVolume: every request is legal, with source and place too', () => {
    const whole = fc.tuple(
      arbitraries.arbitraryCreateVolumeRequest(),
      arbitraries.arbitraryVolumeContentSource(),
      arbitraries.arbitraryTopologyRequirement(),
    );
    fc.assert(
      fc.property(whole, ([bare, volumeContentSource, accessibilityRequirements]) => {
        expect(wrong(controller.createVolume.guard, bare)).toEqual([]);
        expect(wrong(controller.createVolume.guard, { ...bare, volumeContentSource, accessibilityRequirements })).toEqual([]);
      }),
    );
  });

  it.each([
    ['createSnapshot', arbitraries.arbitraryCreateSnapshotRequest(), controller.createSnapshot.guard],
    ['controllerPublishVolume', arbitraries.arbitraryControllerPublishVolumeRequest(), controller.controllerPublishVolume.guard],
    ['nodeStageVolume', arbitraries.arbitraryNodeStageVolumeRequest(), node.nodeStageVolume.guard],
    ['nodePublishVolume', arbitraries.arbitraryNodePublishVolumeRequest(), node.nodePublishVolume.guard],
  ] as const)('%s: every request is legal', (_, requests, guard) => {
    fc.assert(
      fc.property(requests as fc.Arbitrary<never>, (request) => {
        expect(wrong(guard as Guard<never, never>, request)).toEqual([]);
      }),
    );
  });

  it('createVolume: names and sources differ enough to meet and to miss', () => {
    const names = fc.sample(arbitraries.arbitraryCsiName(), { seed: 1, numRuns: 200 });
    expect(new Set(names).size).toBeGreaterThan(150);
    const sources = fc.sample(arbitraries.arbitraryVolumeContentSource(), { seed: 1, numRuns: 50 });
    expect(new Set(sources.map((source) => Object.keys(source)[0]))).toEqual(new Set(['snapshot', 'volume']));
  });
});
