import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { imageMethods, imageService, runtimeMethods, runtimeService } from './index.ts';

interface Spec {
  readonly services: Readonly<
    Record<string, Readonly<Record<string, { readonly request: string; readonly response: string; readonly serverStreaming: boolean }>>>
  >;
  readonly messages: Readonly<Record<string, Readonly<Record<string, string>>>>;
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

/** Nanoseconds since the epoch, by the names that api.proto gives such fields. */
const isTime = (field: string, type: string): boolean =>
  type === 'int64' && ['createdAt', 'startedAt', 'finishedAt', 'timestamp'].includes(field);

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'boolean',
  bytes: 'Uint8Array',
  int32: 'number',
  uint32: 'number',
  int64: 'number',
  uint64: 'number',
  double: 'number',
};

function typeScriptOf(field: string, type: string): string {
  const [, key, value] = /^map<(\w+),(\w+)>$/.exec(type) ?? [];
  if (key && value) return `Readonly<Record<${scalars[key]}, ${scalars[value]}>>`;
  const single = type.replace('[]', '');
  const name = isTime(field, single) ? 'bigint' : (scalars[single] ?? single);
  return type.endsWith('[]') ? `readonly ${name}[]` : name;
}

/** Members of an interface as written: name to type, documented ones only. */
function membersOf(name: string): ReadonlyMap<string, string> | undefined {
  if (new RegExp(`export type ${name} = Readonly<Record<never, never>>;`).test(messageSources)) return new Map();
  const body = new RegExp(`\\*/\\nexport interface ${name} \\{\\n([^}]*)\\}`).exec(messageSources)?.[1];
  if (body === undefined) return undefined;
  const members = [...body.matchAll(/ {2}\/\*\* \S[^\n]*\*\/\n {2}readonly (\w+)\??: ([^;]+);/g)];
  return new Map(members.map(([, field = '', type = '']) => [field, type]));
}

describe('contract', () => {
  it('has the 2 services, 41 RPCs, 170 messages and 11 enumerations of cri-api v0.36', () => {
    expect(Object.values(spec.services).flatMap((rpcs) => Object.keys(rpcs))).toHaveLength(41);
    expect(Object.keys(spec.messages)).toHaveLength(170);
    expect(Object.keys(spec.enums)).toHaveLength(11);
  });

  it.each(Object.entries(spec.services))('%s: declares exactly its RPCs, each documented', (service, rpcs) => {
    const body = contract.slice(contract.indexOf(`export interface ${service} {`));
    const methods = [...body.slice(0, body.indexOf('\n}')).matchAll(/\*\/\n {2}(\w+)\??\(request: m\.(\w+)\): (?:Stream<)?m\.(\w+)>?;/g)];
    expect(methods.map(([, name, request, response]) => [name, request, response])).toEqual(
      Object.entries(rpcs).map(([name, { request, response }]) => [lowerFirst(name), request, response]),
    );
  });

  it.each([
    ['RuntimeService', runtimeService, runtimeMethods],
    ['ImageService', imageService, imageMethods],
  ] as const)('%s: descriptors and method facts name every RPC and no other', (name, service, facts) => {
    const rpcs = spec.services[name] ?? {};
    expect(Object.keys(service.methods)).toEqual(Object.keys(rpcs).map(lowerFirst));
    expect(
      Object.values<{ readonly rpc: string; readonly streaming?: true }>(facts).map(({ rpc, streaming = false }) => [rpc, streaming]),
    ).toEqual(Object.entries(rpcs).map(([rpc, { serverStreaming }]) => [rpc, serverStreaming]));
    expect(service.name).toBe(`runtime.v1.${name}`);
  });

  it('messages: every field is there, documented, with the pinned type, and no other', () => {
    for (const [name, fields] of Object.entries(spec.messages)) {
      const wanted = Object.entries(fields).map(([field, type]) => [field, typeScriptOf(field, type)]);
      expect([name, [...(membersOf(name) ?? [['missing', '']])]]).toEqual([name, wanted]);
    }
  });

  it('messages: no interface beyond those of the spec', () => {
    const declared = [...messageSources.matchAll(/export (?:interface|type) (\w+)(?= [{=])/g)].map(([, name = '']) => name);
    expect(declared.sort()).toEqual([...Object.keys(spec.messages), ...Object.keys(spec.enums)].sort());
  });

  it('enumerations: unions of exactly the value names', () => {
    for (const [name, values] of Object.entries(spec.enums)) {
      const union = new RegExp(`export type ${name} =([^;]*);`).exec(messageSources)?.[1] ?? '';
      expect([name, ...[...union.matchAll(/'(\w+)'/g)].map(([, value]) => value)]).toEqual([name, ...values]);
    }
  });
});
