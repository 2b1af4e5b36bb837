import fc from 'fast-check';
import { Cell } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { podOf } from '../../testing/observations.ts';
import type { VolumeKind } from '../kinds/volume-kind.ts';
import type { ActualMount, ActualVolume, MountState } from '../state/actual-state.ts';
import type { DesiredVolume } from '../state/desired-state.ts';
import { nextSteps, type VolumeView } from './next-steps.ts';

const spec = { volume: { name: 'data', emptyDir: {} }, readOnly: false };
const kind: VolumeKind = {
  name: 'test',
  takesMountOptions: false,
  supports: () => true,
  path: () => '/',
  setUp: function* () {},
  tearDown: function* () {},
  restore: () => undefined,
};

function wish(uid: string, more: Partial<DesiredVolume> = {}): DesiredVolume {
  const pod = { uid, pod: podOf({}, { uid }), podIPs: [], volumes: new Map(), found: true, errors: [], changed: new Cell(0) };
  return {
    name: 'v',
    outerNames: ['data'],
    pod,
    spec,
    kind,
    attachable: true,
    refreshed: false,
    sizeBytes: undefined,
    claimBytes: undefined,
    ...more,
  };
}

function mount(uid: string, state: MountState, refresh = false): ActualMount {
  return { uid, name: 'data', spec, state, reconstructed: false, refresh };
}

function volume(mounts: readonly ActualMount[], more: Partial<ActualVolume> = {}): ActualVolume {
  const byPod = new Map(mounts.map((each) => [each.uid, each]));
  const shared = { name: 'v', kind, spec, attachable: true, reconstructed: false, sizeBytes: undefined, expansion: 'open' } as const;
  return { ...shared, device: 'mounted', ...more, mounts: byPod };
}

function view(wishes: readonly DesiredVolume[], actual: ActualVolume | undefined, more: Partial<VolumeView> = {}): VolumeView {
  return {
    wishes: new Map(wishes.map((each) => [each.pod.uid, each])),
    actual,
    mayUnmount: true,
    podsSeen: () => true,
    isReleased: () => true,
    mayBeAttached: false,
    ...more,
  };
}

const namesOf = (input: VolumeView) => nextSteps(input).map(({ step }) => step);

describe('nextSteps', () => {
  it('a volume that must be attached waits until it is said to be, and is then verified', () => {
    expect(namesOf(view([wish('a')], undefined))).toEqual(['wait for attach']);
    expect(namesOf(view([wish('a')], undefined, { mayBeAttached: true }))).toEqual(['verify attached']);
    expect(namesOf(view([wish('a', { attachable: false })], undefined))).toEqual(['attach']);
  });

  it('what pods are gone from comes first, and a pod whose containers may run keeps its volume', () => {
    const actual = volume([mount('old', 'mounted')]);
    expect(namesOf(view([wish('new')], actual))).toEqual(['unmount', 'mount']);
    expect(namesOf(view([wish('new')], actual, { isReleased: () => false }))).toEqual(['mount']);
  });

  it('nothing is taken away before what an earlier kubelet left is known', () => {
    expect(namesOf(view([], volume([mount('old', 'uncertain')]), { mayUnmount: false }))).toEqual([]);
    expect(namesOf(view([], volume([], { reconstructed: true }), { podsSeen: () => false }))).toEqual(['wait for pods']);
  });

  it('a volume grows only while it is in use and its driver lets it', () => {
    const larger = wish('a', { sizeBytes: 2 });
    const used = (more: Partial<ActualVolume>) => view([larger], volume([mount('a', 'mounted')], { sizeBytes: 1, ...more }));
    expect(namesOf(used({}))).toEqual(['expand']);
    expect(namesOf(used({ expansion: 'waiting' }))).toEqual([]);
    expect(namesOf(used({ expansion: 'refused' }))).toEqual([]);
    expect(namesOf(used({ sizeBytes: 2 }))).toEqual([]);
  });

  it('the device never goes while a pod has the volume or wants it, and something is always done about what is uncertain', () => {
    const uids = ['a', 'b', 'c'];
    const arbitrary = fc.record({
      wanted: fc.subarray(uids),
      mounts: fc
        .subarray(uids)
        .chain((some) =>
          fc.tuple(...some.map((uid) => fc.record({ uid: fc.constant(uid), state: fc.constantFrom<MountState>('mounted', 'uncertain') }))),
        ),
      device: fc.constantFrom('mounted' as const, 'uncertain' as const, 'unmounted' as const),
    });
    fc.assert(
      fc.property(arbitrary, ({ wanted, mounts, device }) => {
        const actual = volume(
          mounts.map(({ uid, state }) => mount(uid, state)),
          { device },
        );
        const steps = nextSteps(
          view(
            wanted.map((uid) => wish(uid)),
            actual,
          ),
        );
        const leaves = steps.some(({ step }) => step === 'unmount device' || step === 'detach');
        expect(leaves).toBe(wanted.length === 0 && mounts.length === 0);
        for (const { uid, state } of mounts) {
          const about = steps.filter((step) => ('uid' in step ? step.uid : 'wish' in step ? step.wish.pod.uid : '') === uid);
          expect(about.length > 0).toBe(!wanted.includes(uid) || state === 'uncertain');
        }
        for (const uid of wanted) {
          const isMounted = mounts.some((each) => each.uid === uid && each.state === 'mounted');
          expect(steps.some((step) => step.step === 'mount' && step.wish.pod.uid === uid)).toBe(!isMounted);
        }
      }),
    );
  });
});
