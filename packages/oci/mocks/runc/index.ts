import { runtimePlugin } from './plugin.ts';

export { HOOK_INPUT } from './hooks.ts';
export { runtimePlugin } from './plugin.ts';
export { Runc, type RuncOptions } from './runc.ts';

/** runc: a Go program that executes itself again inside the container, so `create` takes tens of milliseconds. */
export default runtimePlugin('runc', 'opencontainers/runc 1.3, the reference runtime', '/run/runc', {
  create: '30ms..60ms',
  start: '8ms..20ms',
  exec: '25ms..50ms',
  delete: '15ms..35ms',
  '*': '6ms..14ms',
});
