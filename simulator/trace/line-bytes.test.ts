import { decodeUtf8 } from '@slipway/host';
import type { TraceRecord } from '@slipway/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { traceLine } from './line.ts';
import { LineBytes } from './line-bytes.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('kubelet/node-1', 'say "no"', 'a\\b', 'two\nlines', 'Zürich', '😀', '\u007f', '\ud800'),
  fc.nat(40_000).map((length) => 'x'.repeat(length)),
);
const record: fc.Arbitrary<TraceRecord> = fc.record({
  seq: fc.nat(),
  at: fc.nat(),
  actor: text,
  kind: fc.constantFrom('write', 'call', 'answer', 'decision', 'fault', 'log'),
  name: text,
  subject: fc.option(text, { nil: undefined }),
  cause: fc.nat(),
  data: fc.array(fc.oneof(text, fc.double(), fc.integer(), fc.boolean()), { maxLength: 5 }),
});

test('bytes of lines: are those of the texts, each with its line feed', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 8 }), (records) => {
      let written = '';
      const bytes = new LineBytes((part) => {
        written += decodeUtf8(part);
      });
      for (const each of records) bytes.add(each);
      bytes.flush();
      expect(written).toBe(records.map((each) => `${traceLine(each)}\n`).join(''));
    }),
    { numRuns: 60 },
  );
});
