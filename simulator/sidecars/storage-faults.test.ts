import fc from 'fast-check';
import { type Fault, type FaultKind, minutes, seconds } from '@slipway/kernel';
import { describe, expect, it } from 'vitest';
import { type SidecarName, StorageWorld } from './testing/storage-world.ts';

/** The invariants of /work/shared/invariants.md that the controllers and side-cars answer for, under what can go wrong between the parts. */

// A side-car that dies while a call of its is still on its way is left out: the driver works on it after whatever the next one asks, which
// no order of calls can mend. In life the connection ends with the side-car.
const prompt: readonly FaultKind[] = [
  { error: { code: 'INTERNAL' } },
  { error: { code: 'ABORTED' } },
  { refuse: {} },
  { loseAnswer: true },
  { hang: true },
  { duplicate: true },
];
// Within the deadline of 10 s: a call that is delivered after its caller has given up may make a volume anew that has been deleted since. In life
// gRPC takes it back.
const late: readonly FaultKind[] = [{ delay: '3s' }, { delay: '9s' }];
// INTERNAL says that nothing is being made (it is final: external-provisioner, pkg/controller, checkError). Beside a call that is still on its
// way this would be a lie of the driver, and the provisioner may believe it.
const inDoubt = prompt.filter((kind) => !('error' in kind) || kind.error.code !== 'INTERNAL');

type Step =
  | { readonly do: 'fault'; readonly sidecar: SidecarName; readonly fault: Fault }
  | { readonly do: 'restart'; readonly what: SidecarName | 'controllers' }
  | { readonly do: 'add' }
  | { readonly do: 'drop-pod' }
  | { readonly do: 'drop-claim' }
  | { readonly do: 'heal' };

const sidecar = fc.constantFrom<SidecarName>('provisioner', 'attacher');

const faultOf = (kinds: readonly FaultKind[]) =>
  fc.record({
    do: fc.constant('fault' as const),
    sidecar,
    fault: fc.record({
      kind: fc.constantFrom(...kinds),
      times: fc.integer({ min: 1, max: 3 }),
      after: fc.integer({ min: 0, max: 1 }),
    }),
  });
const plain = (...what: ('add' | 'drop-pod' | 'drop-claim' | 'heal')[]) => fc.constantFrom(...what).map((each) => ({ do: each }));
const restarts = (...what: (SidecarName | 'controllers')[]) =>
  fc.record({ do: fc.constant('restart' as const), what: fc.constantFrom(...what) });

/** Steps with the seconds before each. */
const schedule = (step: fc.Arbitrary<Step>) =>
  fc.array(fc.tuple(step, fc.double({ min: 0, max: 4, noNaN: true })), { minLength: 4, maxLength: 12 });

class Story {
  readonly world: StorageWorld;
  #names = 0;
  #pods: string[] = [];
  #claims: string[] = [];

  constructor(seed: number) {
    this.world = new StorageWorld({ kernel: { seed }, without: ['resizer'] });
  }

  take(step: Step): void {
    const { world } = this;
    switch (step.do) {
      case 'fault':
        return world.set(step.sidecar, [step.fault]);
      case 'restart':
        return step.what === 'controllers' ? world.restartControllers() : world.restartSidecar(step.what);
      case 'heal':
        return world.heal();
      case 'add': {
        const name = `x${++this.#names}`;
        world.addClaim(name, this.#names % 3 === 0 ? 'now' : 'wait');
        world.addPod(name, [name]);
        this.#pods.push(name);
        this.#claims.push(name);
        return undefined;
      }
      case 'drop-pod': {
        const name = this.#pods.shift();
        return name === undefined ? undefined : world.deletePod(name);
      }
      case 'drop-claim': {
        const name = this.#claims.shift();
        return name === undefined ? undefined : world.deleteClaim(name);
      }
    }
  }

  /** Everything healed: what is wanted is there, and pairs match. */
  settle(): void {
    const { world } = this;
    world.heal();
    world.pass(minutes(12));
    const wanted = this.#pods.filter((name) => this.#claims.includes(name));
    expect(wanted.filter((name) => !world.isRunning(name))).toEqual([]);
    expect(world.leftovers()).toEqual([]);
  }

  /** Nobody wants anything any more: nothing is left. */
  clear(): void {
    const { world } = this;
    for (const name of this.#pods) world.deletePod(name);
    for (const name of this.#claims) world.deleteClaim(name);
    world.pass(minutes(8));
    expect(world.driver.violations).toEqual([]);
    expect([world.claims, world.attachments, world.volumes, [...world.driver.volumes.values()]].map(({ length }) => length)).toEqual([
      0, 0, 0, 0,
    ]);
  }
}

function tell(seed: number, steps: readonly (readonly [Step, number])[]): void {
  const story = new Story(seed);
  story.take({ do: 'add' });
  for (const [step, wait] of steps) {
    story.world.pass(seconds(wait));
    story.take(step);
  }
  story.settle();
  story.clear();
}

describe('storage under faults', () => {
  it('errors, lost answers, hangs and restarts at any moment: volumes converge, are on one node at a time, and none is left behind', () => {
    const step = fc.oneof(faultOf(prompt), restarts('provisioner', 'attacher', 'controllers'), plain('add', 'drop-pod', 'heal'));
    fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), schedule(step), tell), { numRuns: 12 });
  });

  it('claims that are deleted while their volumes are being made: no volume is left behind (CSI-06)', () => {
    const step = fc.oneof(faultOf([...inDoubt, ...late]), restarts('controllers'), plain('add', 'drop-pod', 'drop-claim', 'heal'));
    fc.assert(fc.property(fc.integer({ min: 1, max: 1000 }), schedule(step), tell), { numRuns: 12 });
  });
});
