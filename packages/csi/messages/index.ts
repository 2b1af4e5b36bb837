export * from './controller.ts';
export * from './enums.ts';
export * from './group-controller.ts';
export * from './identity.ts';
export * from './node.ts';
export * from './snapshot.ts';
export * from './snapshot-metadata.ts';
export * from './volume.ts';
