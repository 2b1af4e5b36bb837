export { default as crun } from './crun.ts';
export * from './registry/index.ts';
export * from './runc/index.ts';
export { default as runc } from './runc/index.ts';
