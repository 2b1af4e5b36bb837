import './plugin.ts';

export * from './contract.ts';
export * from './errors.ts';
export * from './messages.ts';
export * from './plugin.ts';
export * from './rules.ts';
export * from './service.ts';
