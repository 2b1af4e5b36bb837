import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  configMapKeyProblems,
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  envVarNameProblems,
  generatedName,
  isIPv4,
  isIPv6,
  labelValueProblems,
  type NameCheck,
  portNameProblems,
  qualifiedNameProblems,
  safeEncode,
} from './names.ts';

const cases: readonly (readonly [string, NameCheck, readonly string[], readonly string[]])[] = [
  ['dns1123Label', dns1123LabelProblems, ['a', '0', 'a-b', 'a'.repeat(63)], ['', 'A', '-a', 'a-', 'a.b', 'a'.repeat(64), 'a_b', 'a\n']],
  ['dns1123Subdomain', dns1123SubdomainProblems, ['a', 'a.b', '1.2', `${'a'.repeat(63)}.b`], ['', 'a..b', '.a', 'A.b', 'a'.repeat(254)]],
  ['dns1035Label', dns1035LabelProblems, ['a', 'a-1'], ['', '1a', 'a.b', 'A']],
  [
    'qualifiedName',
    qualifiedNameProblems,
    ['a', 'A_b.c', 'x.io/y', 'kubernetes.io/role'],
    ['', '/a', 'a/', 'a/b/c', 'X.io/y', '-a', 'a'.repeat(64)],
  ],
  ['labelValue', labelValueProblems, ['', 'a', 'A.b_c-1'], ['-a', 'a ', 'a/b', 'a'.repeat(64)]],
  ['portName', portNameProblems, ['http', 'a1', '1a'], ['', '80', 'a--b', '-a', 'a-', 'HTTP', 'a'.repeat(16)]],
  ['envVarName', envVarNameProblems, ['A', 'my.env-name', '1A'], ['', 'A=B', 'é']],
  ['configMapKey', configMapKeyProblems, ['a', '.dockercfg', 'a..b', 'K_1'], ['', '.', '..', '..a', 'a/b', 'a'.repeat(254)]],
];

describe('names', () => {
  it.each(cases)('%s: takes the good and refuses the bad', (_name, check, good, bad) => {
    for (const name of good) expect([name, check(name)]).toEqual([name, []]);
    for (const name of bad) expect([name, check(name).length > 0]).toEqual([name, true]);
  });

  it('messages: are those that users know', () => {
    expect(dns1123LabelProblems('A')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name', or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(dns1123LabelProblems('a.b')).toEqual(['must not contain dots']);
    expect(portNameProblems('80')).toEqual(['must contain at least one letter (a-z)']);
  });

  it('addresses: only exact forms count', () => {
    expect(['10.0.0.1', '255.255.255.255'].every(isIPv4)).toBe(true);
    expect(['10.0.0', '256.0.0.1', '01.0.0.1', '1.2.3.4.5', ''].some(isIPv4)).toBe(false);
    expect(['::', '::1', '2001:db8::ffff', '1:2:3:4:5:6:7:8', '::ffff:10.0.0.1'].every(isIPv6)).toBe(true);
    expect(['', ':', '1:2', ':::', '1::2::3', '12345::', '1:2:3:4:5:6:7:8::', '10.0.0.1', '::1:'].some(isIPv6)).toBe(false);
  });

  it('property: a generated name is a name, keeps its base and adds five letters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,80}-$/), fc.infiniteStream(fc.nat({ max: 26 })), (base, random) => {
        const name = generatedName(base, (bound) => (random.next().value ?? 0) % bound);
        expect(name.length).toBe(Math.min(base.length, 58) + 5);
        expect(dns1123LabelProblems(name)).toEqual([]);
        expect(name.startsWith(base.slice(0, 58))).toBe(true);
      }),
    );
  });

  it('safeEncode: digits become letters of names', () => {
    expect(safeEncode('1234567890')).toHaveLength(10);
    expect(safeEncode('1234567890')).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]+$/);
  });
});
