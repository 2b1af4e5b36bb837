import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { decodeUtf8 } from './utf8.ts';

describe('decodeBase64', () => {
  it('undoes base64 of any text, padded or not', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('base64', 'base64url'), (text, form) => {
        const encoded = Buffer.from(text, 'utf8').toString('base64');
        expect(decodeUtf8(decodeBase64(form === 'base64' ? encoded : encoded.replace(/=+$/, '')))).toBe(text);
      }),
    );
  });
});

describe('encodeBase64', () => {
  it('is what Node writes, and decodes to the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect([...decodeBase64(encodeBase64(bytes))]).toEqual([...bytes]);
      }),
    );
  });
});
