export { type Answer } from './dns.ts';
export { type Partition, type TunnelDirectory } from './network.ts';
export { goalOf, type TrafficRequest } from './request.ts';
export { Traffic, type TrafficOptions } from './traffic.ts';
export { type Drop, type Outcome, type Stage, type Step } from './trip.ts';
