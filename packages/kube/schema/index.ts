// Decoding of what users write. A path of its own (`@slipway/kube/schema`), since zod takes 40 ms to load and only loaders need it.

export type { DecodeIssue, Decoded } from './decode.ts';
export { decode, decodeBy, listItems } from './decode.ts';
export { schemas } from './kinds.ts';
export { editDistance, suggestion } from './suggest.ts';
