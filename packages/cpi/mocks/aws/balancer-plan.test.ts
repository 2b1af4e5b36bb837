import type { Service } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { isMadeElsewhere, modification, wantedBalancer } from './balancer-plan.ts';

const service = (spec: Partial<Service['spec']> = {}, annotations: Readonly<Record<string, string>> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', uid: '01234567-89ab-cdef-0123-456789abcdef', annotations },
  spec: { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_080 }], ...spec },
});
const type = 'service.beta.kubernetes.io/aws-load-balancer-type';
const wanted = (given: Service) => wantedBalancer(given, 'kubernetes', ['i-1']);

describe('the balancer that a Service asks for', () => {
  it('without annotations: classic, for everybody, checked at its first node port', () => {
    expect(wanted(service())).toMatchObject({
      name: 'a0123456789abcdef0123456789abcde',
      kind: 'classic',
      scheme: 'internet-facing',
      listeners: [{ protocol: 'TCP', port: 80, targetPort: 30_080 }],
      healthCheck: { protocol: 'TCP', port: 30_080 },
      sourceRanges: ['0.0.0.0/0'],
      tags: { 'kubernetes.io/cluster/kubernetes': 'owned', 'kubernetes.io/service-name': 'shop/web' },
    });
  });

  it('annotations and fields: network, internal, ranges, health of nodes with endpoints', () => {
    expect(wanted(service({ ports: [{ port: 53, nodePort: 30_053, protocol: 'UDP' }] }, { [type]: 'nlb' })).kind).toBe('network');
    const internal = 'service.beta.kubernetes.io/aws-load-balancer-internal';
    expect(['true', 'false', ''].map((value) => wanted(service({}, { [internal]: value })).scheme)).toEqual([
      'internal',
      'internet-facing',
      'internet-facing',
    ]);
    const annotation = { 'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, 192.0.2.0/24' };
    expect(wanted(service({}, annotation)).sourceRanges).toEqual(['10.0.0.0/8', '192.0.2.0/24']);
    expect(wanted(service({ loadBalancerSourceRanges: ['198.51.100.0/24'] }, annotation)).sourceRanges).toEqual(['198.51.100.0/24']);
    expect(wanted(service({ externalTrafficPolicy: 'Local', healthCheckNodePort: 31_000 })).healthCheck).toEqual({
      protocol: 'HTTP',
      port: 31_000,
      path: '/healthz',
    });
    expect(['nlb-ip', 'external', 'nlb'].map((value) => isMadeElsewhere(service({}, { [type]: value })))).toEqual([true, true, false]);
  });

  it.each<[string, Partial<Service['spec']>]>([
    ['unsupported load balancer affinity: ClientIP', { sessionAffinity: 'ClientIP' }],
    ['requested load balancer with no ports', { ports: [] }],
    ['Protocol UDP not supported by LoadBalancer', { ports: [{ port: 53, nodePort: 30_053, protocol: 'UDP' }] }],
    ['mixed protocol is not supported for LoadBalancer', { ports: [{ port: 53 }, { port: 54, protocol: 'UDP' }] }],
    ['LoadBalancerIP cannot be specified for AWS ELB', { loadBalancerIP: '203.0.113.1' }],
  ])('refused: %s', (message, spec) => {
    expect(() => wanted(service(spec))).toThrow(message);
  });

  it('what is there already needs no call; what differs is all that is ordered', () => {
    const there = { ...wanted(service()), dnsName: 'x', state: 'active' as const };
    expect(modification(there, wanted(service()))).toBeUndefined();
    expect(modification(there, wantedBalancer(service(), 'kubernetes', ['i-1', 'i-2']))).toEqual({
      name: there.name,
      targets: ['i-1', 'i-2'],
    });
  });
});
