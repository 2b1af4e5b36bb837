import { describe, expect, test } from 'vitest';
import { requestEssentials } from './request-essentials.ts';

describe('the essentials of a request', () => {
  test('are its texts and numbers, those at the top first, without what was said', () => {
    const request = {
      config: { metadata: { name: 'web', attempt: 0 }, args: ['sh', '-c'], env: [{ key: 'A' }] },
      volumeId: 'vol-1',
      nodeId: 'i-1',
      size: 5n,
      readonly: false,
      secret: new Uint8Array(3),
      id: 'f'.repeat(64),
    };
    expect(requestEssentials(request, 'vol-1', 90)).toBe('nodeId i-1, size 5, secret 3 bytes, id ffffffffffff, args sh -c, name web');
  });

  test('fit into their line, and say when something is left out', () => {
    expect(requestEssentials({ a: 'x'.repeat(20), b: 'y'.repeat(20), c: 1 }, undefined, 30)).toBe(`a ${'x'.repeat(20)}, c 1, …`);
    expect(requestEssentials({ a: 'x'.repeat(40) }, undefined, 20)).toBe(`a ${'x'.repeat(17)}…`);
  });

  test('are none of an empty request, or of none', () => {
    expect(requestEssentials({}, undefined, 80)).toBe('');
    expect(requestEssentials(undefined, undefined, 80)).toBe('');
  });
});
