export { type SmallCloud, smallCloud } from './small-cloud.ts';
