export * from './arbitraries/index.ts';
export * from './commands/index.ts';
export * from './conformance.ts';
export type { CsiDriverObject, Made } from './plugin-forms.ts';
export type { PluginTestOptions, TestPart } from './plugin-parts.ts';
export * from './plugin-tests.ts';
export * from './stories/index.ts';
export * from './stub-context.ts';
export * from './subjects/index.ts';
