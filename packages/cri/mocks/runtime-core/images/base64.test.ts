import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';

describe('decodeBase64', () => {
  it('undoes base64 of any text, padded or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('base64', 'base64url'), (text, form) => {
        const encoded = Buffer.from(text, 'utf8').toString('base64');
        expect(decodeBase64(form === 'base64' ? encoded : encoded.replace(/=+$/, ''))).toBe(text);
      }),
    );
  });
});
