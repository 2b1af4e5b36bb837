import { describe, expect, it } from 'vitest';
import { cpiCases } from './conformance.ts';
import { sentinelErrors } from './errors.ts';
import * as services from './service.ts';
import spec from './spec.json' with { type: 'json' };

/** Getters of `Interface` are members of what a provider's `create` returns. */
const GETTERS = ['LoadBalancer', 'Instances', 'InstancesV2', 'Zones', 'Clusters', 'Routes'];
const table = {
  Interface: services.cloudProvider,
  InformerUser: services.informerUser,
  LoadBalancer: services.loadBalancer,
  Instances: services.instances,
  InstancesV2: services.instancesV2,
  Zones: services.zones,
  Clusters: services.clusters,
  Routes: services.routes,
  PVLabeler: services.pvLabeler,
};
/** `InstanceExistsByProviderID` is `instanceExistsByProviderId` here. */
const inTypeScript = (go: string): string => {
  const text = go.replace('SSH', 'Ssh').replace(/ID/, 'Id');
  return `${text[0]?.toLowerCase()}${text.slice(1)}`;
};

describe('contract and spec', () => {
  it('interfaces: the nine of cloud.go, with all 36 methods', () => {
    expect(Object.keys(table)).toEqual(Object.keys(spec.interfaces));
    let methods = 0;
    for (const [name, { methods: listed }] of Object.entries(spec.interfaces)) {
      methods += listed.length;
      const own = listed.map((each) => each.name).filter((each) => name !== 'Interface' || !GETTERS.includes(each));
      expect(Object.keys(table[name as keyof typeof table].methods)).toEqual(own.map(inTypeScript));
    }
    expect({ interfaces: Object.keys(table).length, methods }).toEqual(spec.counts);
  });

  it('methods: each names its source and guards its codes', () => {
    for (const { methods } of Object.values(table)) {
      for (const { source, guard } of Object.values(methods)) {
        expect(source).toMatch(/^cloud\.go, /);
        expect(guard?.codes).toBeDefined();
      }
    }
  });

  it('errors: the sentinels in their words; deleting is never somebody else’s to implement', () => {
    expect(sentinelErrors).toEqual(spec.sentinelErrors);
    const allows = (guard: { readonly codes?: unknown } | undefined, code: string): boolean =>
      (guard?.codes as { allows(code: string): boolean } | undefined)?.allows(code) ?? true;
    const { ensureLoadBalancer, updateLoadBalancer, ensureLoadBalancerDeleted } = services.loadBalancer.methods;
    expect(allows(ensureLoadBalancer.guard, 'ImplementedElsewhere')).toBe(true);
    expect(allows(ensureLoadBalancer.guard, 'RetryError')).toBe(true);
    expect(allows(updateLoadBalancer.guard, 'ImplementedElsewhere')).toBe(true);
    expect(allows(ensureLoadBalancerDeleted.guard, 'ImplementedElsewhere')).toBe(false);
    expect(allows(ensureLoadBalancerDeleted.guard, 'UNKNOWN')).toBe(true);
  });

  it('conformance: ids are unique', () => {
    expect(new Set(cpiCases.map(({ id }) => id)).size).toBe(cpiCases.length);
  });
});
