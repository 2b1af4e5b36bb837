import { runtimePlugin } from './runc/plugin.ts';

/** crun: the same in C, about twice as fast (containers/crun, README "Performance"). */
export default runtimePlugin('crun', 'containers/crun 1.x, a fast runtime in C', '/run/crun', {
  create: '12ms..28ms',
  start: '3ms..8ms',
  exec: '10ms..22ms',
  delete: '6ms..16ms',
  '*': '2ms..6ms',
});
