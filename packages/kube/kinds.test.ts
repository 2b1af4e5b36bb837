import { describe, expect, it } from 'vitest';
import { customKinds, findKind, kindOf, kinds, qualifiedKind, qualifiedResource, resourceOf } from './kinds.ts';
import { schemas } from './schema/kinds.ts';
import type { CustomResourceDefinition } from './types/index.ts';

describe('kinds', () => {
  it('registry: plurals and apiVersion with kind are unique', () => {
    expect(new Set(kinds.map(({ plural }) => plural)).size).toBe(kinds.length);
    expect(new Set(kinds.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`)).size).toBe(kinds.length);
    expect(new Set(kinds.flatMap(({ shortNames }) => shortNames)).size).toBe(kinds.flatMap(({ shortNames }) => shortNames).length);
  });

  it('lookups: find the same kind by every name', () => {
    const deployment = resourceOf('deployments');
    expect(kindOf('apps/v1', 'Deployment')).toBe(deployment);
    for (const name of ['deploy', 'deployment', 'Deployment', 'deployments.apps', 'deployment.apps'])
      expect(findKind(name)).toBe(deployment);
    expect(findKind('deployments.batch')).toBeUndefined();
    expect(kindOf('extensions/v1beta1', 'Deployment')).toBeUndefined();
  });

  it('names in messages: carry the group except for the core one', () => {
    expect([qualifiedResource(resourceOf('pods')), qualifiedResource(resourceOf('deployments'))]).toEqual(['pods', 'deployments.apps']);
    expect([qualifiedKind(resourceOf('pods')), qualifiedKind(resourceOf('jobs'))]).toEqual(['Pod', 'Job.batch']);
  });

  it('generation: kept by workloads, not by nodes and services', () => {
    const keeps = (plural: 'pods' | 'deployments' | 'nodes' | 'services' | 'leases'): boolean => resourceOf(plural).keepsGeneration;
    expect([keeps('pods'), keeps('deployments'), keeps('nodes'), keeps('services'), keeps('leases')]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('update without resourceVersion: refused for leases and budgets, allowed for pods', () => {
    expect(resourceOf('leases').allowsUnconditionalUpdate).toBe(false);
    expect(resourceOf('poddisruptionbudgets').allowsUnconditionalUpdate).toBe(false);
    expect(resourceOf('pods').allowsUnconditionalUpdate).toBe(true);
  });

  it('schemas: every schema belongs to a kind, but for the bodies of two subresources', () => {
    const strangers = [...schemas.keys()].filter((key) => !kinds.some(({ apiVersion, kind }) => key === `${apiVersion}/${kind}`));
    expect(strangers.sort()).toEqual(['policy/v1/Eviction', 'v1/Binding']);
  });

  it('customKinds: one for each served version, the stored one first', () => {
    const definition: CustomResourceDefinition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'ships.example.com' },
      spec: {
        group: 'example.com',
        names: { plural: 'ships', kind: 'Ship', shortNames: ['sh'] },
        scope: 'Namespaced',
        versions: [
          { name: 'v1alpha1', served: true, storage: false },
          { name: 'v1', served: true, storage: true, subresources: { status: {} } },
          { name: 'v0', served: false, storage: false },
        ],
      },
    };
    const custom = customKinds(definition);
    expect(custom.map(({ apiVersion, statusSubresource }) => [apiVersion, statusSubresource])).toEqual([
      ['example.com/v1', true],
      ['example.com/v1alpha1', false],
    ]);
    expect(findKind('sh', custom)?.kind).toBe('Ship');
  });
});
