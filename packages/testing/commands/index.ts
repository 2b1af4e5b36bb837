export * from './cni-commands.ts';
export * from './cni-model.ts';
export * from './cri-commands.ts';
export * from './cri-model.ts';
export * from './csi-commands.ts';
export * from './csi-model.ts';
export * from './mesh-commands.ts';
export type { HistoryOptions, ModelCommand } from './model-run.ts';
export { assertHistories, modelCommand } from './model-run.ts';
