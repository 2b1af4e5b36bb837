import { type Measured, median, timed } from '../measurement.ts';
import { boot, runPods, worldOf } from '../worlds.ts';

const NODES = 30;
const PODS = 300;
const ROUNDS = 7;

/** The same cluster with every invariant and the fingerprint, and with neither; in turns, so that noise meets both. */
export function allChecks(): Measured {
  const run = (checked: boolean): number =>
    timed(() => {
      const world = worldOf(NODES, checked ? {} : { withoutInvariants: true });
      // The kernel still makes the records; nobody is there to see them.
      if (!checked) world.kernel.events.removeAllListeners('trace');
      boot(world);
      runPods(world, PODS);
      if (checked) world.invariants.atRest();
      if (world.invariants.violations.length > 0) throw new Error(world.invariants.violations[0]?.message);
    }).seconds;
  run(true);
  run(false);
  const rounds = Array.from({ length: ROUNDS }, () => ({ bare: run(false), checked: run(true) }));
  const bare = median(rounds.map((round) => round.bare));
  const checked = median(rounds.map((round) => round.checked));
  return { value: checked / bare, note: `${(bare * 1e3).toFixed(0)} ms bare, ${(checked * 1e3).toFixed(0)} ms checked` };
}
