// Leaks of the real world: what somebody's own modules take from the host while a world runs.
export { guardHost } from './guard-host.ts';
export { beforeLoading, leaksOf, rememberModule } from './notes.ts';
export { ownLeaks } from './own-leaks.ts';
export { tellLeaks } from './tell-leaks.ts';
