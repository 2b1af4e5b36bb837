export * from './arbitraries/index.ts';
export * from './commands/index.ts';
export * from './conformance.ts';
export * from './stub-context.ts';
export * from './subjects/index.ts';
