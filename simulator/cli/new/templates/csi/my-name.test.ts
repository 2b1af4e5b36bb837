import { spawnSync } from 'node:child_process';
import { aws } from '@slipway/cloud/mocks';
import { runConformance } from '@slipway/simulator';
import { csiSubject, parseOptions, pluginContext } from '@slipway/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName from './my-name.ts';

// One test for each case of the specification, each in a cluster of its own with two machines.
describe('my-name: CSI conformance', async () => {
  for (const { id, title, outcome, message } of await runConformance('csi', { csi: [{ use: myName }] }))
    it.skipIf(outcome === 'skipped')(`${title} (${id})`, () => expect(outcome, message).toBe('passed'));
});

/** The driver alone, with the simulated cloud that it asks. */
function driver() {
  return csiSubject(myName, {
    cloud: ({ dataCentre }) => aws.create({ ...pluginContext({ options: parseOptions(aws, {}) }), dataCentre }),
  });
}

describe('my-name', () => {
  it('createVolume: any order of names, with repeats, makes one volume for each name', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('red', 'green', 'blue'), { minLength: 1, maxLength: 8 }), async (names) => {
        const { controller, settle } = bound(driver());
        const volumes = new Map<string, string>();
        for (const name of names) {
          const { volume } = await settle(
            controller.createVolume({ name, volumeCapabilities: [{ mount: {}, accessMode: { mode: 'MULTI_NODE_MULTI_WRITER' } }] }),
          );
          expect(volumes.get(name) ?? volume.volumeId).toBe(volume.volumeId);
          volumes.set(name, volume.volumeId);
        }
        expect(new Set(volumes.values()).size).toBe(volumes.size);
      }),
      { numRuns: 25 },
    ));

  it('scenario: what it expects holds', () => {
    // `npm test` and `npx vitest` put the command in PATH.
    const { status, stdout, stderr } = spawnSync('slipway', ['run', 'scenario.yaml'], { cwd: import.meta.dirname, encoding: 'utf8' });
    expect(status, `${stdout}\n${stderr}`).toBe(0);
  });
});

function bound(subject: ReturnType<typeof driver>) {
  const { controller } = subject;
  if (!controller) throw new Error('the driver has no controller');
  return { controller, settle: subject.settle.bind(subject) };
}
