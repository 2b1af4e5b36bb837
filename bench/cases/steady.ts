import { type Micros, minutes } from '@slipway/kernel';
import type { Container, Probe } from '@slipway/kube';
import type { World } from '@slipway/simulator';
import { clock } from '../clock.ts';
import type { Measured } from '../measurement.ts';
import { boot, worldOf, worldWithPods } from '../worlds.ts';

const NODES = 100;
/** The cluster comes to rest before it is measured. */
const SETTLING: Micros = minutes(10);
/** Real time of a measurement, in seconds. */
const LONG_ENOUGH = 4;

/** Nodes without pods, idle ticks left out: leases and the controllers' periodic work remain. */
export function idle(): Measured {
  const world = worldOf(NODES);
  boot(world);
  return timesRealTime(world);
}

/** A pod with two probes on each node, and every idle tick run: leases, relists, probes, resyncs. */
export function busy(): Measured {
  const probe: Probe = { httpGet: { path: '/', port: 80 }, periodSeconds: 10 };
  const container: Partial<Container> = { image: 'nginx:1.27', readinessProbe: probe, livenessProbe: probe };
  return timesRealTime(worldWithPods(NODES, NODES, { elide: false }, container));
}

function timesRealTime({ kernel }: World): Measured {
  kernel.run({ until: kernel.now + SETTLING });
  const from = kernel.now;
  const events = kernel.eventCount;
  const start = clock();
  while (clock() - start < LONG_ENOUGH) kernel.run({ until: kernel.now + minutes(1) });
  const took = clock() - start;
  const virtual = (kernel.now - from) / 1e6;
  return { value: virtual / took, note: `${((kernel.eventCount - events) / virtual).toFixed(1)} events a virtual second` };
}
