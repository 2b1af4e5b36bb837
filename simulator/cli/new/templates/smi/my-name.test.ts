import { spawnSync } from 'node:child_process';
import type { Namespace, Stored } from '@slipway/kube';
import { arbitraryPod } from '@slipway/testing';
import { testMesh } from '@slipway/testing/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName, { withProxy } from './my-name.ts';

// Each case of the contract, any order of changes to what it reads.
// A failure prints the shortest story that fails.
testMesh(myName, { numRuns: 10 });

const namespace: Stored<Namespace> = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: 'default',
    uid: 'u',
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    annotations: { 'openservicemesh.io/sidecar-injection': 'enabled' },
  },
};

describe('my-name', () => {
  it('inject: whatever the pod, all of it is there afterwards, and the second time changes nothing', () => {
    fc.assert(
      fc.property(arbitraryPod(), (pod) => {
        const injected = withProxy({ pod, namespace }).pod;
        expect(injected?.spec.containers.slice(0, -1)).toEqual(pod.spec.containers);
        expect({ ...injected, spec: { ...injected?.spec, containers: pod.spec.containers } }).toEqual(pod);
        expect(injected && withProxy({ pod: injected, namespace }).pod).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});
