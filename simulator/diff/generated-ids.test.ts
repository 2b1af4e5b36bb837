import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Correspondence } from './correspondence.ts';
import { roleName, splitIds } from './generated-ids.ts';

const name = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'bcdfghjklmnpqrstvwxz2456789'), minLength: length, maxLength: length });
const hex = (length: number) => fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const uid = fc.uuid({ version: 4 });

describe('role names', () => {
  it.each([
    ['default/web-75f66c96df-nnvt9', 'default/web-…-…'],
    ['default/web-75f66c96df-nnvt9.18867253ece87813', 'default/web-…-….…'],
    ['pvc-d00b4bd2-dd72-4c2e-a9db-cbba81124778', 'pvc-…'],
    ['vol-0e816b86d3fc87ca5', 'vol-…'],
    ['af0173de8a67c453aaece074d8b49fda-4276638313.us-east-1.elb.amazonaws.com', '…-….us-east-1.elb.amazonaws.com'],
    ['10.244.0.2', '…'],
  ])('%s is %s', (text, role) => expect(roleName(text)).toBe(role));

  it.each(['node-1', 'default/web', 'kube-system/kube-root-ca.crt', 'cr.l5d.io/linkerd/proxy-init:v2.4.2', 'web-0'])(
    '%s keeps its name: nobody drew it',
    (text) => expect(roleName(text)).toBe(text),
  );

  it('a digest is content: it stays', () => {
    const digest = `nginx@sha256:${'a1'.repeat(32)}`;
    expect(splitIds(digest)).toEqual({ shape: digest, ids: [] });
  });
});

describe('correspondence', () => {
  it('ids of any kind: whatever was drawn, the role is the same and the pair is learnt', () => {
    const pair = fc.oneof(fc.tuple(name(5), name(5)), fc.tuple(hex(64), hex(64)), fc.tuple(uid, uid), fc.tuple(hex(17), hex(17)));
    fc.assert(
      fc.property(pair, ([left, right]) => {
        const ids = new Correspondence();
        expect(ids.learn(`pods/web-${left}`, `pods/web-${right}`)).toBe(true);
        expect(ids.translate(`pods/web-${left}`)).toBe(`pods/web-${right}`);
      }),
    );
  });

  it('one to one: an id that stands for another cannot stand for a second', () => {
    fc.assert(
      fc.property(fc.uniqueArray(hex(64), { minLength: 3, maxLength: 3 }), ([a = '', b = '', c = '']) => {
        const ids = new Correspondence();
        ids.learn(a, b);
        expect(ids.accepts(a, b)).toBe(true);
        expect(ids.accepts(a, c)).toBe(false);
        expect(ids.accepts(c, b)).toBe(false);
      }),
    );
  });

  it('texts of different roles never correspond', () => {
    const ids = new Correspondence();
    expect(ids.learn('default/web-75f66c96df-nnvt9', 'default/api-75f66c96df-4pt87')).toBe(false);
    expect(ids.translate('default/web-75f66c96df-nnvt9')).toBe('default/web-75f66c96df-nnvt9');
  });
});
