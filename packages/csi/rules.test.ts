import { readFileSync } from 'node:fs';
import { Kernel, link, minutes, type Rule, Stream } from '@slipway/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as csi from './index.ts';

import { nameWrong, pluginNameWrong, requirementWrong, topologiesWrong } from './rules/names.ts';
import { capabilityWrong, outsideRange, rangeWrong } from './rules/shapes.ts';

interface Field {
  readonly type: string;
  readonly requirement?: string;
  readonly oneof?: string;
  readonly secret?: true;
  readonly maxBytes?: number;
  readonly maxBytesTotal?: number;
  readonly limit?: 'path';
  readonly min?: number;
}
interface Spec {
  readonly services: Readonly<
    Record<string, Readonly<Record<string, { readonly request: string; readonly response: string; readonly errors: readonly string[] }>>>
  >;
  readonly messages: Readonly<Record<string, Readonly<Record<string, Field>>>>;
  readonly enums: Readonly<Record<string, readonly string[]>>;
  readonly generalErrors: readonly string[];
  readonly secondPublish: Readonly<
    Record<'withoutSingleNodeMultiWriter' | 'withSingleNodeMultiWriter', Readonly<Record<string, readonly string[]>>>
  >;
}
type Message = Record<string, unknown>;

const spec = JSON.parse(readFileSync(new URL('spec.json', import.meta.url), 'utf8')) as Spec;
const methodsOf: readonly object[] = [csi.csiIdentity, csi.csiController, csi.csiGroupController, csi.csiSnapshotMetadata, csi.csiNode].map(
  ({ methods }) => methods,
);
const lowerFirst = (name: string): string => `${name[0]?.toLowerCase()}${name.slice(1)}`;

interface Method {
  readonly name: string;
  readonly request: string;
  readonly response: string;
  readonly errors: readonly string[];
  readonly rules: readonly Rule<Message, Message>[];
  readonly codes: readonly string[];
  readonly summary: (request: Message, response: Message | undefined) => readonly unknown[];
  readonly subject?: (request: Message) => string;
}

const methods: readonly Method[] = Object.values(spec.services).flatMap((rpcs, at) =>
  Object.entries(rpcs).map(([rpc, { request, response, errors }]) => {
    const descriptor = (methodsOf[at] as Readonly<Record<string, never>>)[lowerFirst(rpc)] as unknown as {
      readonly guard: { readonly rules: Method['rules']; readonly codes: readonly string[] };
      readonly summary: Method['summary'];
      readonly subject?: (request: Message) => string;
    };
    const { guard, summary, subject } = descriptor;
    return { name: rpc, request, response, errors, summary, rules: guard.rules, codes: guard.codes, ...(subject ? { subject } : {}) };
  }),
);

/** csi-sanity sends these empty, so the guard lets them through empty. */
const mayBeEmpty = ['mutableParameters', 'snapshotIds'];

/** A message with all that is required and, on request, with everything. */
function sample(name: string, all: boolean): Message {
  const made: Message = {};
  const oneofs = new Set<string>();
  for (const [field, { type, requirement, oneof }] of Object.entries(spec.messages[name] ?? {})) {
    if (oneof) {
      if (oneofs.has(oneof)) continue;
      oneofs.add(oneof);
    } else if (!all && requirement !== 'required' && !name.endsWith('RPC') && !['CapacityRange', 'TopologyRequirement'].includes(name))
      continue;
    const value = valueOf(field, type.replace('[]', ''), all);
    made[field] = type.endsWith('[]') ? [value] : value;
  }
  return made;
}

function valueOf(field: string, type: string, all: boolean): unknown {
  if (type === 'map<string,string>') return field === 'segments' ? { 'example.com/zone': 'a' } : { key: 'value' };
  if (type === 'string') return field.endsWith('Path') ? `/${field}` : 'x';
  if (type === 'bool' || type.endsWith('BoolValue')) return true;
  if (type.endsWith('Timestamp')) return 1n;
  if (/int|Int/.test(type)) return 10;
  const values = spec.enums[type];
  return values ? values[1] : sample(type, all);
}

