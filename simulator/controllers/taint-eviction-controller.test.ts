import { seconds } from '@slipway/kernel';
import type { Pod, Taint, Toleration } from '@slipway/kube';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evictionVerdict, taintEvictionController } from './taint-eviction-controller.ts';
import { ControllerWorld, template } from './testing/world.ts';

const taint = (key: string): Taint => ({ key, effect: 'NoExecute' });
const tolerate = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});
const verdict = (tolerations: readonly Toleration[], taints: readonly Taint[]) =>
  evictionVerdict({ spec: { containers: [], tolerations } }, taints);

describe('eviction verdict', () => {
  it('a taint that nothing covers: now; one without a limit: never; several limits: the shortest; the first cover counts', () => {
    expect(verdict([], [taint('a')])).toEqual({ seconds: 0 });
    expect(verdict([tolerate('a')], [taint('a')])).toBe('never');
    expect(verdict([tolerate('a', 60), tolerate('b', 30)], [taint('a'), taint('b')])).toEqual({ seconds: 30 });
    expect(verdict([tolerate('a', 60)], [taint('a'), taint('b')])).toEqual({ seconds: 0 });
    expect(verdict([tolerate('a'), tolerate('a', 5)], [taint('a')])).toBe('never');
    expect(verdict([tolerate('a', -7)], [taint('a')])).toEqual({ seconds: 0 });
  });

  it('one taint more never lets a pod stay longer', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const tolerations = fc.array(fc.tuple(key, fc.option(fc.nat(300), { nil: undefined })).map(([name, limit]) => tolerate(name, limit)));
    const length = (found: ReturnType<typeof verdict>): number => (found === 'never' ? Number.POSITIVE_INFINITY : found.seconds);
    fc.assert(
      fc.property(tolerations, fc.uniqueArray(key), key, (list, keys, more) => {
        expect(length(verdict(list, [...keys, more].map(taint)))).toBeLessThanOrEqual(length(verdict(list, keys.map(taint))));
      }),
    );
  });
});

describe('taint eviction', () => {
  const pod = (name: string, tolerations: readonly Toleration[]): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default' },
    spec: { ...template('x').spec, nodeName: 'n1', tolerations },
  });

  it('deletes at once, in time, or never, as each pod has it', () => {
    const world = new ControllerWorld({ controllers: [taintEvictionController()] });
    world.run(world.api.pods.create(pod('brief', [tolerate('a', 20)])));
    world.run(world.api.pods.create(pod('never', [tolerate('a')])));
    world.run(world.api.pods.create(pod('none', [])));
    world.pass(seconds(1));
    world.run(world.api.nodes.patch({ name: 'n1', patch: { spec: { taints: [taint('a')] } } }));
    const left = (): readonly string[] => world.pods().map(({ metadata }) => metadata.name);
    world.pass(seconds(1));
    expect(left()).toEqual(['brief', 'never']);
    world.pass(seconds(18));
    expect(left()).toEqual(['brief', 'never']);
    world.pass(seconds(2));
    expect(left()).toEqual(['never']);
  });

  it('the clock goes on over a restart of the controller', () => {
    const world = new ControllerWorld({ controllers: [taintEvictionController()] });
    world.run(world.api.pods.create(pod('brief', [tolerate('a', 60)])));
    world.run(world.api.nodes.patch({ name: 'n1', patch: { spec: { taints: [{ ...taint('a'), timeAdded: '2026-01-01T00:00:00Z' }] } } }));
    world.pass(seconds(40));
    world.restartManager([taintEvictionController()]);
    world.pass(seconds(15));
    expect(world.pods()).toHaveLength(1);
    world.pass(seconds(8));
    expect(world.pods()).toEqual([]);
  });
});
