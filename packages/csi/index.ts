import './plugin.ts';

export * from './contract.ts';
export * from './errors.ts';
export type * from './messages/index.ts';
export * from './methods.ts';
export * from './plugin.ts';
export * from './rules/index.ts';
export * from './second-publish.ts';
export * from './service.ts';
export * from './snapshot-definitions.ts';