/** What the rules say; one that trips over the shape has refused it, as far as the link goes. */
function complaints(checks: readonly (() => string | undefined)[]): string[] {
  return checks.flatMap((check) => {
    try {
      return check() ?? [];
    } catch (error) {
      return String(error);
    }
  });
}
const wrongRequests = ({ rules }: Method, request: Message): string[] => complaints(rules.map((rule) => () => rule.request?.(request)));
const wrongAnswers = ({ rules }: Method, request: Message, response: Message): string[] =>
  complaints(rules.map((rule) => () => rule.response?.(request, response)));

describe('rules', () => {
  it('have ids and sources, and no id twice', () => {
    const rules = methods.flatMap((method) => method.rules);
    for (const { id, source } of rules) {
      expect(id).toMatch(/^csi\.[a-z-]+\.[a-z-]+$/);
      expect(source).not.toBe('');
    }
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  });

  it.each(methods.map((method) => [method.name, method] as const))(
    '%s: what the spec allows passes, bare and with every field',
    (_, method) => {
      for (const all of [false, true]) {
        const request = sample(method.request, all);
        expect(wrongRequests(method, request)).toEqual([]);
        expect(wrongAnswers(method, request, sample(method.response, all))).toEqual([]);
      }
    },
  );

  it.each(methods.map((method) => [method.name, method] as const))(
    '%s: a required field that is missing or empty is refused',
    (_, method) => {
      const full = sample(method.request, true);
      for (const [field, { requirement, type }] of Object.entries(spec.messages[method.request] ?? {})) {
        if (requirement !== 'required') continue;
        const { [field]: _gone, ...rest } = full;
        expect([field, wrongRequests(method, rest).length > 0]).toEqual([field, true]);
        const empty = type === 'string' ? '' : type.endsWith('[]') ? [] : undefined;
        if (empty === undefined) continue;
        const wrong = wrongRequests(method, { ...full, [field]: empty });
        expect([field, wrong.length > 0]).toEqual([field, !mayBeEmpty.includes(field)]);
      }
    },
  );

  it.each(methods.map((method) => [method.name, method] as const))('%s: a field of the answer that is missing is refused', (_, method) => {
    if (method.name.startsWith('GetMetadata')) return;
    const request = sample(method.request, true);
    const full = sample(method.response, true);
    for (const [field, { requirement }] of Object.entries(spec.messages[method.response] ?? {})) {
      if (requirement !== 'required') continue;
      const { [field]: _gone, ...rest } = full;
      const refused = wrongAnswers(method, request, rest).length > 0;
      expect([field, refused]).toEqual([field, true]);
    }
  });

  it.each(methods.map((method) => [method.name, method] as const))(
    '%s: texts and maps have their sizes, numbers their bounds',
    (_, method) => {
      const full = sample(method.request, true);
      for (const [field, { type, limit, min, maxBytes }] of Object.entries(spec.messages[method.request] ?? {})) {
        const accepts = (value: unknown): boolean =>
          !wrongRequests(method, { ...full, [field]: value }).some((wrong) => wrong.includes(field));
        const most = field === 'nodeId' ? 256 : (maxBytes ?? 128);
        if (type === 'string') {
          expect([field, accepts('é'.repeat(most / 2)), accepts(`${'é'.repeat(most / 2)}x`)]).toEqual([field, true, limit === 'path']);
        } else if (type.startsWith('map')) {
          expect([field, accepts({ k: 'x'.repeat(4095) }), accepts({ k: 'x'.repeat(4096) })]).toEqual([field, true, false]);
        } else if (/^int/.test(type)) {
          expect([field, accepts(2 ** 53 - 1), accepts(2 ** 53), accepts(0.5), accepts(-1)]).toEqual([
            field,
            true,
            false,
            false,
            min === undefined,
          ]);
        }
      }
    },
  );

  it('codes: those of the RPC and those of any, and NOT_FOUND where a source may be gone', () => {
    for (const { name, errors, codes } of methods) {
      const wanted = new Set([...errors, ...spec.generalErrors, ...csi.troubleCodes]);
      if (['CreateSnapshot', 'CreateVolumeGroupSnapshot'].includes(name)) wanted.add('NOT_FOUND');
      expect([name, [...codes].sort()]).toEqual([name, [...wanted].sort()]);
    }
    expect([...csi.generalCodes].sort()).toEqual([...spec.generalErrors].sort());
  });

  it('summaries: no secret, no parameter and no context gets into a trace', () => {
    for (const { name, request, response, summary, subject } of methods) {
      const sent = hide(sample(request, true));
      const said = JSON.stringify([summary(sent, undefined), subject?.(sent)]);
      expect([name, said.includes('hidden')]).toEqual([name, false]);
      if (name.startsWith('GetMetadata')) continue;
      expect([name, JSON.stringify(summary(sent, hide(sample(response, true)))).includes('hidden')]).toEqual([name, false]);
    }
  });

  /** Puts a mark into all that is opaque. */
  function hide(message: Message): Message {
    const entries = Object.entries(message).map(([field, value]) => {
      if (/secrets|arameters|Context$/.test(field)) return [field, { hidden: 'hidden' }];
      return [field, typeof value === 'object' && value !== null && !Array.isArray(value) ? hide(value as Message) : value];
    });
    return Object.fromEntries(entries) as Message;
  }
});

