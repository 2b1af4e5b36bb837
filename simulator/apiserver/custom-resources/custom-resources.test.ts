import fc from 'fast-check';
import type { CustomResourceDefinition, JsonValue, KubeObject } from '@slipway/kube';
import { smiCrds } from '@slipway/smi';
import { describe, expect, it } from 'vitest';
import { type TestWorld, testWorld } from '../test-world.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';
import { defaulted, pruned } from './prune-and-default.ts';
import { compileSchema } from './schema.ts';

type Version = CustomResourceDefinition['spec']['versions'][number];

function gadgets(
  ...versions: readonly (Partial<Version> & { readonly name: string; readonly spec: JsonValue })[]
): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
      versions: versions.map(({ spec, ...version }, index) => ({
        served: true,
        storage: index === 0,
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec, status: { type: 'object', properties: { phase: { type: 'string' } } } } },
        },
        ...version,
      })),
    },
  };
}

const gadget = (spec: unknown, version = 'v1', name = 'g'): KubeObject =>
  ({ apiVersion: `example.com/${version}`, kind: 'Gadget', metadata: { name, namespace: 'default' }, spec }) as KubeObject;

function worldWith(definition: CustomResourceDefinition): TestWorld & { readonly gadgets: ReturnType<TestWorld['api']['resource']> } {
  const world = testWorld();
  world.run(world.api.customresourcedefinitions.create(definition));
  return { ...world, gadgets: world.api.resource(definition.spec.names.plural) as never };
}

const sized: JsonValue = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1 },
    colour: { type: 'string', default: 'grey' },
    parts: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' }, count: { type: 'integer', default: 1 } } } },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

describe('objects of a definition', () => {
  it('are refused with every wrong field in upstream’s words', () => {
    const { gadgets: resource, failure } = worldWith(gadgets({ name: 'v1', spec: sized }));
    expect(failure(resource.create(gadget({ size: 0, colour: 7 })))).toEqual({
      code: 'Invalid',
      message:
        'Gadget.example.com "g" is invalid: [spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1, ' +
        'spec.colour: Invalid value: "integer": spec.colour in body must be of type string: "integer"]',
    });
    expect(failure(resource.create(gadget({}))).message).toBe('Gadget.example.com "g" is invalid: spec.size: Required value');
  });

  it('lose what the schema does not know and get its defaults, at any depth', () => {
    const { gadgets: resource, run } = worldWith(gadgets({ name: 'v1', spec: sized }));
    const sent = gadget({ size: 2, secret: 1, parts: [{ name: 'a', junk: true }], free: { any: { thing: 1 } } });
    expect(run(resource.create(sent))).toMatchObject({
      spec: { size: 2, colour: 'grey', parts: [{ name: 'a', count: 1 }], free: { any: { thing: 1 } } },
    });
    expect(JSON.stringify(run(resource.get({ namespace: 'default', name: 'g' })))).not.toMatch(/secret|junk/);
  });

  it('keep everything where the definition says so', () => {
    const definition = gadgets({ name: 'v1', spec: sized });
    const { gadgets: resource, run } = worldWith({ ...definition, spec: { ...definition.spec, preserveUnknownFields: true } });
    expect(run(resource.create(gadget({ size: 2, secret: 1 })))).toMatchObject({ spec: { secret: 1 } });
  });

  it('are checked by the schema of the version they are sent in, and kept in the one that is stored', () => {
    const {
      gadgets: resource,
      run,
      failure,
    } = worldWith(
      gadgets(
        { name: 'v1', spec: sized },
        { name: 'v1beta1', spec: { type: 'object', properties: { size: { 'x-kubernetes-int-or-string': true } } } },
      ),
    );
    expect(run(resource.create(gadget({ size: 'big' }, 'v1beta1')))).toMatchObject({
      apiVersion: 'example.com/v1',
      spec: { size: 'big', colour: 'grey' },
    });
    expect(failure(resource.create(gadget({ size: 'big' }, 'v1', 'h'))).code).toBe('Invalid');
    expect(failure(resource.create(gadget({ size: 1 }, 'v2', 'h'))).code).toBe('BadRequest');
  });

  it('that were wrong before may stay so, and nothing else may become it', () => {
    const {
      api,
      gadgets: resource,
      run,
      failure,
    } = worldWith(gadgets({ name: 'v1', spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }));
    run(resource.create(gadget({ size: 0 })));
    const { metadata } = run(api.customresourcedefinitions.get({ name: 'gadgets.example.com' }));
    run(api.customresourcedefinitions.update({ ...gadgets({ name: 'v1', spec: sized }), metadata }));
    const patch = (spec: object) => resource.patch({ namespace: 'default', name: 'g', patch: { spec } });
    expect(run(patch({ colour: 'red' }))).toMatchObject({ spec: { size: 0, colour: 'red' } });
    expect(failure(patch({ size: -1 })).code).toBe('Invalid');
  });

  it('that lack what is required now may still have other metadata', () => {
    const {
      api,
      gadgets: resource,
      run,
      failure,
    } = worldWith(gadgets({ name: 'v1', spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }));
    run(resource.create(gadget({ colour: 'red' })));
    const { metadata } = run(api.customresourcedefinitions.get({ name: 'gadgets.example.com' }));
    run(api.customresourcedefinitions.update({ ...gadgets({ name: 'v1', spec: sized }), metadata }));
    const patch = (change: object) => resource.patch({ namespace: 'default', name: 'g', patch: change });
    expect(run(patch({ metadata: { finalizers: ['example.com/wait'] } }))).toMatchObject({
      metadata: { finalizers: ['example.com/wait'] },
    });
    expect(failure(patch({ spec: { colour: 'blue' } })).message).toContain('spec.size: Required value');
  });

  it('have a status of their own where the version has the subresource, checked too', () => {
    const { gadgets: resource, run, failure } = worldWith(gadgets({ name: 'v1', spec: sized, subresources: { status: {} } }));
    const made = run(resource.create({ ...gadget({ size: 1 }), status: { phase: 'sent' } } as KubeObject));
    expect(made).not.toHaveProperty('status');
    const updated = run(resource.updateStatus({ ...made, spec: { size: 9 }, status: { phase: 'Ready', junk: 1 } } as never));
    expect(updated).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' }, metadata: { generation: 1 } });
    expect(updated).not.toHaveProperty('status.junk');
    expect(failure(resource.updateStatus({ ...updated, status: { phase: 1 } } as never)).message).toContain(
      'status.phase in body must be of type string',
    );
  });

  it('are refused after webhooks, not before', () => {
    const world = worldWith(gadgets({ name: 'v1', spec: sized }));
    world.server.addWebhook({
      name: 'grower',
      matches: ({ kind }) => kind.kind === 'Gadget',
      admit: ({ object }) => ({ ...object, spec: { size: 5 } }) as KubeObject,
    });
    expect(world.run(world.gadgets.create(gadget({ size: 0 })))).toMatchObject({ spec: { size: 5 } });
  });
});

