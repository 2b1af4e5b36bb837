import fc from 'fast-check';
import { isEqual } from '@slipway/kube';
import { describe, expect, it } from 'vitest';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  createMergePatch,
  type JsonPatchOperation,
  threeWayMergePatch,
  threeWayPatch,
} from './index.ts';

const scalar = fc.oneof(fc.string({ maxLength: 3 }), fc.integer({ min: 0, max: 3 }), fc.boolean());
const document = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(scalar, { maxLength: 3 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4 }),
})).object;

describe('JSON patch (RFC 6902)', () => {
  // Appendix A of the RFC, by number.
  const cases: readonly (readonly [title: string, before: unknown, operations: readonly JsonPatchOperation[], after: unknown])[] = [
    ['A.1 adding a member', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
    ['A.2 adding an element', { foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
    ['A.3 removing a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    ['A.4 removing an element', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
    ['A.5 replacing', { baz: 'qux', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo', foo: 'bar' }],
    [
      'A.6 moving a value',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: {} },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { thud: 'fred' } },
    ],
    [
      'A.7 moving an element',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    ['A.8 testing, success', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'qux' }], { baz: 'qux' }],
    [
      'A.10 adding a nested object',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    ['A.14 escaped names', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    ['A.16 adding at the end', { foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc'] }], { foo: ['bar', ['abc']] }],
    ['copying', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
  ];
  for (const [title, before, operations, after] of cases) {
    it(`${title}`, () => expect(applyJsonPatch(before, operations)).toEqual(after));
  }

  it('refuses what cannot be done: failing test, missing target, bad index, moving into itself', () => {
    const refused: readonly JsonPatchOperation[] = [
      { op: 'test', path: '/a', value: 2 },
      { op: 'add', path: '/missing/b', value: 1 },
      { op: 'remove', path: '/missing' },
      { op: 'replace', path: '/missing', value: 1 },
      { op: 'add', path: '/list/3', value: 1 },
      { op: 'add', path: '/list/01', value: 1 },
      { op: 'move', from: '/deep', path: '/deep/b' },
      { op: 'add', path: 'a', value: 1 },
    ];
    for (const operation of refused) {
      expect(() => applyJsonPatch({ a: 1, list: [1], deep: {} }, [operation])).toThrow(expect.objectContaining({ code: 'Invalid' }));
    }
  });
});

describe('merge patch (RFC 7386)', () => {
  it('the patch from one document to another leads there', () => {
    fc.assert(
      fc.property(document, document, (from, to) => {
        const patch = createMergePatch(from, to);
        expect(isEqual(patch === undefined ? from : applyMergePatch(from, patch), to)).toBe(true);
      }),
    );
  });

  it('a patch that changes nothing gives back the document itself', () => {
    fc.assert(
      fc.property(document, (each) => {
        expect(applyMergePatch(each, structuredClone(each))).toBe(each);
        expect(applyMergePatch(each, {})).toBe(each);
      }),
    );
  });

  it('removes by null and replaces lists whole', () => {
    expect(applyMergePatch({ a: 'b', c: { d: 'e', f: 'g' } }, { a: 'z', c: { f: null } })).toEqual({ a: 'z', c: { d: 'e' } });
    expect(applyMergePatch({ a: [{ b: 'c' }] }, { a: [1] })).toEqual({ a: [1] });
    expect(applyMergePatch({}, { a: { bb: { ccc: null } } })).toEqual({ a: { bb: {} } });
  });
});

describe('strategic merge patch', () => {
  const spec = (...containers: readonly object[]) => ({ spec: { containers } });

  it('merges lists by their key, and keeps what it does not name', () => {
    const live = spec({ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] }, { name: 'b', image: '1' });
    const patch = spec({ name: 'b', image: '2' }, { name: 'a', env: [{ name: 'Y', value: '2' }] });
    expect(applyStrategicMergePatch(live, patch)).toEqual(
      spec(
        {
          name: 'a',
          image: '1',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
        { name: 'b', image: '2' },
      ),
    );
  });

  it('conditions by type, container ports by containerPort, Service ports by port, tolerations whole', () => {
    expect(
      applyStrategicMergePatch(
        { status: { conditions: [{ type: 'A', status: 'False' }, { type: 'B' }] } },
        { status: { conditions: [{ type: 'A', status: 'True' }] } },
      ),
    ).toEqual({
      status: { conditions: [{ type: 'A', status: 'True' }, { type: 'B' }] },
    });
    const ports = (...list: readonly object[]) => spec({ name: 'a', ports: list });
    expect(applyStrategicMergePatch(ports({ containerPort: 80 }), ports({ containerPort: 81 }))).toEqual(
      ports({ containerPort: 80 }, { containerPort: 81 }),
    );
    expect(
      applyStrategicMergePatch({ spec: { ports: [{ port: 80, nodePort: 30_000 }] } }, { spec: { ports: [{ port: 80, name: 'x' }] } }),
    ).toEqual({
      spec: { ports: [{ port: 80, nodePort: 30_000, name: 'x' }] },
    });
    expect(applyStrategicMergePatch({ spec: { tolerations: [{ key: 'a' }] } }, { spec: { tolerations: [{ key: 'b' }] } })).toEqual({
      spec: { tolerations: [{ key: 'b' }] },
    });
    // An EndpointSlice's ports stand at the top and are replaced whole.
    expect(applyStrategicMergePatch({ ports: [{ port: 80 }] }, { ports: [{ port: 81 }] })).toEqual({ ports: [{ port: 81 }] });
  });

  it('obeys $patch, $setElementOrder, $deleteFromPrimitiveList and $retainKeys', () => {
    const live = spec({ name: 'a' }, { name: 'b' }, { name: 'c' });
    expect(applyStrategicMergePatch(live, spec({ name: 'b', $patch: 'delete' }))).toEqual(spec({ name: 'a' }, { name: 'c' }));
    expect(
      applyStrategicMergePatch(live, { spec: { '$setElementOrder/containers': [{ name: 'c' }, { name: 'a' }, { name: 'b' }] } }),
    ).toEqual(spec({ name: 'c' }, { name: 'a' }, { name: 'b' }));
    expect(applyStrategicMergePatch(live, spec({ name: 'z' }, { $patch: 'replace' }))).toEqual(spec({ name: 'z' }));
    expect(applyStrategicMergePatch({ a: { b: 1 } }, { a: { $patch: 'replace', c: 2 } })).toEqual({ a: { c: 2 } });
    const finalizers = { metadata: { finalizers: ['x', 'y'] } };
    expect(applyStrategicMergePatch(finalizers, { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'], finalizers: ['z'] } })).toEqual(
      {
        metadata: { finalizers: ['y', 'z'] },
      },
    );
    const strategy = { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } };
    expect(applyStrategicMergePatch(strategy, { strategy: { $retainKeys: ['type'], type: 'Recreate' } })).toEqual({
      strategy: { type: 'Recreate' },
    });
    expect(() => applyStrategicMergePatch(live, spec({ image: 'x' }))).toThrow('does not contain declared merge key: name');
  });

  it('gives back the target itself when nothing changes', () => {
    const live = spec({ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] });
    expect(applyStrategicMergePatch(live, structuredClone(live))).toBe(live);
  });
});

describe('three-way apply', () => {
  it('sets what is wanted, removes what was applied before, leaves what others set', () => {
    const last = {
      spec: {
        replicas: 2,
        containers: [
          { name: 'a', image: '1' },
          { name: 'old', image: '1' },
        ],
      },
    };
    const wanted = { spec: { containers: [{ name: 'a', image: '2' }] } };
    const live = {
      spec: {
        replicas: 5,
        paused: true,
        containers: [{ name: 'a', image: '1', pull: 'Always' }, { name: 'old', image: '1' }, { name: 'injected' }],
      },
    };
    expect(applyStrategicMergePatch(live, threeWayPatch(last, wanted, live))).toEqual({
      spec: { paused: true, containers: [{ name: 'a', image: '2', pull: 'Always' }, { name: 'injected' }] },
    });
  });

  it('ends in a state that needs no further patch, and that has everything wanted', () => {
    fc.assert(
      fc.property(document, document, document, (last, wanted, live) => {
        const patch = threeWayMergePatch(last, wanted, live);
        const applied = patch === undefined ? live : applyMergePatch(live, patch);
        expect(threeWayMergePatch(wanted, wanted, applied)).toBeUndefined();
        expect(isEqual(applyMergePatch(applied, wanted), applied)).toBe(true);
      }),
    );
  });

  it('is empty for what is in place', () => {
    fc.assert(
      fc.property(document, (each) => {
        expect(threeWayPatch(each, each, each)).toBeUndefined();
      }),
    );
  });
});
