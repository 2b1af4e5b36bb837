export * from './config-file.ts';
export * from './execute.ts';
export * from './network-runtime.ts';
export * from './request-config.ts';
export * from './result-cache.ts';