describe('names', () => {
  const controls = [...Array(32).keys(), ...Array.from({ length: 33 }, (_, at) => 0x7f + at)].filter((code) => ![9, 10, 13].includes(code));

  it('of volumes and snapshots: any text without control characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom(...controls), (text, code) => {
        const bare = [...text].filter((letter) => !controls.includes(letter.codePointAt(0) ?? 0)).join('');
        expect(nameWrong(bare)).toBeUndefined();
        expect(nameWrong(`${bare}${String.fromCharCode(code)}`)).toContain('control character');
      }),
    );
  });

  it('of drivers: 1 to 63 letters, digits, dots and dashes', () => {
    for (const good of ['ebs.csi.aws.com', 'a', 'x'.repeat(63), 'Org.Example']) expect(pluginNameWrong(good)).toBeUndefined();
    for (const bad of ['', '.a', 'a-', 'a_b', 'x'.repeat(64)]) expect(pluginNameWrong(bad)).toBeDefined();
  });

  it('of places: qualified keys of one prefix, apart without regard to case, and short values', () => {
    expect(
      topologiesWrong([{ segments: { 'a.com/zone': 'z-1', 'a.com/rack': 'R_2' } }, { segments: { 'a.com/zone': 'z.2' } }, {}]),
    ).toBeUndefined();
    const bad: readonly Record<string, string>[] = [
      { 'a.com/zone': '' },
      { 'a.com/zone': '-z' },
      { 'A.com/zone': 'z' },
      { 'a.com/-zone': 'z' },
      { zone: 'a', Zone: 'b' },
      { 'a.com/zone': 'a', 'b.com/rack': 'b' },
      { ['x'.repeat(64)]: 'z' },
    ];
    for (const segments of bad) expect([segments, topologiesWrong([{ segments }])]).not.toEqual([segments, undefined]);
  });

  it('topology requirements: something is wanted, and what is preferred is allowed', () => {
    const [a, b] = [{ segments: { zone: 'a' } }, { segments: { zone: 'b' } }];
    for (const fine of [{ requisite: [a, b], preferred: [b, a] }, { preferred: [a] }, { requisite: [b] }])
      expect(requirementWrong(fine)).toBeUndefined();
    for (const bad of [{}, { requisite: [] }, { requisite: [a], preferred: [b] }]) expect(requirementWrong(bad)).toBeDefined();
  });
});

