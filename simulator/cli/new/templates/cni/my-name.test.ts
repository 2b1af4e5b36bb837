import { spawnSync } from 'node:child_process';
import type { PluginConfig } from '@slipway/cni';
import { cniCases } from '@slipway/cni/conformance';
import { assertCniHistories, cniSubject, describeConformance } from '@slipway/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName from './my-name.ts';

/** What the plugin reads. A /29 has five addresses to give: with so few, a leak shows at once. */
const config: PluginConfig = { cniVersion: '1.1.0', name: 'pods', type: 'my-name', subnet: '10.9.0.0/29' };
const connect = () => cniSubject(myName, { config, capacity: 5 });

// One test for each case of the specification.
describeConformance({ describe, it }, 'my-name: CNI conformance', cniCases, connect);

describe('my-name', () => {
  it('pods of one node: addresses differ, whatever the range', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 29 }), fc.integer({ min: 2, max: 5 }), async (prefix, pods) => {
        const { cni, makeNamespace, settle } = cniSubject(myName, { config: { ...config, subnet: `10.9.0.0/${prefix}` } });
        const given = new Set<string | undefined>();
        for (let pod = 0; pod < pods; pod += 1) {
          const request = { containerId: `pod-${pod}`, netns: makeNamespace(), ifname: 'eth0' };
          const { ips } = await settle(cni.add({ ...request, config: { ...config, subnet: `10.9.0.0/${prefix}` } }));
          given.add(ips?.[0]?.address);
        }
        expect(given.size).toBe(pods);
      }),
      { numRuns: 50 },
    ));

  // Random histories against a simple model of who is in; a failure is shrunk to the shortest.
  it('ADD, DEL, CHECK and GC: any order keeps the pool whole', () => assertCniHistories(connect, { numRuns: 50 }));

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});
