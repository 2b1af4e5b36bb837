import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Service, ServiceSpec } from '@slipway/kube';
import { testWorld } from './test-world.ts';

const service = (name: string, spec: Partial<ServiceSpec> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec: { ports: [{ name: 'http', port: 80 }], ...spec },
});

const at = (name: string) => ({ namespace: 'default', name });

describe('service numbers', () => {
  it('addresses are unique, in range and above the band that is left for explicit requests; freed with the removal', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd', 'e'), remove: fc.boolean() }), { maxLength: 30 }),
        (steps) => {
          const { api, run, server } = testWorld({ serviceCidr: '10.0.0.0/24' });
          for (const { name, remove } of steps) {
            const exists = server.peek('services', 'default', name) !== undefined;
            if (exists && remove) run(api.services.delete(at(name)));
            else if (!exists) run(api.services.create(service(name)));
            const addresses = run(api.services.list()).items.map(({ spec }) => spec.clusterIP);
            expect(new Set(addresses).size).toBe(addresses.length);
            for (const address of addresses.slice(0, -1)) expect(Number(address?.split('.')[3])).toBeGreaterThan(16);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('the band is used once the rest is full, then the range is full', () => {
    const { api, run, failure } = testWorld({ serviceCidr: '10.0.0.0/27' });
    // 30 hosts less the one of `kubernetes`.
    for (let n = 0; n < 29; n++) run(api.services.create(service(`s-${n}`)));
    expect(failure(api.services.create(service('one-more'))).message).toContain('range is full');
    run(api.services.delete(at('s-7')));
    run(api.services.create(service('one-more')));
  });

  it('an address that is taken or out of range is refused, and nothing stays taken', () => {
    const { api, run, failure } = testWorld();
    run(api.services.create(service('a', { clusterIP: '10.96.0.77' })));
    expect(failure(api.services.create(service('b', { clusterIP: '10.96.0.77' }))).message).toContain('provided IP is already allocated');
    expect(failure(api.services.create(service('b', { clusterIP: '10.0.0.1' }))).message).toContain('not in the valid range');
    const wrongPort = service('b', { clusterIP: '10.96.0.78', type: 'NodePort', ports: [{ port: 80, nodePort: 5 }] });
    expect(failure(api.services.create(wrongPort)).code).toBe('Invalid');
    run(api.services.create(service('b', { clusterIP: '10.96.0.78' })));
  });

  it('node ports come with the type and go with it; an update that leaves out numbers keeps them', () => {
    const { api, run } = testWorld();
    const made = run(api.services.create(service('a', { type: 'NodePort' })));
    const port = made.spec.ports?.[0]?.nodePort ?? 0;
    expect(port).toBeGreaterThanOrEqual(30_086);
    expect(port).toBeLessThanOrEqual(32_767);
    const updated = run(api.services.update(service('a', { type: 'NodePort', ports: [{ name: 'http', port: 8080 }] })));
    expect([updated.spec.clusterIP, updated.spec.ports?.[0]?.nodePort]).toEqual([made.spec.clusterIP, port]);
    const inner = run(api.services.update(service('a')));
    expect(inner.spec.ports?.[0]?.nodePort).toBeUndefined();
    run(api.services.create(service('b', { type: 'NodePort', ports: [{ port: 80, nodePort: port }] })));
  });

  it('headless has none; ExternalName has none; leaving LoadBalancer clears its address at once', () => {
    const { api, run } = testWorld();
    expect(run(api.services.create(service('headless', { clusterIP: 'None' }))).spec.clusterIPs).toEqual(['None']);
    expect(run(api.services.create(service('name', { type: 'ExternalName', externalName: 'example.com' }))).spec.clusterIP).toBeUndefined();
    run(api.services.create(service('lb', { type: 'LoadBalancer' })));
    run(
      api.services.patch({ ...at('lb'), subresource: 'status', patch: { status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } } } }),
    );
    expect(run(api.services.patch({ ...at('lb'), patch: { spec: { type: 'ClusterIP' } } })).status?.loadBalancer).toEqual({});
  });
});
