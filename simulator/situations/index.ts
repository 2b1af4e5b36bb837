export { Coverage } from './coverage.ts';
export { situations } from './list.ts';
export type { Situation } from './situation.ts';
export { Situations } from './situations.ts';
