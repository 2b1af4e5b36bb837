export * from './distribution/errors.ts';
export * from './runtime/errors.ts';
