import './plugin.ts';

export * from './contract.ts';
export * from './crds.ts';
export * from './kinds.ts';
export * from './messages.ts';
export * from './rules.ts';
export * from './semantics/index.ts';
export * from './service.ts';
export type * from './types/index.ts';
export type { MeshServices } from './plugin.ts';
export * from './validate.ts';
