export { nodeNamed } from './node-named.ts';
export { type SmallCloud, smallCloud } from './small-cloud.ts';
