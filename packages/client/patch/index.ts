export * from './document.ts';
export * from './json-patch.ts';
export * from './merge-patch.ts';
export * from './strategic-merge.ts';
export * from './three-way.ts';
