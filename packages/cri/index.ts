export * from './contract.ts';
export * from './errors.ts';
export type * from './messages/index.ts';
export * from './methods.ts';
export * from './rules.ts';
export * from './service.ts';
export * from './plugin.ts';