describe('definitions', () => {
  it('are refused when nothing could be checked by their schema', () => {
    const { api, failure } = testWorld();
    const refused = (spec: JsonValue): string => failure(api.customresourcedefinitions.create(gadgets({ name: 'v1', spec }))).message;
    expect(refused({ type: 'text' })).toContain('spec.versions[0].schema.openAPIV3Schema.properties[spec].type: Unsupported value: "text"');
    expect(refused({ type: 'string', pattern: '(' })).toContain('pattern: Invalid value: "("');
    const definition = gadgets({ name: 'v1', spec: {} });
    const without = { ...definition, spec: { ...definition.spec, versions: [{ name: 'v1', served: true, storage: true }] } };
    expect(failure(api.customresourcedefinitions.create(without)).message).toContain(
      'openAPIV3Schema: Required value: schemas are required',
    );
  });

  it('remember every version that objects may be stored in', () => {
    const { api, run } = worldWith(gadgets({ name: 'v1', spec: {} }, { name: 'v2', spec: {} }));
    const old = run(api.customresourcedefinitions.get({ name: 'gadgets.example.com' }));
    const versions = old.spec.versions.map((version) => ({ ...version, storage: version.name === 'v2' }));
    const updated = run(api.customresourcedefinitions.update({ ...old, spec: { ...old.spec, versions } }));
    expect(updated.status?.storedVersions).toEqual(['v1', 'v2']);
  });
});

