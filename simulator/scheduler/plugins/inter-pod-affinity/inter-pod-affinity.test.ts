import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Affinity, Pod, PodAffinityTerm } from '@slipway/kube';
import { runCycle } from '../../framework/run-cycle.ts';
import { cacheOf, decidingFramework, stateFor } from '../../testing/profiles.ts';
import { makeNode, makePod, onNode } from '../../testing/objects.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';

const plugin = interPodAffinity();
const nodes = ['a', 'b', 'c'].map((zone) => makeNode(zone, { labels: { zone } }));
const term = (app: string, parts: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  topologyKey: 'zone',
  labelSelector: { matchLabels: { app } },
  ...parts,
});
const near = (...terms: readonly PodAffinityTerm[]): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const away = (...terms: readonly PodAffinityTerm[]): Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms },
});
const app = (name: string, label: string, affinity?: Affinity, namespace = 'default'): Pod =>
  makePod(name, { labels: { app: label }, namespace, spec: affinity ? { affinity } : {} });

function verdicts(
  pod: Pod,
  placed: readonly Pod[],
  namespaces: { readonly [name: string]: { readonly [key: string]: string } } = {},
): readonly string[] {
  const cache = cacheOf(nodes, placed);
  for (const [name, labels] of Object.entries(namespaces)) {
    cache.setNamespace({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
  }
  const state = stateFor(pod, cache);
  const answer = plugin.preFilter(pod, state.snapshot.nodes, state);
  if ('code' in answer && answer.code === 'Skip') return ['Skip'];
  return state.snapshot.nodes.map((nodeInfo) => plugin.filter(pod, nodeInfo, state).reasons[0] ?? 'ok');
}

const AFFINITY = "node(s) didn't match pod affinity rules";
const ANTI_AFFINITY = "node(s) didn't match pod anti-affinity rules";
const EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules";

describe('InterPodAffinity filter', () => {
  test('affinity: only domains with a pod that matches all terms', () => {
    const db = [onNode(app('db', 'db'), 'b')];
    expect(verdicts(app('p', 'web', near(term('db'))), db)).toEqual([AFFINITY, 'ok', AFFINITY]);
    expect(verdicts(app('p', 'web', near(term('db'), term('db', { labelSelector: { matchLabels: { tier: 'x' } } }))), db)).toEqual([
      AFFINITY,
      AFFINITY,
      AFFINITY,
    ]);
  });

  test('anti-affinity holds in both directions', () => {
    const placed = [onNode(app('db', 'db'), 'a'), onNode(app('shy', 'shy', away(term('web'))), 'c')];
    expect(verdicts(app('p', 'web', away(term('db'))), placed)).toEqual([ANTI_AFFINITY, 'ok', EXISTING]);
  });

  test('the first of a group that wants its own company may start anywhere', () => {
    expect(verdicts(app('p', 'web', near(term('web'))), [])).toEqual(['ok', 'ok', 'ok']);
    expect(verdicts(app('p', 'web', near(term('web'))), [onNode(app('q', 'web'), 'c')])).toEqual([AFFINITY, AFFINITY, 'ok']);
  });

  test('namespaces: the own one by default, named ones, or selected ones', () => {
    const elsewhere = [onNode(app('db', 'db', undefined, 'team'), 'b')];
    const reach = (parts: Partial<PodAffinityTerm>) =>
      verdicts(app('p', 'web', near(term('db', parts))), elsewhere, { team: { kind: 'data' } })[1];
    expect([
      reach({}),
      reach({ namespaces: ['team'] }),
      reach({ namespaceSelector: { matchLabels: { kind: 'data' } } }),
      reach({ namespaceSelector: {} }),
    ]).toEqual([AFFINITY, 'ok', 'ok', 'ok']);
  });

  test('a pod that nobody has an opinion about is skipped', () => {
    expect(verdicts(app('p', 'web'), [onNode(app('q', 'web'), 'a')])).toEqual(['Skip']);
  });

  test('SCH-10: pods placed one after the other break no required anti-affinity', () => {
    const framework = decidingFramework();
    const kind = fc.record({ label: fc.constantFrom('x', 'y'), hates: fc.option(fc.constantFrom('x', 'y')) });
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 8 }), (kinds) => {
        const cache = cacheOf(nodes);
        const position = { nextStartNodeIndex: 0 };
        for (const [index, { label, hates }] of kinds.entries()) {
          const pod = app(`p${index}`, label, hates === null ? undefined : away(term(hates)));
          const state = stateFor(pod, cache);
          const outcome = runCycle(framework, state, position);
          if (outcome.kind === 'scheduled') cache.assume(state.podInfo, outcome.nodeName);
        }
        for (const { pods } of cache.updateSnapshot().nodes) {
          for (const one of pods) {
            for (const other of pods) {
              if (one === other) continue;
              const hated = one.requiredAntiAffinityTerms.some(
                ({ selector }) => selector?.matchLabels?.['app'] === other.pod.metadata.labels?.['app'],
              );
              expect(hated).toBe(false);
            }
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('InterPodAffinity score', () => {
  test('own wishes and those of placed pods add up, and are stretched over 0 to 100', () => {
    const wish = (weight: number, label: string) => [{ weight, podAffinityTerm: term(label) }];
    const pod = app('p', 'web', {
      podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wish(10, 'db') },
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wish(4, 'noisy') },
    });
    const placed = [
      onNode(app('db', 'db'), 'a'),
      onNode(app('noisy', 'noisy'), 'b'),
      onNode(app('fan', 'fan', near(term('web'))), 'c'),
      onNode(app('foe', 'foe', { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wish(3, 'web') } }), 'c'),
    ];
    const state = stateFor(pod, cacheOf(nodes, placed));
    expect(plugin.preScore(pod, state.snapshot.nodes, state).code).toBe('Success');
    const raw = state.snapshot.nodes.map((nodeInfo) => plugin.score(pod, nodeInfo, state));
    expect(raw).toEqual([10, -4, -2]);
    expect(plugin.normalizeScore?.(raw, pod, state.snapshot.nodes, state)).toEqual([100, 0, 14]);
  });
});