describe('shapes', () => {
  it('a capability is block or mount, with a mode', () => {
    const accessMode = { mode: 'SINGLE_NODE_WRITER' } as const;
    expect(capabilityWrong({ block: {}, accessMode })).toBeUndefined();
    expect(capabilityWrong({ mount: { fsType: 'ext4' }, accessMode })).toBeUndefined();
    const bad: readonly object[] = [
      { accessMode },
      { block: {}, mount: {}, accessMode },
      { block: {} },
      { block: {}, accessMode: { mode: 'UNKNOWN' } },
    ];
    for (const wrong of bad) expect(capabilityWrong(wrong as csi.VolumeCapability)).toBeDefined();
  });

  it('a range has a bound, and the limit is not below what is required', () => {
    const bytes = fc.nat({ max: 3 });
    fc.assert(
      fc.property(bytes, bytes, (requiredBytes, limitBytes) => {
        const fine = requiredBytes + limitBytes > 0 && (limitBytes === 0 || limitBytes >= requiredBytes);
        expect(rangeWrong({ requiredBytes, limitBytes }) === undefined).toBe(fine);
      }),
    );
  });

  it('a size that is known lies in its range', () => {
    const bytes = fc.nat({ max: 4 });
    fc.assert(
      fc.property(bytes, bytes, bytes, (size, requiredBytes, limitBytes) => {
        const fine = size === 0 || (size >= requiredBytes && (limitBytes === 0 || size <= limitBytes));
        expect(outsideRange(size, { requiredBytes, limitBytes }) === undefined).toBe(fine);
      }),
    );
  });
});

describe('second publish', () => {
  it.each(csi.accessModes)('%s: both tables of the spec', (mode) => {
    for (const singleNodeMultiWriter of [false, true]) {
      const table = spec.secondPublish[singleNodeMultiWriter ? 'withSingleNodeMultiWriter' : 'withoutSingleNodeMultiWriter'];
      const row = table[mode] ?? (mode.startsWith('MULTI_NODE_') ? table['MULTI_NODE_*'] : table['other']);
      const verdicts = [true, false].flatMap((sameTarget) =>
        [true, false].map((sameArguments) => csi.secondPublishVerdict({ mode, singleNodeMultiWriter, sameTarget, sameArguments })),
      );
      expect(verdicts).toEqual(row);
    }
  });
});

describe('descriptors', () => {
  it('deadline is the kubelet’s, probes are heartbeats, errors are the spec’s', () => {
    expect(csi.csiNode.deadline).toBe(minutes(2));
    expect(csi.csiIdentity.methods.probe.heartbeat).toBe(true);
    expect(csi.csiController.error('UNAVAILABLE', 'gone')).toBeInstanceOf(csi.CsiError);
  });

  it('link: a wrong request never reaches the driver, a wrong answer never the caller', () => {
    const kernel = new Kernel();
    const [caller, driver] = [kernel.owner('caller'), kernel.owner('driver')];
    const seen: string[] = [];
    const breaches: string[] = [];
    kernel.events.on('breach', ({ side, rule }) => breaches.push(`${side} ${rule}`));
    const controller = link<csi.CsiController>(
      {
        controllerGetCapabilities: () => ({}),
        validateVolumeCapabilities: () => ({}),
        createVolume({ name }) {
          seen.push(name);
          return { volume: { volumeId: name, capacityBytes: 1 } };
        },
        deleteVolume() {
          throw new csi.CsiError('NOT_FOUND', 'no such volume');
        },
      },
      { service: csi.csiController, from: caller, to: driver },
    );
    const volumeCapabilities = [{ mount: {}, accessMode: { mode: 'SINGLE_NODE_WRITER' } }] as const;
    const ask = (act: () => unknown): unknown => {
      try {
        return act();
      } catch (error) {
        return (error as csi.CsiError).code;
      }
    };
    expect(ask(() => kernel.complete(caller, 'a', controller.createVolume({ name: '', volumeCapabilities })))).toBe('INVALID_ARGUMENT');
    expect(seen).toEqual([]);
    const capacityRange = { requiredBytes: 2 };
    expect(ask(() => kernel.complete(caller, 'b', controller.createVolume({ name: 'v', volumeCapabilities, capacityRange })))).toBe(
      'INTERNAL',
    );
    expect(ask(() => kernel.complete(caller, 'c', controller.deleteVolume({ volumeId: 'v' })))).toBe('NOT_FOUND');
    expect(breaches).toEqual([
      'caller csi.create-volume.name-required',
      'plugin csi.create-volume.capacity-in-range',
      'plugin link.allowed-code',
    ]);
  });

  it('a stream is no message: its guard reads the request only', () => {
    const rules = csi.getMetadataAllocatedRules.rules ?? [];
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.every((rule) => rule.response?.({ snapshotId: 's', startingOffset: 0 }, new Stream()) === undefined)).toBe(true);
  });
});
