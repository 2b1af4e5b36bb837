import { spawnSync } from 'node:child_process';
import { aws } from '@slipway/cloud/mocks';
import { type CsiSurroundings, csiSubject, parseOptions, pluginContext } from '@slipway/testing';
import { testCsiDriver } from '@slipway/testing/vitest';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import myName from './my-name.ts';

/** The simulated cloud that the driver asks. */
const cloud: NonNullable<CsiSurroundings['cloud']> = ({ dataCentre }) =>
  aws.create({ ...pluginContext({ options: parseOptions(aws, {}) }), dataCentre });

// Each case of the specification, any order of calls on two machines, with faults between them and several clients at once.
// A failure prints the shortest story that fails.
testCsiDriver(myName, { cloud, numRuns: 20 });

/** The driver alone. */
const driver = () => csiSubject(myName, { cloud });

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
