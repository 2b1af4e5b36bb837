export * from './define-plugin.ts';
