import { describe, expect, it } from 'vitest';
import { cniCases } from './conformance.ts';
import { CNI_ERROR, isAllowedCode } from './errors.ts';
import { isAtLeast, SUPPORTED_VERSIONS, verbs } from './methods.ts';
import { requestConfig } from './runtime/index.ts';
import { rules } from './rules.ts';
import { cniPlugin } from './service.ts';
import spec from './spec.json' with { type: 'json' };

describe('contract and spec', () => {
  it('verbs: the same six as the spec, since the same versions, with the same required variables', () => {
    const table = Object.fromEntries(Object.values(verbs).map(({ command, since, requires }) => [command, { since, requires }]));
    expect(table).toEqual(
      Object.fromEntries(Object.entries(spec.commands).map(([name, { since, requiredEnv }]) => [name, { since, requires: requiredEnv }])),
    );
  });

  it('verbs: lists are walked the way the spec says', () => {
    expect([verbs.add.order, verbs.check.order, verbs.gc.order, verbs.status.order]).toEqual(['forward', 'forward', 'forward', 'forward']);
    expect(spec.commands.ADD.order).toBe('list order');
    expect([verbs.del.order, spec.commands.DEL.order]).toEqual(['reverse', 'reverse list order']);
  });

  it('service: every verb has a descriptor and rules; those that are newer than 0.2.0 may be left out', () => {
    expect(Object.keys(cniPlugin.methods).sort()).toEqual(Object.keys(verbs).sort());
    expect(Object.keys(rules).sort()).toEqual(Object.keys(verbs).sort());
    for (const [name, { optional }] of Object.entries(cniPlugin.methods)) expect(optional === true).toBe(name !== 'add' && name !== 'del');
  });

  it('errors: the codes of the spec and no other reserved one', () => {
    expect(Object.values(CNI_ERROR).sort((a, b) => a - b)).toEqual(spec.error.codes.map(({ code }) => code));
    for (let code = 0; code < 100; code += 1) expect(isAllowedCode(code)).toBe(spec.error.codes.some((known) => known.code === code));
  });

  it('versions: those of the spec whose result has lists of addresses', () => {
    expect(spec.specVersions.filter((version) => isAtLeast(version, '0.3.0'))).toEqual(SUPPORTED_VERSIONS);
  });

  it('request configuration: reserved keys come from the runtime alone, capabilities are taken out', () => {
    const network = { name: 'net', cniVersion: '1.1.0', plugins: [] };
    const config = requestConfig(
      network,
      { type: 'x', capabilities: { portMappings: true, mac: true }, own: { kept: 1 } },
      {
        capabilityArgs: { mac: '02:00:00:00:00:01', ips: ['10.0.0.9'] },
      },
    );
    expect(config).toEqual({ cniVersion: '1.1.0', name: 'net', type: 'x', own: { kept: 1 }, runtimeConfig: { mac: '02:00:00:00:00:01' } });
    for (const removed of spec.requestConfig.removed) expect(config).not.toHaveProperty(removed);
  });

  it('conformance: ids are unique, and every rule that is cited is in the table', () => {
    const known = new Set(spec.rules.map(({ id }) => id));
    expect(new Set(cniCases.map(({ id }) => id)).size).toBe(cniCases.length);
    for (const { source } of cniCases) for (const cited of source.match(/CNI-\d+/g) ?? []) expect(known).toContain(cited);
  });
});
