import './plugin.ts';

export * from './contract.ts';
export * from './messages/index.ts';
export * from './plugin.ts';
export * from './service.ts';
