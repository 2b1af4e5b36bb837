import { describe, expect, it } from 'vitest';
import { smiCrds } from './crds.ts';
import { METRICS_RESOURCES, smiKindOf, smiKinds } from './kinds.ts';
import { METRIC_NAMES, rules } from './rules.ts';
import { mesh } from './service.ts';
import spec from './spec.json' with { type: 'json' };
import { HTTP_METHODS, RULE_KINDS } from './validate.ts';

interface Field {
  readonly path: string;
  readonly required?: boolean;
  readonly type: string;
  readonly values?: readonly string[];
}
interface KindTable {
  readonly group: string;
  readonly latest: string;
  readonly versions?: readonly string[];
  readonly plural?: string;
  readonly shortNames?: readonly string[];
  readonly served?: string;
  readonly fields: readonly Field[];
  readonly printerColumns?: readonly { readonly name: string; readonly jsonPath: string }[];
}
const table = spec.kinds as unknown as Readonly<Record<string, KindTable>>;

interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

/** The schema of a field, and whether it must be there. */
function find(schema: Schema, path: string): { readonly schema: Schema; readonly isRequired: boolean } | undefined {
  let at: Schema = schema;
  let isRequired = false;
  for (const step of path.split('.')) {
    const [name = '', list] = step.split('[');
    const next = at.properties?.[name];
    if (!next) return at['x-kubernetes-preserve-unknown-fields'] === true ? { schema: at, isRequired: false } : undefined;
    isRequired = at.required?.includes(name) === true;
    at = list === undefined ? next : (next.items ?? {});
  }
  return { schema: at, isRequired };
}

const stored = Object.entries(smiCrds).flatMap(
  ([
    kind,
    {
      spec: { versions },
    },
  ]) => {
    const schema = versions.find(({ storage }) => storage)?.schema?.openAPIV3Schema as unknown as Schema;
    return (table[kind]?.fields ?? []).map((field) => ({ kind, field, schema }));
  },
);

describe('kinds and the table of the spec', () => {
  it('are the same eight, in the same groups, with the same names', () => {
    expect(smiKinds.map(({ kind }) => kind).sort()).toEqual(Object.keys(table).sort());
    expect(smiKinds).toHaveLength(spec.counts.kinds);
    for (const { kind, group, plural, shortNames, versions, served } of smiKinds) {
      const known = table[kind];
      expect({ kind, group }).toEqual({ kind, group: known?.group });
      expect(shortNames).toEqual(known?.shortNames ?? []);
      if (known?.plural !== undefined) expect(plural).toBe(known.plural);
      expect(versions).toContain(known?.latest.split(' ')[0]);
      expect(served === 'aggregated').toBe(kind.startsWith('TrafficMetrics'));
      const listed = known?.versions?.filter((version) => !version.includes('SDK')).map((version) => version.split(' ')[0]);
      if (listed) expect([...versions].sort()).toEqual([...listed].sort());
    }
  });

  it.each(stored.map(({ kind, field, schema }) => [`${kind} ${field.path}`, field, schema] as const))('%s', (_name, field, schema) => {
    const found = find(schema, field.path);
    expect(found).toBeDefined();
    expect(found?.isRequired).toBe(field.required === true);
    if (field.values) expect(found?.schema.enum).toEqual(field.values);
  });

  it('served versions are versions of the spec, and one of each kind is stored: the newest that is no draft', () => {
    for (const { spec: each } of Object.values(smiCrds)) {
      const known = smiKinds.find(({ kind }) => kind === each.names.kind);
      for (const { name } of each.versions) expect(known?.versions).toContain(name);
      const [kept, ...others] = each.versions.filter(({ storage }) => storage);
      expect(others).toEqual([]);
      expect(table[each.names.kind]?.latest).toContain(kept?.name);
    }
  });

  it('printer columns are those of the spec', () => {
    for (const [kind, { spec: each }] of Object.entries(smiCrds)) {
      const columns = each.versions[0]?.additionalPrinterColumns?.map(({ name, jsonPath }) => ({ name, jsonPath }));
      expect(columns).toEqual(table[kind]?.printerColumns);
    }
  });

  it('vocabularies are those of the spec', () => {
    const values = (kind: string, path: string): unknown => table[kind]?.fields.find((field) => field.path === path)?.values;
    expect(HTTP_METHODS).toEqual(values('HTTPRouteGroup', 'spec.matches[].methods[]'));
    expect(RULE_KINDS).toEqual(values('TrafficTarget', 'spec.rules[].kind'));
    expect([...METRIC_NAMES].sort()).toEqual([...spec.kinds.TrafficMetrics.metrics].sort());
    expect(METRICS_RESOURCES).toEqual(spec.kinds.TrafficMetrics.resources);
  });

  it('smiKindOf: knows a kind in any version of its own group', () => {
    expect(smiKindOf({ apiVersion: 'split.smi-spec.io/v1alpha2', kind: 'TrafficSplit' })).toBe('TrafficSplit');
    expect(smiKindOf({ apiVersion: 'example.com/v1', kind: 'TrafficSplit' })).toBeUndefined();
    expect(smiKindOf({ apiVersion: 'metrics.smi-spec.io/v1alpha1', kind: 'TrafficMetrics' })).toBeUndefined();
  });
});

describe('the contract', () => {
  it('every method has rules and a section; only metrics may be left out', () => {
    expect(Object.keys(mesh.methods).sort()).toEqual(Object.keys(rules).sort());
    for (const [name, { source, optional }] of Object.entries(mesh.methods)) {
      expect(source, name).toBeTruthy();
      expect(optional === true, name).toBe(name === 'metrics');
    }
    const ids = Object.values(rules).flatMap((each) => each.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});
