// What a program that embeds Slipway needs: worlds, their inputs, and what they print. The command is in cli/.
export { InputError, type Place, type Problem } from './manifests/input-error.ts';
export { applyManifests } from './manifests/apply-manifests.ts';
export { type InputWarning, type LoadedObject, loadManifests, type Manifests } from './manifests/load-manifests.ts';
export { SettleWatch, type Progress, type Settled } from './manifests/settle.ts';
export type { SourceText } from './manifests/yaml-source.ts';
export { loadScenario, type LoadOptions } from './scenario/load-scenario.ts';
export { isScenario, readScenarios, type ScenarioDraft, type ScenarioFiles } from './scenario/read-scenario.ts';
export { runScenario, type RunOptions, type ScenarioOutcome, type StepFailure } from './scenario/run-scenario.ts';
export type { Scenario, ScenarioExpectation, ScenarioStep } from './scenario/scenario.ts';
export type { ExpectationResult } from './scenario/watching.ts';
export { diffReport, diffRuns, type DiffReport, diffText, type KeptRun, type RunDiff } from './diff/index.ts';
export { explain, type Guide, guideTo, type Story, storyMermaid, storyText } from './explain/index.ts';
export { FaultBoard, type PlannedFault, type PlannedPartition, type SetFault } from './faults/index.ts';
export {
  type Check,
  defineInvariant,
  type Exchange,
  type Invariant,
  Invariants,
  invariants,
  type Onlooker,
  type OwnInvariant,
  type Verdict,
  type Violation,
  type Watched,
} from './invariants/index.ts';
export * from './fuzz/index.ts';
export { Coverage, type Situation, Situations, situations } from './situations/index.ts';
export type { NodeInfo, Profile, SchedulerPlugin, Status } from './scheduler/index.ts';
export type { SchedulerParts } from './scheduler/plugin.ts';
export type { KubeletDecisions, KubeletParts } from './kubelet/plugin.ts';
export * from './trace/index.ts';
export { builtInPlugins } from './wiring/catalog.ts';
export { type CaseResult, runConformance } from './wiring/conformance.ts';
export { nodePlugins, type PluginChoice, type PluginChoices, worldFactory, type WorldFactory } from './wiring/container.ts';
export { fuzzWorlds } from './wiring/fuzz-world.ts';
export { scenarioWorld, type ScenarioPlugins, type ScenarioWorld } from './wiring/scenario-world.ts';
export { type NodeTemplate, World, type WorldOptions } from './wiring/world.ts';
