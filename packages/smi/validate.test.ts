import { fieldErrorText, type KubeObject } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import { account, routeGroup, rule, split, target, tcpRoute } from './conformance/objects.ts';
import { validate } from './validate.ts';

const problems = (object: KubeObject): readonly string[] => validate(object).map(fieldErrorText);

describe('validate', () => {
  it('right objects have nothing wrong, and other kinds are none of its business', () => {
    expect(problems(split('default', 's', 'web', { v1: 0, v2: 1 }, ['firefox']))).toEqual([]);
    expect(problems(target('default', 't', account('default', 'a'), [account('default', 'b')], [rule('TCPRoute', 'p')]))).toEqual([]);
    expect(problems(routeGroup('default', 'g', { name: 'all', pathRegex: '.*', methods: ['*'], headers: { a: '^b$' } }))).toEqual([]);
    expect(problems(tcpRoute('default', 'p', 80))).toEqual([]);
    expect(problems({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } })).toEqual([]);
  });

  it('TrafficSplit: negative, broken and all-zero weights, with their paths (SMI-01)', () => {
    expect(problems(split('default', 's', 'web', { v1: 1, v2: -1 }))).toEqual([
      'spec.backends[1].weight: Invalid value: -1: should be greater than or equal to 0',
    ]);
    expect(problems(split('default', 's', 'web', { v1: 0.5 }))).toEqual([
      'spec.backends[0].weight: Invalid value: 0.5: should be a whole number',
    ]);
    expect(problems(split('default', 's', 'web', { v1: 0, v2: 0 }))).toEqual([
      'spec.backends: Invalid value: [0,0]: at least one weight should be greater than 0',
    ]);
    expect(problems(split('default', 's', 'web', {}))).toEqual(['spec.backends: Required value: at least one backend']);
  });

  it('TrafficSplit: weights of v1alpha1 are quantities', () => {
    const of = (...weights: readonly string[]): readonly string[] => {
      const { spec, ...rest } = split('default', 's', 'web', {});
      return problems({ ...rest, spec: { ...spec, backends: weights.map((weight, at) => ({ service: `v${at}`, weight })) } } as KubeObject);
    };
    expect(of('500m', '1', '0')).toEqual([]);
    expect(of('0', '0m')).toHaveLength(1);
    expect(of('-1')).toEqual(['spec.backends[0].weight: Invalid value: "-1": should be greater than or equal to 0']);
    expect(of('half')).toEqual(['spec.backends[0].weight: Invalid value: "half": should be a whole number']);
  });

  it('TrafficSplit: the root service is no backend, and only HTTPRouteGroups match', () => {
    expect(problems(split('default', 's', 'web', { web: 1 }))).toEqual([
      'spec.backends[0].service: Invalid value: "web": may not be the root service',
    ]);
    const { spec, ...rest } = split('default', 's', 'web', { v1: 1 });
    expect(problems({ ...rest, spec: { ...spec, matches: [{ kind: 'TCPRoute', name: '' }] } } as KubeObject)).toEqual([
      'spec.matches[0].kind: Unsupported value: "TCPRoute": supported values: "HTTPRouteGroup"',
      'spec.matches[0].name: Required value',
    ]);
  });

  it('TrafficTarget: a destination, a rule, a source, of kinds that there are', () => {
    expect(problems(target('default', 't', account('default', 'a'), [], []))).toEqual([
      'spec.rules: Required value: at least one rule',
      'spec.sources: Required value: at least one source',
    ]);
    const wrong = target('default', 't', { kind: 'Pod', name: '' }, [account('default', 'b')], [rule('TCPRoute', 'p', 'named')]);
    expect(problems(wrong)).toEqual([
      'spec.destination.kind: Unsupported value: "Pod": supported values: "ServiceAccount"',
      'spec.destination.name: Required value',
      'spec.rules[0].matches: Invalid value: ["named"]: only an HTTPRouteGroup has matches with names',
    ]);
    const draft = target('default', 't', { kind: 'IdentityBinding', name: 'a' }, [account('default', 'b')], [rule('TCPRoute', 'p')]);
    expect(problems(draft)).toHaveLength(1);
    expect(problems({ ...draft, apiVersion: 'access.smi-spec.io/v1alpha4' })).toEqual([]);
  });

  it('HTTPRouteGroup: names are keys, expressions can be read, methods are known', () => {
    const group = routeGroup(
      'default',
      'g',
      { name: 'a', pathRegex: '(' },
      { name: 'a', methods: ['get' as 'GET'], headers: [{ 'x-a': '[' }] },
    );
    expect(problems(group)).toEqual([
      'spec.matches[0].pathRegex: Invalid value: "(": should be a regular expression',
      'spec.matches[1].name: Duplicate value: "a"',
      expect.stringContaining('spec.matches[1].methods[0]: Unsupported value: "get"'),
      'spec.matches[1].headers.x-a: Invalid value: "[": should be a regular expression',
    ]);
    expect(problems(routeGroup('default', 'g'))).toEqual(['spec.matches: Required value: at least one match']);
  });

  it('routes of ports and bindings', () => {
    expect(problems(tcpRoute('default', 'p', 80, 0, 70_000))).toEqual([
      'spec.matches.ports[1]: Invalid value: 0: should be between 1 and 65535',
      'spec.matches.ports[2]: Invalid value: 70000: should be between 1 and 65535',
    ]);
    const binding = (schemes: object): KubeObject =>
      ({ apiVersion: 'access.smi-spec.io/v1alpha4', kind: 'IdentityBinding', metadata: { name: 'b' }, spec: { schemes } }) as KubeObject;
    expect(problems(binding({}))).toEqual(['spec.schemes: Required value: at least one scheme']);
    expect(problems(binding({ serviceAccount: 'a', podLabelSelector: {} }))).toEqual([
      'spec.schemes.serviceAccount: Invalid value: "a": may not stand beside podLabelSelector',
    ]);
    expect(problems(binding({ spiffeIdentities: ['cluster.local/ns/default/sa/a'] }))).toEqual([]);
  });

  it('objects without a spec are named, not stumbled over', () => {
    for (const [apiVersion, kind] of [
      ['split.smi-spec.io/v1alpha4', 'TrafficSplit'],
      ['access.smi-spec.io/v1alpha3', 'TrafficTarget'],
      ['specs.smi-spec.io/v1alpha4', 'HTTPRouteGroup'],
    ] as const) {
      expect(problems({ apiVersion, kind, metadata: { name: 'x' } })).toEqual(['spec: Required value']);
    }
    expect(problems({ apiVersion: 'specs.smi-spec.io/v1alpha4', kind: 'TCPRoute', metadata: { name: 'x' } })).toEqual([]);
  });
});
