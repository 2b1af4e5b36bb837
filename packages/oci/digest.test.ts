import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chainIdOf, decode, digestOf, emptyDescriptor, encode, encodeJson, verifies } from './index.ts';

describe('digest', () => {
  it('digestOf: is SHA-256 as Node computes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (content) => {
        expect(digestOf(content)).toBe(`sha256:${createHash('sha256').update(content).digest('hex')}`);
      }),
    );
  });

  it('verifies: any other content is refused', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, other) => {
        expect(verifies(digestOf(encode(one)), encode(other))).toBe(decode(encode(one)) === decode(encode(other)));
      }),
    );
  });

  it('digestOf: of the empty object is the one that the image spec prints', () => {
    expect(digestOf(encodeJson({}))).toBe(emptyDescriptor.digest);
    expect(decode(Uint8Array.from(Buffer.from(emptyDescriptor.data ?? '', 'base64')))).toBe('{}');
  });

  it('chainIdOf: the first layer’s is its own, each further one hashes what is below', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((text) => digestOf(encode(text)));
    if (!a || !b || !c) throw new Error('three digests');
    expect(chainIdOf([])).toBeUndefined();
    expect(chainIdOf([a])).toBe(a);
    expect(chainIdOf([a, b])).toBe(digestOf(encode(`${a} ${b}`)));
    expect(chainIdOf([a, b, c])).toBe(digestOf(encode(`${chainIdOf([a, b])} ${c}`)));
  });
});
