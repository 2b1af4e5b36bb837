import { type CaseInput, type Measured, timed } from '../measurement.ts';
import { boot, runPods, worldOf } from '../worlds.ts';
import type { World } from '@slipway/simulator';

/** From `new World` until the last pod runs, cold, as a command does it. */
export function hundredNodes(): Measured {
  const { seconds, result } = timed(() => cluster(100, 1_000));
  return { value: seconds, note: result };
}

/** Pods that come to Running in a second of real time, once the nodes are up. */
export function thousandNodes(): Measured {
  const world = worldOf(1_000);
  const { seconds: booting } = timed(() => boot(world));
  const { seconds } = timed(() => runPods(world, 1_000));
  return { value: 1_000 / seconds, note: `nodes up in ${booting.toFixed(2)} s; ${counts(world)}` };
}

const GROWTH_PODS = 1_000;

/** The same pods on ever more nodes: what one costs, less the nodes' own start. */
export function costPerPod({ size }: CaseInput): Measured {
  const world = worldOf(size);
  const { seconds: booting } = timed(() => boot(world));
  const events = world.kernel.eventCount;
  const { seconds } = timed(() => runPods(world, GROWTH_PODS));
  const each = Math.round((world.kernel.eventCount - events) / GROWTH_PODS);
  return { value: (seconds / GROWTH_PODS) * 1e6, note: `${each} events/pod; a node ${((booting / size) * 1e3).toFixed(2)} ms` };
}

/** 30 pods a node. */
export function largest(): Measured {
  const { seconds, result } = timed(() => cluster(5_000, 150_000));
  return { value: seconds, note: result };
}

function cluster(nodes: number, pods: number): string {
  const world = worldOf(nodes);
  const { seconds } = timed(() => boot(world));
  runPods(world, pods);
  return `nodes up in ${seconds.toFixed(2)} s; ${counts(world)}`;
}

function counts({ kernel, recorder }: World): string {
  return `${kernel.eventCount} events, ${recorder.count} traced`;
}
