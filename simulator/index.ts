// What a program that embeds Slipway needs: worlds, their inputs, and what they print. The command is in cli/.
export { InputError, type Place, type Problem } from './manifests/input-error.ts';
export { applyManifests } from './manifests/apply-manifests.ts';
export { type InputWarning, type LoadedObject, loadManifests, type Manifests } from './manifests/load-manifests.ts';
export { SettleWatch, type Progress, type Settled } from './manifests/settle.ts';
export type { SourceText } from './manifests/yaml-source.ts';
export { Invariants, invariants, type Invariant, type Violation } from './invariants/index.ts';
export type { NodeInfo, Profile, SchedulerPlugin, Status } from './scheduler/index.ts';
export type { SchedulerParts } from './scheduler/plugin.ts';
export * from './trace/index.ts';
export { builtInPlugins } from './wiring/catalog.ts';
export { type CaseResult, runConformance } from './wiring/conformance.ts';
export { nodePlugins, type PluginChoice, type PluginChoices, worldFactory, type WorldFactory } from './wiring/container.ts';
export { type NodeTemplate, World, type WorldOptions } from './wiring/world.ts';
