import { describe, expect, it } from 'vitest';
import type { PodDisruptionBudget } from '@slipway/kube';
import { node, pod, testWorld } from './test-world.ts';

const at = (name: string) => ({ namespace: 'default', name });

describe('bind', () => {
  it('writes the node once, with the condition, the labels of its zone and what the binding brings', () => {
    const { api, run } = testWorld();
    run(api.nodes.create(node('node-1', { 'topology.kubernetes.io/zone': 'a', other: 'x' })));
    run(api.pods.create(pod('p')));
    const bound = run(api.pods.bind({ ...at('p'), nodeName: 'node-1', annotations: { by: 'test' } }));
    expect(bound.spec.nodeName).toBe('node-1');
    expect(bound.metadata).toMatchObject({ labels: { 'topology.kubernetes.io/zone': 'a' }, annotations: { by: 'test' } });
    expect(bound.status?.conditions).toEqual([{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' }]);
  });

  it('is refused a second time, while deleting, while gated, and for another pod of the name', () => {
    const { api, run, failure } = testWorld();
    for (const name of ['bound', 'gone', 'other']) run(api.pods.create(pod(name)));
    run(api.pods.create(pod('gated', { schedulingGates: [{ name: 'example.com/wait' }] })));
    run(api.pods.create(pod('held', {}, { finalizers: ['example.com/hold'] })));
    run(api.pods.delete(at('held')));
    run(api.pods.bind({ ...at('bound'), nodeName: 'node-1' }));
    const why = (name: string, uid?: string): string =>
      failure(api.pods.bind({ ...at(name), nodeName: 'node-2', ...(uid === undefined ? {} : { uid }) })).message;
    expect(why('bound')).toBe('Operation cannot be fulfilled on pods/binding "bound": pod bound is already assigned to node "node-1"');
    expect(why('held')).toContain('pod held is being deleted, cannot be assigned to a host');
    expect(why('gated')).toContain('pod gated has non-empty .spec.schedulingGates');
    expect(why('other', 'x')).toContain('Precondition failed: UID in precondition: x');
    expect(failure(api.pods.bind({ ...at('missing'), nodeName: 'n' })).code).toBe('NotFound');
  });
});

describe('evict', () => {
  const budget = (status: Partial<PodDisruptionBudget['status']>): PodDisruptionBudget => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: at('pdb'),
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, ...status },
  });

  function withPods(status: Partial<PodDisruptionBudget['status']>) {
    const world = testWorld();
    const { api, run } = world;
    for (const name of ['a', 'b']) {
      run(api.pods.create(pod(name, {}, { labels: { app: 'web' } })));
      run(api.pods.bind({ ...at(name), nodeName: 'node-1' }));
      run(
        api.pods.patch({
          ...at(name),
          subresource: 'status',
          patch: { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } },
        }),
      );
    }
    const made = run(api.poddisruptionbudgets.create(budget({})));
    run(api.poddisruptionbudgets.updateStatus({ ...made, ...budget(status), metadata: made.metadata }));
    return world;
  }

  it('spends the budget: the first goes, the second is told to come again', () => {
    const { api, run, failure } = withPods({ disruptionsAllowed: 1, currentHealthy: 2 });
    expect(run(api.pods.evict(at('a'))).object.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    });
    expect(run(api.poddisruptionbudgets.get(at('pdb'))).status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { a: '2026-01-01T00:00:00Z' },
    });
    expect(failure(api.pods.evict(at('b')))).toEqual({
      code: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
    });
  });

  it('does not ask the budget about a pod that serves nobody', () => {
    const { api, run } = withPods({});
    run(api.pods.patch({ ...at('b'), subresource: 'status', patch: { status: { phase: 'Failed' } } }));
    expect(run(api.pods.evict(at('b'))).gone).toBe(true);
  });

  it('waits for the budget to be worked out', () => {
    const { api, failure } = withPods({ observedGeneration: 0, disruptionsAllowed: 5 });
    expect(failure(api.pods.evict(at('a'))).code).toBe('TooManyRequests');
  });
});
