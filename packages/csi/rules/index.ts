// What the spec demands of each call, for the link's guard. What only the driver can find out (no such volume, no room) is not here.

export * from './controller.ts';
export { MAP_BYTES, STRING_BYTES } from './limits.ts';
export { sameTopology } from './names.ts';
export * from './node.ts';
export * from './others.ts';
export { accessModes, sourceId } from './shapes.ts';
