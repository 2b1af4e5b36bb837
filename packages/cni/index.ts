import './plugin.ts';

export * from './contract.ts';
export * from './data-path.ts';
export * from './errors.ts';
export * from './host-data-path.ts';
export * from './methods.ts';
export * from './network-config.ts';
export * from './rules.ts';
export * from './runtime/index.ts';
export * from './service.ts';
