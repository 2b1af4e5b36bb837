import { describe, expect, it } from 'vitest';
import {
  annotationKeys,
  dockerMediaTypes,
  distributionErrors,
  distributionMethods,
  emptyDescriptor,
  hookKinds,
  lifecycle,
  mediaTypes,
  namespaceTypes,
  nonDistributableLayerTypes,
  OCI_RUNTIME_VERSION,
  ociDistribution,
  ociRuntime,
  runtimeErrors,
  runtimeMethods,
  statuses,
  transitions,
} from './index.ts';
import spec from './spec.json' with { type: 'json' };

const sorted = (list: readonly string[]): readonly string[] => [...list].sort();

describe('spec.json: image', () => {
  it('media types: are those of the spec', () => {
    expect(sorted(Object.values(mediaTypes))).toEqual(sorted(spec.image.mediaTypes.map(({ type }) => type)));
    expect(nonDistributableLayerTypes).toEqual(spec.image.deprecatedMediaTypes);
    expect(sorted(Object.values(dockerMediaTypes))).toEqual(sorted(Object.keys(spec.image.dockerEquivalents)));
  });

  it('annotations and empty descriptor: are those of the spec', () => {
    expect(annotationKeys).toEqual(spec.image.annotations);
    expect(emptyDescriptor).toEqual(spec.image.emptyDescriptor);
  });
});

describe('spec.json: runtime', () => {
  it('operations: each is a method with the same arguments and an answer to each error', () => {
    const operations = Object.entries(runtimeMethods).filter(([, { operation }]) => operation);
    expect(sorted(operations.map(([name]) => name))).toEqual(sorted(spec.runtime.operations.map(({ name }) => name)));
    for (const { name, args } of spec.runtime.operations) {
      const method = name as 'state' | 'create' | 'start' | 'kill' | 'delete';
      expect(runtimeMethods[method].args).toEqual(args);
      expect(ociRuntime.methods[method].optional).not.toBe(true);
    }
    const beyond = Object.entries(runtimeMethods).filter(([, { operation }]) => !operation);
    for (const [name] of beyond) expect(ociRuntime.methods[name as keyof typeof ociRuntime.methods].optional).toBe(true);
  });

  it('operations: every error condition has a code that the link lets pass', () => {
    const codes: Readonly<Record<string, readonly string[]>> = {
      'no id': ['ID_REQUIRED'],
      'no id or bundle': ['ID_REQUIRED', 'BUNDLE_REQUIRED'],
      'unknown container': ['UNKNOWN_CONTAINER'],
      'id not unique or invalid': ['ID_IN_USE', 'ID_INVALID'],
      'a property cannot be applied: no container is left': ['CONFIG_INVALID'],
      'not created: no effect': ['NOT_CREATED'],
      'process not set': ['PROCESS_NOT_SET'],
      'neither created nor running: no effect': ['NOT_RUNNING'],
      'not stopped: no effect': ['NOT_STOPPED'],
    };
    for (const { name, errors } of spec.runtime.operations) {
      const allowed = ociRuntime.methods[name as 'state' | 'create'].guard?.codes;
      for (const condition of errors)
        expect(allowed, `${name}: ${condition}`).toEqual(expect.arrayContaining([...(codes[condition] ?? ['?'])]));
    }
  });

  it('guards: allow only codes that exist', () => {
    for (const { guard } of Object.values(ociRuntime.methods))
      for (const code of (guard?.codes ?? []) as readonly string[]) expect(runtimeErrors).toHaveProperty(code);
  });

  it('states, transitions, lifecycle, hooks, namespaces: are those of the spec', () => {
    expect(OCI_RUNTIME_VERSION).toBe(spec.runtime.version.tag.slice(1));
    expect(statuses).toEqual(Object.keys(spec.runtime.states));
    expect(transitions).toEqual(spec.runtime.transitions);
    expect(lifecycle.map(({ step }) => step)).toEqual(spec.runtime.lifecycle.map((_, at) => at + 1));
    expect(hookKinds.map(({ name, during, runsIn }) => ({ name, during, runsIn }))).toEqual(
      spec.runtime.hooks.map(({ name, during, runsIn }) => ({ name, during, runsIn })),
    );
    expect(namespaceTypes).toEqual(spec.runtime.namespaces);
  });
});

describe('spec.json: distribution', () => {
  const endpoints = [...spec.distribution.endpoints, ...spec.distribution.next.addedEndpoints];

  it('endpoints: each of 1.1.1 has a method with its verb, status and category', () => {
    for (const { id, method, success, category } of spec.distribution.endpoints) {
      const methods = Object.values(distributionMethods).filter((one) => one.endpoints.includes(id));
      expect(methods.map(({ verb }) => verb).join('|'), id).toBe(method);
      for (const one of methods) expect(one).toMatchObject({ success, category });
    }
  });

  it('methods: each stands for endpoints of the spec, and only those of the next version may be left out', () => {
    const now = new Set(spec.distribution.endpoints.map(({ id }) => id));
    for (const [name, { endpoints: ids }] of Object.entries(distributionMethods)) {
      for (const id of ids) expect(endpoints.map((one) => one.id)).toContain(id);
      const optional = ociDistribution.methods[name as keyof typeof ociDistribution.methods].optional ?? false;
      expect(optional).toBe(!ids.some((id) => now.has(id)));
    }
  });

  it('errors: codes and their numbers are those of the spec, and guards allow no others', () => {
    expect(Object.entries(distributionErrors).map(([code, { id }]) => ({ id, code }))).toEqual(
      spec.distribution.errorCodes.map(({ id, code }) => ({ id, code })),
    );
    for (const { guard } of Object.values(ociDistribution.methods)) {
      for (const code of (guard?.codes ?? []) as readonly string[]) expect(distributionErrors).toHaveProperty(code);
    }
  });
});
