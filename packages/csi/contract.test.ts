import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as csi from './index.ts';

interface Rpc {
  readonly request: string;
  readonly response: string;
  readonly streaming?: true;
  readonly alpha?: true;
  readonly capability?: string;
}
interface Field {
  readonly type: string;
  readonly requirement?: 'required' | 'optional';
  readonly oneof?: string;
}
interface Spec {
  readonly services: Readonly<Record<string, Readonly<Record<string, Rpc>>>>;
  readonly messages: Readonly<Record<string, Readonly<Record<string, Field>>>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
}

const here = new URL('.', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, here), 'utf8');
const spec = JSON.parse(read('spec.json')) as Spec;
const contract = read('contract.ts');
const messageSources = readdirSync(new URL('messages', here))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => read(`messages/${file}`))
  .join('\n');

const lowerFirst = (name: string): string => `${name[0]?.toLowerCase()}${name.slice(1)}`;
const plain = (name: string): string => name.replaceAll('.', '');

/** Wrappers and time stamps have TypeScript types of their own. */
const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'boolean',
  int32: 'number',
  int64: 'number',
  'google.protobuf.BoolValue': 'boolean',
  'google.protobuf.Int64Value': 'number',
  'google.protobuf.Timestamp': 'bigint',
};

function typeScriptOf(type: string): string {
  if (type === 'map<string,string>') return 'Readonly<Record<string, string>>';
  const single = type.replace('[]', '');
  const name = scalars[single] ?? plain(single);
  return type.endsWith('[]') ? `readonly ${name}[]` : name;
}

/** The declaration with its docstring, up to the next one. */
function declarationOf(name: string): string {
  const start = messageSources.search(new RegExp(`export (?:interface|type) ${name}\\b[ {=]`));
  expect([name, start >= 0 && messageSources.slice(0, start).endsWith('*/\n')]).toEqual([name, true]);
  const rest = messageSources.slice(start);
  return rest.slice(0, rest.search(/\n(?:\n|import )|$(?![\s\S])/));
}

const services = {
  Identity: [csi.csiIdentity, csi.identityMethods],
  Controller: [csi.csiController, csi.controllerMethods],
  GroupController: [csi.csiGroupController, csi.groupControllerMethods],
  SnapshotMetadata: [csi.csiSnapshotMetadata, csi.snapshotMetadataMethods],
  Node: [csi.csiNode, csi.nodeMethods],
} as const;

describe('contract', () => {
  it('has the 5 services, 32 RPCs, 94 messages, 196 fields, 8 enumerations and 47 values of CSI 1.12', () => {
    const sizes = (tables: Readonly<Record<string, object>>): number =>
      Object.values(tables).reduce((sum, table) => sum + Object.keys(table).length, 0);
    expect(Object.keys(spec.services)).toHaveLength(5);
    expect(sizes(spec.services)).toBe(32);
    expect(Object.keys(spec.messages)).toHaveLength(94);
    expect(sizes(spec.messages)).toBe(196);
    expect(Object.keys(spec.enums)).toHaveLength(8);
    expect(sizes(spec.enums)).toBe(47);
  });

  it.each(Object.entries(spec.services))('%s: declares exactly its RPCs, each documented', (service, rpcs) => {
    const body = contract.slice(contract.indexOf(`export interface Csi${service} {`));
    const methods = [...body.slice(0, body.indexOf('\n}')).matchAll(/\*\/\n {2}(\w+)\??\(request: m\.(\w+)\): ((?:Stream<)?)m\.(\w+)>?;/g)];
    expect(methods.map(([, name, request, stream, response]) => [name, request, stream !== '', response])).toEqual(
      Object.entries(rpcs).map(([name, { request, response, streaming = false }]) => [lowerFirst(name), request, streaming, response]),
    );
  });

  it.each(Object.keys(services) as (keyof typeof services)[])('%s: descriptor and method facts are those of the spec', (name) => {
    const [service, facts] = services[name];
    const rpcs = Object.entries(spec.services[name] ?? {});
    expect(service.name).toBe(`csi.v1.${name}`);
    expect(Object.keys(service.methods)).toEqual(rpcs.map(([rpc]) => lowerFirst(rpc)));
    const told = Object.values<csi.MethodFacts>(facts).map(({ rpc, streaming, alpha, capability }) => ({
      rpc,
      streaming,
      alpha,
      capability,
    }));
    expect(told).toEqual(rpcs.map(([rpc, { streaming, alpha, capability }]) => ({ rpc, streaming, alpha, capability })));
  });

  it('a call that hangs on a capability may be left out, and no other', () => {
    for (const [name, rpcs] of Object.entries(spec.services)) {
      if (name === 'SnapshotMetadata') continue;
      const methods = services[name as keyof typeof services][0].methods as Readonly<Record<string, { readonly optional?: boolean }>>;
      for (const [rpc, { capability }] of Object.entries(rpcs))
        expect([rpc, methods[lowerFirst(rpc)]?.optional ?? false]).toEqual([rpc, capability !== undefined]);
    }
  });

  it('messages: every field is there, documented, with the pinned type, and no other', () => {
    for (const [name, fields] of Object.entries(spec.messages)) {
      const declaration = declarationOf(plain(name));
      const members = [...declaration.matchAll(/(\*\/\n\s*)?readonly (\w+)(\??): ([^;}]+?)(?:;| \})/g)];
      expect([name, members.map(([, , field, , type]) => [field, type])]).toEqual([
        name,
        Object.entries(fields).map(([field, { type }]) => [field, typeScriptOf(type)]),
      ]);
      for (const [, documented, field = '', optional] of members) {
        const { requirement, oneof } = fields[field] as Field;
        expect([name, field, documented !== undefined || oneof !== undefined || members.length === 1]).toEqual([name, field, true]);
        if (requirement) expect([name, field, optional]).toEqual([name, field, requirement === 'required' ? '' : '?']);
        if (oneof) expect([name, field, optional]).toEqual([name, field, '']);
      }
      if (members.length === 0) expect(declaration).toContain('Readonly<Record<never, never>>;');
    }
  });

  it('messages: none beyond those of the spec, and no docstring is empty', () => {
    const declared = [...messageSources.matchAll(/export (?:interface|type) (\w+)(?= [{=])/g)].map(([, name = '']) => name);
    expect(declared.sort()).toEqual([...Object.keys(spec.messages), ...Object.keys(spec.enums)].map(plain).sort());
    expect(messageSources).not.toMatch(/TODO|\/\*\*\s*\*\//);
  });

  it('enumerations: unions of exactly the value names', () => {
    for (const [name, values] of Object.entries(spec.enums)) {
      const union = new RegExp(`export type ${plain(name)} =([^;]*);`).exec(messageSources)?.[1] ?? '';
      expect([name, ...[...union.matchAll(/'(\w+)'/g)].map(([, value]) => value)]).toEqual([name, ...values]);
    }
  });
});
