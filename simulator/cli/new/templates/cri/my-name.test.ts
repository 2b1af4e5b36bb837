import { spawnSync } from 'node:child_process';
import { referencePlugins } from '@slipway/cni/mocks';
import { OciRegistry, Runc } from '@slipway/oci/mocks';
import { programs } from '@slipway/programs';
import { testCriRuntime } from '@slipway/testing/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName, { registryOf } from './my-name.ts';

// Each case of the specification, any order of calls, with faults and power losses between them.
// A failure prints the shortest story that fails.
testCriRuntime(myName, {
  cni: referencePlugins,
  oci: (host) => new Runc(host),
  registry: () => new OciRegistry(),
  programs: programs(),
  numRuns: 10,
});

describe('my-name', () => {
  it('registry of an image: what stands before the path, whatever the tag', () => {
    const host = fc.constantFrom('registry.k8s.io', 'quay.io', 'localhost:5000', 'registry.example.com');
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(host, word, word, (registry, path, tag) => {
        expect(registryOf(`${registry}/${path}:${tag}`)).toBe(registry);
      }),
    );
  });

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});