describe('tables', () => {
  const now = Date.UTC(2026, 0, 1, 2) * 1000;
  const columns = [
    { name: 'Service', type: 'string', jsonPath: '.spec.service' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Count', type: 'integer', jsonPath: '.spec.parts[0].count' },
    { name: 'Tier', type: 'string', jsonPath: '.metadata.labels.example\\.com/tier', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ];
  const object: KubeObject = {
    ...gadget({ service: 'web', parts: [{ count: 3 }] }),
    metadata: { name: 'g', namespace: 'default', labels: { 'example.com/tier': 'front' }, creationTimestamp: '2026-01-01T00:00:00Z' },
    status: {
      conditions: [
        { type: 'Other', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
    },
  } as KubeObject;

  it('show the columns of the definition', () => {
    const { server } = worldWith(gadgets({ name: 'v1', spec: {}, additionalPrinterColumns: columns }));
    expect(server.tableOf('gadgets', [object], { now })).toEqual({
      columns: ['Name', 'Service', 'Ready', 'Count', 'Age'],
      rows: [['g', 'web', 'True', '3', '120m']],
    });
    expect(server.tableOf('gadgets', [object], { now, wide: true, namespaces: true }).rows).toEqual([
      ['default', 'g', 'web', 'True', '3', 'front', '120m'],
    ]);
    expect(server.tableOf('gadgets', [gadget({})], { now }).rows).toEqual([['g', '', '', '', '']]);
  });

  it('show name and age where it has none, and built-in kinds as ever', () => {
    const { server } = worldWith(gadgets({ name: 'v1', spec: {} }));
    expect(server.tableOf('gadgets', [object], { now }).columns).toEqual(['Name', 'Age']);
    expect(server.tableOf('configmaps', [], { now }).columns).toEqual(['Name', 'Data', 'Age']);
  });

  it('paths that are no simple paths lead nowhere', () => {
    for (const path of ['.a..b', '.a[', '.a[?(@.b)]', 'a']) expect(parseJsonPath(path), path).toBeUndefined();
    expect(valuesAt(parseJsonPath('.a[*].b') ?? [], { a: [{ b: 1 }, {}, { b: 2 }] })).toEqual([1, 2]);
    expect(valuesAt(parseJsonPath(".a['b.c']") ?? [], { a: { 'b.c': 1 } })).toEqual([1]);
    expect(valuesAt(parseJsonPath('.a[-1]') ?? [], { a: [1, 2] })).toEqual([2]);
  });
});

describe('pruning and defaulting', () => {
  it('leave alone what has nothing to lose and nothing to gain: the very same value', () => {
    const node = compileSchema({ type: 'object', properties: { spec: sized } });
    fc.assert(
      fc.property(
        fc.record({ size: fc.integer(), colour: fc.string(), parts: fc.array(fc.record({ name: fc.string(), count: fc.integer() })) }),
        (spec) => {
          const value = { spec };
          expect(pruned(node, value)).toBe(value);
          expect(defaulted(node, value)).toBe(value);
        },
      ),
    );
  });

  it('done twice are done once', () => {
    const node = compileSchema({ type: 'object', properties: { spec: sized } });
    fc.assert(
      fc.property(
        fc.object({ key: fc.constantFrom('spec', 'size', 'colour', 'parts', 'name', 'count', 'free', 'x'), maxDepth: 4 }),
        (value) => {
          const once = defaulted(node, pruned(node, value));
          expect(defaulted(node, pruned(node, once))).toEqual(once);
        },
      ),
    );
  });

  it('null is nothing where null is not allowed', () => {
    const node = compileSchema({
      properties: { a: { type: 'string', default: 'x' }, b: { type: 'string', default: 'x', nullable: true } },
    });
    expect(defaulted(node, { a: null, b: null })).toEqual({ a: 'x', b: null });
  });
});

describe('the kinds of SMI', () => {
  const split = (version: string, backends: readonly object[]): KubeObject =>
    ({
      apiVersion: `split.smi-spec.io/${version}`,
      kind: 'TrafficSplit',
      metadata: { name: 'rollout', namespace: 'default' },
      spec: { service: 'web', backends },
    }) as KubeObject;

  it('can be defined, each of them', () => {
    const { api, run, server } = testWorld();
    for (const definition of Object.values(smiCrds)) run(api.customresourcedefinitions.create(definition));
    expect(server.kinds().filter(({ group }) => group.endsWith('smi-spec.io'))).toHaveLength(6);
  });

  it('TrafficSplit: negative weights and all weights 0 are refused (SMI-01)', () => {
    const { gadgets: splits, run, failure, server } = worldWith(smiCrds.TrafficSplit);
    const refused = (backends: readonly object[]): string => failure(splits.create(split('v1alpha4', backends))).message;
    expect(
      refused([
        { service: 'v1', weight: -1 },
        { service: 'v2', weight: 1 },
      ]),
    ).toBe(
      'TrafficSplit.split.smi-spec.io "rollout" is invalid: spec.backends[0].weight: Invalid value: -1: ' +
        'spec.backends[0].weight in body should be greater than or equal to 0',
    );
    expect(
      refused([
        { service: 'v1', weight: 0 },
        { service: 'v2', weight: 0 },
      ]),
    ).toContain('"spec" must not validate the schema (not)');
    expect(refused([{ service: 'v1', weight: 1.5 }])).toContain('must be of type integer');
    expect(refused([{ service: 'v1' }])).toContain('spec.backends[0].weight: Required value');
    expect(refused([])).toContain('should have at least 1 items');
    const made = run(
      splits.create(
        split('v1alpha4', [
          { service: 'v1', weight: 0 },
          { service: 'v2', weight: 1 },
        ]),
      ),
    );
    expect(server.tableOf('trafficsplits', [made], { now: 0 })).toEqual({ columns: ['Name', 'Service'], rows: [['rollout', 'web']] });
  });

  it('TrafficSplit: v1alpha1 takes quantities', () => {
    const { gadgets: splits, run } = worldWith(smiCrds.TrafficSplit);
    expect(run(splits.create(split('v1alpha1', [{ service: 'v1', weight: '500m' }])))).toMatchObject({
      spec: { backends: [{ weight: '500m' }] },
    });
  });
});
