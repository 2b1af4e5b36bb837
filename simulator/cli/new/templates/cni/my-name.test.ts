import { spawnSync } from 'node:child_process';
import type { PluginConfig } from '@slipway/cni';
import { cniSubject } from '@slipway/testing';
import { testCniPlugin } from '@slipway/testing/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName from './my-name.ts';

/** What the plugin reads. A /29 has five addresses to give: with so few, a leak shows at once. */
const config: PluginConfig = { cniVersion: '1.1.0', name: 'pods', type: 'my-name', subnet: '10.9.0.0/29' };

// Each case of the specification, any order of ADD, DEL, CHECK and GC, with faults between them.
// A failure prints the shortest story that fails.
testCniPlugin(myName, { config, capacity: 5, numRuns: 30 });

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

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});
