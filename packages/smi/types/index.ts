export type * from './identity-binding.ts';
export type * from './routes.ts';
export type * from './traffic-metrics.ts';
export type * from './traffic-split.ts';
export type * from './traffic-target.ts';
