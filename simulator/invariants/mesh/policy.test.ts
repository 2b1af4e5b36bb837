import { minutes } from '@slipway/kernel';
import type { KubeObject, Stored } from '@slipway/kube';
import { describe, expect, test } from 'vitest';
import { Lab } from '../testing/lab.ts';

interface Flow {
  readonly from?: string;
  readonly space?: string;
  readonly path?: string;
  /** Left out: the sender has no identity. */
  readonly known?: boolean;
}

/** A mesh object as its writes show it; the lab's server does not know its kind. */
function put(lab: Lab, resource: string, name: string, spec: object, namespace = 'default'): void {
  const object = { apiVersion: 'smi-spec.io/v1', kind: resource, metadata: { name, namespace, uid: name, resourceVersion: '1' }, spec };
  lab.write({ resource, type: 'ADDED', object: object as unknown as Stored<KubeObject>, old: undefined } as never);
}

const account = (name: string, namespace?: string) => ({ kind: 'ServiceAccount', name, ...(namespace ? { namespace } : {}) });

function target(lab: Lab, name: string, sources: readonly string[], groups: readonly string[], namespace = 'default'): void {
  const rules = groups.map((group) => ({ kind: 'HTTPRouteGroup', name: group }));
  put(lab, 'traffictargets', name, { destination: account('default'), sources: sources.map((each) => account(each)), rules }, namespace);
}

function lab(row: string, space = 'default'): Lab {
  const made = new Lab([row]);
  for (const [name, pathRegex] of [
    ['reads', '/read'],
    ['writes', '/write'],
  ]) {
    put(made, 'httproutegroups', name as string, { matches: [{ name: 'all', pathRegex }] }, space);
  }
  return made;
}

function ask(to: Lab, answer: object, { from = 'front', space = 'default', path = '/read', known = true }: Flow = {}): void {
  to.pass(minutes(15));
  const destination = { metadata: { name: 'web', namespace: space, uid: 'u-1' }, spec: { containers: [] } };
  const source = known ? { source: { namespace: space, serviceAccount: from, name: from } } : {};
  const request = { ...source, destination, port: 80, protocol: 'TCP', http: { method: 'GET', path, headers: {} } };
  to.call('smi.Mesh/Authorise', 'kube-proxy', 'smi/my-mesh', request, { reason: 'so', ...answer });
}

const refused = { allowed: false };
const passed = { allowed: true, target: 'default/a' };

describe('SMI-05 enforced-at-target', () => {
  test('a receiver without access control, and one that refuses strangers, are silent', () => {
    const open = lab('SMI-05');
    ask(open, { allowed: true });
    ask(open, { allowed: true }, { known: false });
    const closed = lab('SMI-05');
    ask(closed, passed);
    ask(closed, refused, { known: false });
    expect([...open.violations, ...closed.violations]).toEqual([]);
    expect(closed.met('SMI-05')).toBe(2);
  });

  test('a stranger who passes where others need a target is reported', () => {
    const closed = lab('SMI-05');
    ask(closed, passed);
    ask(closed, { allowed: true }, { known: false });
    expect(closed.violations[0]?.message).toBe(
      'smi/my-mesh let a request of somebody without an identity to port 80 of pod default/web pass without a TrafficTarget, though access control is on there',
    );
  });
});

describe('SMI-06 additive', () => {
  test('what no target allows is refused rightly, and what was allowed stays so', () => {
    const made = lab('SMI-06');
    target(made, 'a', ['front'], ['reads']);
    ask(made, passed);
    ask(made, refused, { path: '/write' });
    ask(made, refused, { from: 'back' });
    target(made, 'b', ['back'], ['writes']);
    ask(made, passed);
    expect(made.violations).toEqual([]);
    expect(made.met('SMI-06')).toBe(2);
  });

  test('a flow that a further target ends is reported', () => {
    const made = lab('SMI-06');
    target(made, 'a', ['front'], ['reads']);
    ask(made, passed);
    target(made, 'b', ['back'], ['writes']);
    ask(made, refused);
    expect(made.violations[0]?.message).toBe(
      'smi/my-mesh refused a request of front of default to Pod default/web (so), though TrafficTarget default/a allows it, and it did so before more targets were added',
    );
  });

  test('shortly after a change, nobody is blamed', () => {
    const made = lab('SMI-06');
    ask(made, refused);
    target(made, 'a', ['front'], ['reads']);
    made.call(
      'smi.Mesh/Authorise',
      'kube-proxy',
      'smi/my-mesh',
      {
        source: { namespace: 'default', serviceAccount: 'front' },
        destination: { metadata: { name: 'web', namespace: 'default', uid: 'u-1' }, spec: { containers: [] } },
        port: 80,
        protocol: 'TCP',
        http: { method: 'GET', path: '/read', headers: {} },
      },
      { ...refused, reason: 'so' },
    );
    expect(made.violations).toEqual([]);
  });
});

describe('SMI-07 order-free', () => {
  test.each([
    ['its second rule', ['front'], ['writes', 'reads'], ' by its rule 2'],
    ['its second source', ['back', 'front'], ['reads'], ' by its source 2'],
  ])('a request that a target allows by %s: passing is silent, refusing is reported', (_what, sources, groups, how) => {
    const made = lab('SMI-07');
    target(made, 'a', sources, groups);
    ask(made, passed);
    expect(made.violations).toEqual([]);
    expect(made.met('SMI-07')).toBe(1);
    ask(made, refused);
    expect(made.violations[0]?.message.endsWith(`though TrafficTarget default/a allows it${how}`)).toBe(true);
  });

  test('one that the second target allows and the mesh refuses is reported', () => {
    const made = lab('SMI-07');
    target(made, 'a', ['back'], ['reads']);
    target(made, 'b', ['front'], ['reads']);
    ask(made, refused);
    expect(made.broken).toEqual(['SMI-07']);
  });
});

describe('SMI-08 namespace-free', () => {
  test('a target elsewhere than in "default" that a mesh heeds is silent, one that it does not is reported', () => {
    const made = lab('SMI-08', 'shop');
    target(made, 'a', ['front'], ['reads'], 'shop');
    ask(made, passed, { space: 'shop' });
    expect(made.violations).toEqual([]);
    expect(made.met('SMI-08')).toBe(1);
    ask(made, refused, { space: 'shop' });
    expect(made.violations).toMatchObject([{ id: 'SMI-08', objects: ['Pod shop/web', 'TrafficTarget shop/a'] }]);
  });
});
