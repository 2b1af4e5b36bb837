import { describe, expect, it, test } from 'vitest';
import { traceFormat } from './trace-file.ts';

describe('the format of a trace', () => {
  test.each([
    ['out/t.ndjson', 'ndjson'],
    ['t.json', 'ndjson'],
    ['t.mmd', 'mermaid'],
    ['t.perfetto.json', 'perfetto'],
    ['t.otel.json', 'otel'],
    ['my.run/t.txt', 'text'],
    ['t.log', 'text'],
    ['/dev/stdout', 'text'],
    ['v1.2/trace', 'text'],
  ])('%s is %s', (file, format) => expect(traceFormat(file, undefined)).toBe(format));

  it('an ending that stands for none is refused, unless a format is given', () => {
    expect(() => traceFormat('out.foo', undefined)).toThrow('--trace out.foo: no format goes with the ending .foo');
    expect(traceFormat('out.foo', 'mermaid')).toBe('mermaid');
    expect(() => traceFormat('t.txt', 'foo')).toThrow('there is no trace format "foo"');
  });
});
