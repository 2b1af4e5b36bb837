import type { Rule } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { namespace, pod, running } from './conformance/objects.ts';
import { rules } from './rules.ts';
import type { TrafficMetrics } from './types/index.ts';

/** What the rules find wrong with a call. */
function wrong<Q, R>(list: readonly Rule<Q, R>[], request: Q, response?: R): readonly string[] {
  return list.flatMap(({ id, request: ofRequest, response: ofResponse }) => {
    const found = response === undefined ? ofRequest?.(request) : ofResponse?.(request, response);
    return found === undefined ? [] : [id];
  });
}

const web = pod('default', 'web', 'web');
const to = { namespace: 'default', service: 'web', port: 80 };

describe('rules', () => {
  it('inject: the same pod, with all of its containers', () => {
    const request = { pod: web, namespace: namespace('default') };
    const answer = (change: object) => ({ pod: { ...web, ...change } });
    expect(wrong(rules.inject, request, {})).toEqual([]);
    expect(
      wrong(rules.inject, request, answer({ spec: { ...web.spec, containers: [...web.spec.containers, { name: 'proxy' }] } })),
    ).toEqual([]);
    for (const change of [{ name: 'other' }, { namespace: 'other' }, { generateName: 'x-' }]) {
      expect(wrong(rules.inject, request, answer({ metadata: { ...web.metadata, ...change } }))).toEqual(['smi.inject.same-pod']);
    }
    expect(wrong(rules.inject, request, answer({ spec: { ...web.spec, initContainers: [] } }))).toEqual(['smi.inject.keeps-containers']);
  });

  it('identity: the account of the pod, with a name', () => {
    const request = { pod: running(web, 'u') };
    const identity = { namespace: 'default', serviceAccount: 'web', name: 'web.default' };
    expect(wrong(rules.identity, request, {})).toEqual([]);
    expect(wrong(rules.identity, request, { identity })).toEqual([]);
    for (const change of [{ namespace: 'x' }, { serviceAccount: 'default' }, { name: '' }]) {
      expect(wrong(rules.identity, request, { identity: { ...identity, ...change } })).toEqual(['smi.identity.service-account']);
    }
  });

  it('route: the port that was asked for, and a split of the namespace where another Service is named', () => {
    const request = { to, protocol: 'TCP' as const };
    expect(wrong(rules.route, request)).toEqual([]);
    expect(wrong(rules.route, { ...request, to: { ...to, port: 0 } })).toEqual(['smi.route.request']);
    expect(wrong(rules.route, request, { to })).toEqual([]);
    expect(wrong(rules.route, request, { to: { ...to, service: 'v1' }, split: 'default/s' })).toEqual([]);
    expect(wrong(rules.route, request, { to: { ...to, service: 'v1' } })).toEqual(['smi.route.split-named']);
    expect(wrong(rules.route, request, { to: { ...to, namespace: 'shop' }, split: 'default/s' })).toEqual(['smi.route.split-named']);
    expect(wrong(rules.route, request, { to: { ...to, port: 81 } })).toEqual(['smi.route.port-kept']);
    expect(wrong(rules.route, request, { to: { ...to, service: '' }, split: 'default/s' })).toEqual(['smi.route.port-kept']);
  });

  it('authorise: says why, and no target denies', () => {
    const request = { destination: running(web, 'u'), port: 8080, protocol: 'TCP' as const };
    expect(wrong(rules.authorise, { ...request, port: 1.5 })).toEqual(['smi.authorise.port']);
    expect(wrong(rules.authorise, request, { allowed: true, reason: 'yes', target: 'default/t' })).toEqual([]);
    expect(wrong(rules.authorise, request, { allowed: false, reason: '' })).toEqual(['smi.authorise.reason']);
    expect(wrong(rules.authorise, request, { allowed: false, reason: 'no', target: 'default/t' })).toEqual(['smi.authorise.target']);
  });

  it('observe and metrics: durations, names, counts', () => {
    expect(wrong(rules.observe, { to, success: true, latency: 5 })).toEqual([]);
    for (const latency of [-1, 0.5, Number.NaN])
      expect(wrong(rules.observe, { to, success: true, latency })).toEqual(['smi.observe.latency']);
    expect(wrong(rules.metrics, { resource: { kind: 'Pod' }, edges: true })).toEqual(['smi.metrics.request']);
    expect(wrong(rules.metrics, { resource: {} })).toEqual(['smi.metrics.request']);
    const item = (value: string): TrafficMetrics => ({
      apiVersion: 'metrics.smi-spec.io/v1alpha1',
      kind: 'TrafficMetrics',
      resource: {},
      timestamp: '2026-01-01T00:00:00Z',
      window: '30s',
      metrics: [{ name: 'success_count', value }],
    });
    const request = { resource: { kind: 'Pod' } };
    expect(wrong(rules.metrics, request, { items: [item('12')] })).toEqual([]);
    for (const value of ['-1', '1.5', 'many'])
      expect(wrong(rules.metrics, request, { items: [item(value)] })).toEqual(['smi.metrics.items']);
  });
});
