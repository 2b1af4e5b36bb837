import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { tarOf } from './tar.ts';

describe('tar', () => {
  it('tarOf: is an archive that tar reads without complaint', () => {
    const listed = execFileSync('tar', ['-tvf', '-'], {
      input: tarOf('.slipway/linux-amd64/docker.io/library/nginx:1.25 1'),
      encoding: 'utf8',
    });
    expect(listed).toMatch(/^-rw-r--r-- .* 0 1970-01-01 00:00 \.slipway\/linux-amd64\/docker\.io\/library\/nginx:1\.25 1\n$/);
  });
});
