export * from './distribution/rules.ts';
export * from './runtime/rules.ts';
